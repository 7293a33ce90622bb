"""What is measured can still be measured; how long it took is nobody's business here."""

import re

from bench.__main__ import PATHS
from tests.stack.running import stack

MEASURED = re.compile(r"^(\S.*?)  +[\d.,]+ ms +[\d.,]+ ms +\d+\.\d ", re.MULTILINE)


def test_every_hot_path_is_measured_beside_its_floor(tmp_path):
    said = stack("bench", "--", "--try", data_dir=tmp_path, code=0).stdout
    lines = MEASURED.findall(said)
    assert len(lines) > len(PATHS), said
    assert len(set(lines)) == len(lines)
