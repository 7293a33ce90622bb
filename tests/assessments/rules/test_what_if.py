"""Other weights: the rule, and the script in the page that repeats it, on the same sheets."""

import json
import subprocess
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from playwright._impl._driver import compute_driver_executable

from assessments.rules import scoring, what_if
from assessments.rules.criteria import Axis, Criterion, derive_annual_value, derive_range
from assessments.rules.scoring import Sheet
from portfolio.rules.words import Place

SCRIPT = Path(__file__).parents[3] / "static/js/what-if.js"
SCALE = tuple(Decimal(n) for n in (0, 50_000, 150_000, 500_000, 1_500_000, 5_000_000))
SHEETS = 1_000
WEIGHTS = ["0", "0.5", "1", "1.25", "2", "3", "7.3", "8", "16", "0.01", "9999.99"]
RUN = """
const fs = require("fs"), vm = require("vm");
const page = vm.runInThisContext(fs.readFileSync(process.argv[1], "utf8") + ";whatIf");
const answers = JSON.parse(fs.readFileSync(0, "utf8")).map(([sent, weights]) => {
  const found = page.rank(page.read(sent), weights);
  const names = ["order", "place", "impact", "feasibility", "score"];
  return Object.fromEntries(names.map((name) => [name, [...found[name]]]));
});
process.stdout.write(JSON.stringify(answers));
"""


