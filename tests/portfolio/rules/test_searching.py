import pytest

from portfolio.rules.searching import closeness, fits, folded, read


@pytest.mark.parametrize(
    ("typed", "anywhere", "beginnings"),
    [
        ("support triage", ("support", "triage"), ()),
        ("  AI   fit ", ("fit",), ("AI",)),
        ("a", (), ()), ("", (), ()), ("%%%", (), ()), ("_a%", (), ()),
        ("e-mail", ("e-mail",), ()), ("5.2", (), ()), ("Überprüfung", ("Überprüfung",), ()),
        ("a\x00bc", ("abc",), ()),
        (" ".join("word" for _ in range(50)), ("word",) * 8, ()),
    ],
)  # fmt: skip
def test_words_are_found_from_their_third_letter_on(typed, anywhere, beginnings):
    asked = read(typed)
    assert (asked.anywhere, asked.beginnings) == (anywhere, beginnings)
    assert asked.has_words is bool(anywhere or beginnings)


def test_accents_and_capitals_make_no_difference():
    assert folded("ÜBERPRÜFUNG à la carte") == "uberprufung a la carte"
    assert fits(read("uber CARTE"), "Überprüfung à la carte")
    assert not fits(read("prüfung"), "Überprüfung")  # a page is found by how its words begin
    assert fits(read(""), "Anything")


def test_the_reference_comes_first_then_the_title_then_its_words():
    asked = read("acme-1")
    assert closeness(asked, "ACME-1", "x") < closeness(asked, "ACME-12", "x")
    asked = read("triage tickets")
    titles = ["Triage tickets", "We triage tickets", "Tickets to triage", "Another"]
    found = [closeness(asked, "ACME-1", title) for title in titles]
    assert found == sorted(found)
    assert len(set(found)) == len(found)
