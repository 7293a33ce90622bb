"""The numbers of a lighthouse say who entered them, when, and from what they follow."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from portfolio.actions.verdicts import Limit, amend
from portfolio.models import Reading, UseCase
from portfolio.origins import Asked, all_origins, origin_of
from portfolio.rules.words import LimitKind
from tests import make


@pytest.fixture
def running(portfolio, owner):
    use_case = make.make_use_case(portfolio, stage="building")
    today = timezone.now().date()
    lighthouse = make.make_sealed(use_case, owner, start=today - timedelta(days=30))
    lighthouse.shipped_on = today - timedelta(days=10)
    lighthouse.save(update_fields=["shipped_on"])
    return lighthouse


@pytest.fixture
def read(running, owner):
    def make_one(value, guardrail=None, **more) -> Reading:
        of = guardrail or running.contract
        day = timezone.now().date() - timedelta(days=1)
        return Reading.objects.create(
            lighthouse=running, guardrail=guardrail, metric=of.metric, unit=of.unit, value=value,
            measured_on=day, sample_size=500, source="BI export", entered_by=owner,
            entered_at=timezone.now(), **more,
        )  # fmt: skip

    return make_one


@pytest.fixture
def ask(running, viewer, act):
    rows = UseCase.objects.with_standing().with_metric().with_lighthouse()
    return lambda: Asked(act(viewer), rows.get(pk=running.use_case_id), timezone.now())


def test_a_week_is_counted_from_the_start(ask, running):
    week = origin_of(ask(), "week")
    assert week.value == 5
    assert [part.name for part in week.parts] == ["Start", "Today"]


def test_the_day_of_the_verdict_was_sealed_by_somebody(ask, running):
    due = origin_of(ask(), "verdict_due")
    assert due.at == running.contract.sealed_at
    assert "Sealed with the success contract." in due.notes


def test_a_target_is_that_of_the_contract(ask, running):
    target = origin_of(ask(), "target")
    assert target.value == running.contract.target
    assert target.formula == "as agreed in the success contract"


def test_a_reading_says_who_entered_it_and_what_it_corrects(ask, read, owner):
    first = read(3)
    second = read(2, supersedes=first)
    one = origin_of(ask(), f"reading.{second.pk}")
    assert (one.by, one.value) == (str(owner), Decimal(2))
    assert one.parts[0].words == "500"
    assert one.parts[1].number == f"reading.{first.pk}"
    assert "Corrected since; the correction counts." in origin_of(ask(), one.parts[1].number).notes


def test_a_guardrail_says_what_was_agreed_and_what_was_read(ask, read, running, act, sponsor):
    guardrail = running.use_case.guardrails.get()
    held = read(5, guardrail=guardrail)
    read(3)
    changes = {"guardrails": [Limit("CSAT", "points", LimitKind.AT_LEAST, Decimal(4))]}
    amend(act(sponsor), running.pk, changes, reason="A new scale.", now=timezone.now())
    one = origin_of(ask(), f"guardrail.{guardrail.pk}")
    assert (one.words, one.at) == ("at least 4\u00a0points", running.contract.sealed_at)
    amended, reading = one.parts
    assert (amended.words, amended.note) == ("4.2 → 4", "A new scale.")
    assert reading.number == f"reading.{held.pk}"


def test_a_guardrail_not_sealed_yet_is_a_plan(portfolio, viewer, act):
    use_case = make.make_use_case(portfolio)
    make.make_metric(use_case)
    rows = UseCase.objects.with_standing().with_metric().with_lighthouse()
    asked = Asked(act(viewer), rows.get(pk=use_case.pk), timezone.now())
    one = origin_of(asked, f"guardrail.{use_case.guardrails.get().pk}")
    assert (one.by, one.at, one.parts) == ("", None, [])
    assert one.notes


def test_what_is_not_there_is_not_told(ask):
    for name in (
        "guardrail.0", "guardrail.", "guardrail.x",
        "reading.0", "reading.x", "reading.²", "reading.", "forecast",
    ):  # fmt: skip
        assert origin_of(ask(), name) is None, name


def test_a_reading_of_another_use_case_is_not_told(ask, read, portfolio, owner, viewer, act):
    one = read(3)
    other = make.make_use_case(portfolio, stage="building")
    make.make_sealed(other, owner, start=timezone.now().date())
    rows = UseCase.objects.with_standing().with_metric().with_lighthouse()
    asked = Asked(act(viewer), rows.get(pk=other.pk), timezone.now())
    assert origin_of(asked, f"reading.{one.pk}") is None


def test_the_page_opens_each_reading(running, read, viewer, client):
    one = read(3)
    reference = running.use_case.reference
    address = f"/use-cases/{reference}/numbers/reading.{one.pk}/"
    client.force_login(viewer)
    assert address in client.get(f"/use-cases/{reference}/lighthouse/").content.decode()
    assert "BI export" in client.get(address).content.decode()


def test_all_are_listed(ask, running):
    names = {one.number for one in all_origins(ask())}
    assert {"week", "verdict_due", "target", "baseline", "days_in_stage"} <= names
    assert any(name.startswith("guardrail.") for name in names)
