"""What every template and script keeps, so that the strict policy holds and pieces stand alone."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEMPLATES = sorted(ROOT.glob("templates/**/*.html"))
COMPONENTS = sorted(ROOT.glob("templates/components/*.html"))
SCRIPTS = sorted(ROOT.glob("static/js/*.js"))
STYLES = sorted(ROOT.glob("static/css/**/*.css"))

FORBIDDEN = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "a style element": r"<style\b",
    "hx-on": r"\shx-on[:-]",
    "js: in an attribute": r"=\s*[\"']\s*(?:js|javascript):",
    "a condition in hx-trigger": r"hx-trigger\s*=\s*(?:\"[^\"]*\[|'[^']*\[)",
    "hx-vars": r"\shx-vars\b",
    "an inline handler": r"<[^>]*\son[a-z]+=[\"']",
    "an inline script": r"<script(?![^>]*\ssrc=)[^>]*>",
    "another host": r"(?:src|href)\s*=\s*[\"'](?:https?:)?//",
}


EVALUATES = r"\beval\(|new Function\(|innerHTML|insertAdjacentHTML|document\.write"


def named(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_holds_nothing_that_the_policy_forbids(path):
    text = path.read_text()
    found = {what: re.search(pattern, text) for what, pattern in FORBIDDEN.items()}
    assert {what: one[0][:80] for what, one in found.items() if one} == {}


@pytest.mark.parametrize("path", COMPONENTS, ids=named)
def test_a_component_says_first_what_it_takes(path):
    first = path.read_text().splitlines()[0]
    assert re.match(r"\{# .*Takes:? .*\. #\}\Z", first), first


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_component_is_given_everything_by_name(path):
    for tag in re.findall(r"\{% include \"components/[^%]*%\}", path.read_text()):
        assert tag.rstrip("%} ").endswith(" only"), f"{named(path)}: {tag}"


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_what_htmx_does_a_link_or_a_form_does_too(path):
    text = path.read_text()
    for tag in re.findall(r"<[a-z]+\b[^>]*\shx-get=[^>]*>", text, re.S):
        address = re.search(r"hx-get=\"([^\"]*)\"", tag)[1]
        is_link = re.search(r"\s(?:href|action)=|\sdata-poll\b", tag) or f'href="{address}"' in text
        assert is_link, f"{named(path)}: {tag[:120]}"
    for tag in re.findall(r"<[a-z]+\b[^>]*\shx-post=[^>]*>", text, re.S):
        assert re.search(r"\s(?:action|formaction)=", tag), f"{named(path)}: {tag[:120]}"


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_a_script_evaluates_nothing_and_names_its_attribute(path):
    text = path.read_text()
    assert text.startswith("//")
    assert not re.search(EVALUATES, text)


@pytest.mark.parametrize("path", STYLES, ids=named)
def test_styles_take_colours_from_the_tokens_and_shout_nowhere(path):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    assert "!important" not in text
    selectors = re.sub(r"\{[^{}]*\}", "{}", text)
    assert not re.search(r"(?:^|[\s,])#[a-z][\w-]*\s*(?=[{,:.\[ >])", selectors, re.M)
    if path.name not in ("tokens.css", "dialog.css"):
        assert not re.search(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(", text)


def test_every_stylesheet_is_in_the_table_of_contents():
    listed = set(
        re.findall(
            r"@import url\(\"([^\"]+)\"\) layer", (STYLES[0].parents[0] / "app.css").read_text()
        )
    )
    found = {
        str(path.relative_to(ROOT / "static/css")) for path in STYLES if path.name != "app.css"
    }
    assert listed == found


def test_utilities_stay_under_a_screen():
    assert len((ROOT / "static/css/utilities.css").read_text().splitlines()) <= 50
