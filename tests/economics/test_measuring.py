"""What was assumed stays beside what was measured, for who looks how good guesses are."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from economics.actions import Given, set_economics
from economics.rules.inputs import Basis, Range
from portfolio.models import MeasuredAssumption
from portfolio.rights import Actor
from tests import make
from tests.economics.making import make_judgement
from tests.make import NOW

GUESS = Given(Range(Decimal("0.4"), Decimal("0.6"), Decimal("0.7")))


def measured(value: str, source: str = "the bill") -> Given:
    return Given(Range.point(Decimal(value)), Basis.MEASUREMENT, source)


@pytest.fixture
def use_case(portfolio):
    return make.make_use_case(portfolio)


@pytest.fixture
def say(use_case, contributor, owner):
    """`say(day, by, **inputs)`: the case as this person states it on a day."""

    def stated(day, by, **inputs):
        judgement = make_judgement(**inputs)
        set_economics(Actor(user=by), use_case.pk, judgement, now=NOW + timedelta(days=day))
        return list(MeasuredAssumption.objects.order_by("pk"))

    return stated


def told(row: MeasuredAssumption) -> tuple:
    return (
        row.name, str(row.low.normalize()), str(row.likely.normalize()), str(row.high.normalize()),
        row.said_by.name, (row.said_at - NOW).days, str(row.measured.normalize()),
        row.measured_by.name, (row.measured_at - NOW).days, row.source,
    )  # fmt: skip


def test_a_measurement_keeps_the_assumption_in_force_before_it(say, contributor, owner):
    assert say(0, contributor, success_share="0.9") == []
    assert say(5, contributor, success_share=GUESS) == []
    (row,) = say(90, owner, success_share=measured("0.52"))
    assert told(row) == (
        "success_share", "0.4", "0.6", "0.7", "Carl Contributor", 5, "0.52", "Olga Owner", 90,
        "the bill",
    )  # fmt: skip


def test_a_later_measurement_is_held_against_the_same_assumption(say, use_case, contributor, owner):
    say(5, contributor, success_share=GUESS)
    say(90, owner, success_share=measured("0.52"))
    rows = say(120, owner, success_share=measured("0.65"))
    assert [(str(row.measured.normalize()), row.said_by_id) for row in rows] == [
        ("0.52", contributor.pk), ("0.65", contributor.pk),
    ]  # fmt: skip
    newest = MeasuredAssumption.objects.newest_of(use_case.pk)
    assert newest["success_share"] == rows[1]


def test_what_is_assumed_after_a_measurement_is_no_guess_any_more(say, contributor, owner):
    say(5, contributor, success_share=GUESS)
    say(90, owner, success_share=measured("0.52"))
    say(100, owner, success_share="0.51")
    rows = say(120, owner, success_share=measured("0.5"))
    assert [row.said_by_id for row in rows] == [contributor.pk] * 2


def test_what_was_measured_from_the_start_is_nobodys_guess(say, owner):
    say(0, owner, success_share=measured("0.52"))
    assert say(30, owner, success_share=measured("0.55")) == []


def test_what_is_said_again_as_it_was_is_kept_once(say, contributor, owner):
    say(0, contributor, success_share=GUESS)
    say(90, owner, success_share=measured("0.52"))
    assert len(say(91, owner, success_share=measured("0.52"))) == 1


def test_events_of_before_are_read_once(say, use_case, contributor, owner):
    say(0, contributor, success_share=GUESS, calls=measured("1"))
    say(60, owner, success_share=measured("0.52"), calls=measured("2"))
    rows = say(90, owner, success_share=measured("0.65"), calls=measured("2"))
    kept = [(row.name, row.likely, row.measured, row.said_by_id, row.source) for row in rows]
    MeasuredAssumption.objects.all().delete()
    fill = import_module("portfolio.migrations.0028_past_assumptions_are_read_from_events").fill
    with connection.schema_editor() as editor:
        fill(apps, editor)
        fill(apps, editor)
    read = MeasuredAssumption.objects.order_by("pk")
    assert [(r.name, r.likely, r.measured, r.said_by_id, r.source) for r in read] == kept
