"""Forty small sheets are served as one that says the same."""

from pathlib import Path

from config.styles import in_one

STATIC = Path(__file__).parents[1] / "static"


def read(name: str) -> str:
    return (STATIC / name).read_text()


def test_every_sheet_is_in_it_once_and_in_its_layer():
    whole = in_one(read)
    assert "@import" not in whole
    assert whole.index("@layer reset, tokens") < whole.index("@layer reset {")
    sheets = [path for path in (STATIC / "css").rglob("*.css") if path.name != "app.css"]
    assert len(sheets) > 30
    for path in sheets:
        assert whole.count(path.read_text()) == 1, path.name
    assert f"@media print {{\n@layer print {{\n{read('css/print.css')}" in whole


def test_braces_stay_in_pairs():
    whole = in_one(read)
    assert whole.count("{") == whole.count("}")