def random_sheet(chance: np.random.Generator) -> Sheet:
    size, width = int(chance.integers(1, 30)), int(chance.integers(3, 10))
    criteria = [
        Criterion(
            f"c{row}", Axis.IMPACT if chance.random() < 0.5 else Axis.FEASIBILITY, weight_of(chance)
        )
        for row in range(width)
    ]
    criteria += [
        Criterion("annual_value", Axis.IMPACT, weight_of(chance)),
        Criterion("data_readiness", Axis.FEASIBILITY, weight_of(chance)),
    ]
    counts = chance.integers(0, 4, (width + 2, size))
    steps = chance.integers(0, 11, counts.shape) * 30  # likely in halves, as people rate
    fine = chance.integers(0, 301, counts.shape)
    tenths = np.where(chance.random(counts.shape) < 0.7, steps, fine) * counts
    amounts = chance.integers(-10, 6_000_000, size) * 1_000_000 + chance.integers(0, 2, size)
    ready = chance.integers(0, 6_000_001, size) * 5
    numbers = np.sort(chance.choice(10_000, size, replace=False))
    if chance.random() < 0.3:
        # A sum of 32 puts axes and scores exactly between two ten-thousandths.
        shares = [Decimal(int(part)) for part in chance.integers(1, 32, 2)]
        of_32 = [(axis, share) for axis, share in zip(Axis, shares, strict=True)]
        criteria = [
            Criterion(f"c{row}", axis, weight)
            for row, (axis, weight) in enumerate(
                [*of_32, *((axis, 32 - share) for axis, share in of_32)]
            )
        ]
        counts, tenths = np.ones((4, size), dtype=np.int64), chance.integers(0, 11, (4, size)) * 30
    return Sheet(
        criteria=tuple(criteria),
        ids=numbers + 7,
        numbers=numbers,
        ready=chance.random(size) < 0.7,
        disqualified=chance.random(size) < 0.1,
        tenths=tenths,
        counts=counts,
        derived={
            "annual_value": derive_annual_value(amounts, chance.random(size) < 0.8, SCALE),
            "data_readiness": derive_range(ready, ready // 3, chance.random(size) < 0.8),
        }
        if len(criteria) > 4
        else {},
    )


def weight_of(chance: np.random.Generator) -> Decimal:
    return Decimal(WEIGHTS[int(chance.integers(len(WEIGHTS)))])


def in_the_page(cases: list) -> list[dict]:
    """What the script answers, run as the browser runs it but for the page around it."""
    node, _ = compute_driver_executable()
    done = subprocess.run(
        [node, "-e", RUN, SCRIPT],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_script_in_the_page_ranks_as_the_rule_does():
    chance = np.random.default_rng(20_261_123)
    cases, wanted, halves = [], [], 0
    for _ in range(SHEETS):
        sheet = random_sheet(chance)
        weights = {one.slug: weight_of(chance) for one in sheet.criteria if chance.random() < 0.8}
        if len(sheet.criteria) == 4:
            weights = {}
        columns = np.arange(len(sheet.ids))
        places = scoring.rank(what_if.reweighed(sheet, weights))
        sent = what_if.as_sent(sheet, columns)
        cases.append([sent, {slug: str(weight) for slug, weight in weights.items()}])
        wanted.append(
            {
                "order": places.order.tolist(),
                "place": places.place.tolist(),
                "impact": places.impact.tolist(),
                "feasibility": places.feasibility.tolist(),
                "score": places.score.tolist(),
            }
        )
        halves += exact_halves(what_if.reweighed(sheet, weights))
    assert halves > 100  # whole numbers had to decide
    for at, (found, expected) in enumerate(zip(in_the_page(cases), wanted, strict=True)):
        assert found == expected, at


def exact_halves(sheet: Sheet) -> int:
    """How many impacts lie exactly between two ten-thousandths."""
    rows = sheet.rows(Axis.IMPACT)
    total = sum(sheet.criteria[row].weight for row in rows)
    exact = what_if.exact_values(sheet, np.arange(len(sheet.ids)))
    halves = 0
    for column in range(len(sheet.ids)) if rows else ():
        summed = Fraction(0)
        for row in rows:
            at = exact.at[row, column]
            value = exact.values[at] if at != scoring.NONE else Fraction(5, 2)
            summed += Fraction(sheet.criteria[row].weight) * value
        halves += (2 * summed / Fraction(total) * 10_000) % 1 == Fraction(1, 2)
    return halves


def small(likely: list[tuple[int, int]], *, ready: list[bool] | None = None) -> Sheet:
    """Candidates by what they are rated on one impact and one feasibility criterion, and a half."""
    tenths = np.array(
        [[60 * pull for pull, _ in likely], [60 * fit for _, fit in likely], [0] * len(likely)]
    )
    return Sheet(
        criteria=(
            Criterion("pull", Axis.IMPACT, Decimal(1)),
            Criterion("fit", Axis.FEASIBILITY, Decimal(1)),
            Criterion("reach", Axis.IMPACT, Decimal(0)),
        ),
        ids=np.arange(10, 10 + len(likely)),
        numbers=np.arange(1, 1 + len(likely)),
        ready=np.array(ready or [True] * len(likely)),
        disqualified=np.zeros(len(likely), dtype=bool),
        tenths=tenths,
        counts=np.array([[1] * len(likely), [1] * len(likely), [0] * len(likely)]),
    )  # fmt: skip


def both(sheet: Sheet, weights: dict[str, str]) -> tuple[what_if.Order, what_if.Order]:
    everyone = np.ones(len(sheet.ids), dtype=bool)
    given = {slug: Decimal(weight) for slug, weight in weights.items()}
    return what_if.order_of(sheet, everyone, given), what_if.order_of(sheet, everyone, {})


def test_weights_that_are_not_named_stay_as_they_are():
    now, before = both(small([(5, 3), (3, 4)]), {})
    assert now.columns.tolist() == before.columns.tolist() == [0, 1]
    assert what_if.difference(now, before, 3).moved == 0


def test_a_weight_on_what_nobody_rated_draws_all_to_the_middle():
    now, before = both(small([(5, 3), (4, 4), (1, 4)]), {"reach": "9"})
    assert before.columns.tolist() == [1, 0, 2]
    told = what_if.difference(now, before, 1)
    assert (told.pick, told.pick_before) == (1, 1)
    told = what_if.difference(*both(small([(5, 3), (3, 4), (1, 4)]), {"reach": "9"}), 1)
    assert (told.pick, told.pick_before, told.moved, told.ranked) == (1, 0, 3, 3)
    assert (told.joins, told.leaves) == ([1], [0])


def test_an_axis_without_a_weight_leaves_nothing_to_pick():
    now, before = both(small([(5, 3), (3, 4)]), {"fit": "0"})
    assert (now.pick, before.pick, now.ranked) == (None, 0, 0)
    told = what_if.difference(now, before, 5)
    assert (told.joins, told.leaves, told.ranked) == ([], [0, 1], 2)
    assert now.places.place.tolist() == [Place.NOT_READY] * 2


def test_who_is_no_candidate_takes_no_place():
    sheet = small([(5, 5), (4, 4), (3, 3)])
    only = what_if.order_of(sheet, np.array([False, True, True]), {})
    assert only.columns.tolist() == [1, 2]
    assert only.ranks.tolist() == [0, 1, 2]


@pytest.mark.parametrize("count", [1, 3])
def test_values_are_exact_and_told_once(count):
    sheet = small([(5, 3), (5, 3)])
    exact = what_if.exact_values(sheet, np.arange(2))
    assert exact.values == [Fraction(5), Fraction(3)]
    assert exact.at.tolist() == [[0, 0], [1, 1], [scoring.NONE] * 2]
    assert what_if.as_sent(sheet, np.arange(count % 2 + 1))["values"] == ["5", "3"]
