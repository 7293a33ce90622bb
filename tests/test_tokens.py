"""The tokens' contrasts, computed as WCAG 2.2 computes them, in both themes."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[1] / "static/css/tokens.css").read_text()
PAIR = r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)"
COLOURS = {name: (light, dark) for name, light, dark in re.findall(PAIR, TOKENS)}
GROUNDS = ["paper", "surface", "sunken", "hover", "accent-wash"]
TEXT, PARTS = 4.5, 3.0

WORDS = [
    *[(ink, ground) for ink in ("ink", "ink-2") for ground in [*GROUNDS, "beam", "danger-wash"]],
    *[
        (tone, ground)
        for tone in ("accent", "positive", "caution", "danger")
        for ground in ("paper", "surface", "hover", "sunken")
    ],
    ("danger", "danger-wash"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
]
EDGES = [
    *[("edge", ground) for ground in ("paper", "surface", "sunken")],
    *[(tone, "paper") for tone in ("accent", "positive", "caution", "danger")],
]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_the_standard_does():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), WORDS)
def test_words_can_be_read(ink, ground, theme):
    assert contrast(COLOURS[ink][theme], COLOURS[ground][theme]) >= TEXT


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_and_marks_can_be_seen(edge, ground, theme):
    assert contrast(COLOURS[edge][theme], COLOURS[ground][theme]) >= PARTS


def test_every_token_that_is_used_is_there():
    root = Path(__file__).parents[1] / "static/css"
    known = set(re.findall(r"--([\w-]+):", TOKENS))
    for path in root.glob("**/*.css"):
        text = path.read_text()
        own = set(re.findall(r"--([\w-]+):", text))
        fallen_back = set(re.findall(r"var\(--([\w-]+),", text))
        used = set(re.findall(r"var\(--([\w-]+)", text))
        assert used <= known | own | fallen_back, path.name
