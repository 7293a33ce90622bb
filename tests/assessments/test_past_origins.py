"""A number of a past day opens to what it came from then."""

import re
from copy import deepcopy
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assessments import certainty, ranking
from assessments.actions.criteria import add_criterion, change_weights, retire_criterion
from assessments.actions.rating import rate
from assessments.actions.rounds import close_round
from assessments.actions.testing import answer_tests, confirm_data
from assessments.models import Rating, Widening
from economics.actions import confirm_economics, set_economics
from portfolio import events
from portfolio.actions.merging import merge_use_cases
from portfolio.actions.portfolios import change_portfolio
from portfolio.models import Event, PastPlace, UseCase
from portfolio.models.events import Kind
from portfolio.origins import Asked, all_origins, origin_of
from portfolio.rights import Actor
from tests import cast
from tests.assessments.making import SOURCE, answer_all, judgement, make_round
from tests.economics.making import make_judgement
from tests.make import NOW, make_use_case

pytestmark = pytest.mark.django_db


class Story:
    """What happens day by day: events are dated by the day, and the ranking follows at its end."""

    def __init__(self, portfolio):
        self.portfolio = portfolio
        self.day = 0
        self.told = 0
        self.tell()

    @property
    def now(self) -> datetime:
        return NOW + timedelta(days=self.day)

    def on(self, day: int) -> datetime:
        self.day = day
        return self.now

    def tell(self) -> None:
        """Date what was recorded."""
        rows = Event.objects.filter(portfolio=self.portfolio)
        rows.filter(pk__gt=self.told).update(at=self.now)
        self.told = rows.order_by("-pk").first().pk

    def end(self) -> None:
        self.tell()
        ranking.rebuild(self.portfolio.pk, self.now)
        certainty.simulate(self.portfolio.pk, self.now)
        self.tell()


@pytest.fixture(scope="module", autouse=True)
def begun(for_the_module):
    """Answered, costed and rated by two on day 0."""
    portfolio = cast.acme()
    portfolio.fresh_days = 90
    portfolio.save(update_fields=["fresh_days"])
    story = Story(portfolio)
    contributor, owner = cast.actor("contributor"), cast.actor("owner")
    row = make_use_case(portfolio, by=contributor.user)
    answer_all(row, contributor.user, net=None, now=story.now)
    set_economics(contributor, row.pk, make_judgement(), now=story.now)
    for who, points in ((contributor, ("1", "2", "3")), (owner, ("3", "4", "5"))):
        said = [
            judgement(slug, *points, f"{who.person.name} saw it")
            for slug in ("stakeholder_pull", "ai_fit")
        ]
        rate(who, row.pk, said, now=story.now)
    story.end()
    return story, row


@pytest.fixture
def told(begun):
    return deepcopy(begun)


@pytest.fixture
def story(told):
    return told[0]


@pytest.fixture
def use_case(told):
    return told[1]


@pytest.fixture
def ask(use_case, story, act):
    """The number as of a day of the story: `ask(person, 3, "score")`."""

    def asked(person, day: int, name: str):
        rows = UseCase.objects.with_standing().with_metric().with_lighthouse()
        on = (NOW + timedelta(days=day)).date()
        return origin_of(Asked(act(person), rows.get(pk=use_case.pk), story.now, as_of=on), name)

    return asked


def agrees(origin) -> bool:
    """Whether the parts give what was published: they add up, and no note says otherwise."""
    points = [Decimal(part.words.rpartition("→ ")[2]) for part in origin.parts]
    told_otherwise = any("ranking had published" in note for note in origin.notes)
    return abs(sum(points) - origin.value) < Decimal("0.001") and not told_otherwise


def lift(use_case, who, story, points: str, slug: str = "ai_fit") -> None:
    said = [judgement(slug, points, points, points, "seen anew")]
    rate(Actor(user=who), use_case.pk, said, now=story.now)
    story.end()


def test_a_score_opens_down_to_what_each_person_had_said(use_case, story, ask, owner, viewer):
    story.on(5)
    lift(use_case, owner, story, "1")
    score = ask(viewer, 2, "score")
    assert score.value == PastPlace.objects.last_of(use_case.pk, NOW.date()).score
    assert score.formula == "impact × feasibility, so 0 to 100"
    assert [part.number for part in score.parts] == ["impact", "feasibility"]
    feasibility = ask(viewer, 2, "feasibility")
    assert agrees(feasibility)
    fit = next(part for part in feasibility.parts if part.number == "criterion.ai_fit")
    assert fit.words.startswith("3 × 3 of")
    assert "Olga Owner" in fit.by
    assert (fit.at.date(), fit.note) == (NOW.date(), "2 days old then")
    then = ask(viewer, 2, fit.number)
    assert [part.words for part in then.parts] == ["1, 2, 3 → 2", "3, 4, 5 → 4"]
    assert "“Olga Owner saw it”" in then.parts[1].note
    since = ask(viewer, 5, fit.number)
    assert [part.words for part in since.parts] == ["1, 2, 3 → 2", "1, 1, 1 → 1"]
    assert "“seen anew”" in since.parts[1].note
    assert agrees(ask(viewer, 5, "feasibility"))


def test_weights_criteria_and_ranges_are_those_of_then(use_case, story, ask, sponsor, owner):
    actor, key = Actor(user=sponsor), story.portfolio.pk
    story.on(3)
    change_weights(actor, key, {"ai_fit": Decimal(9), "tolerance": Decimal(0)})
    story.end()
    story.on(4)
    added = {"slug": "calm", "name": "Calm", "axis": "feasibility", "question": "?"}
    calm = add_criterion(actor, key, weight=Decimal(4), **added)
    story.end()
    story.on(5)
    retire_criterion(actor, calm.pk, now=story.now)
    Widening.objects.create(
        portfolio=story.portfolio, person=owner, factor=Decimal("1.5"), set_at=story.now
    )
    what = {"person": owner.pk, "name": str(owner), "factor": [None, "1.5"]}
    with events.transaction.atomic():
        events.record(story.portfolio, Kind.RANGES_WIDENED, by=actor, what=what)
    story.end()
    for day in range(6):
        assert agrees(ask(sponsor, day, "feasibility")), day
    weights = [
        next(p.words for p in ask(sponsor, day, "feasibility").parts if "ai_fit" in p.number)
        for day in (2, 3, 4)
    ]
    assert [words.split(" → ")[0] for words in weights] == [
        "3 × 3 of 15", "3 × 9 of 19", "3 × 9 of 23",
    ]  # fmt: skip
    assert ask(sponsor, 3, "criterion.calm") is None
    assert ask(sponsor, 4, "criterion.calm").words == "2.5"
    lopsided = [judgement("ai_fit", "2", "4", "4")]
    rate(Actor(user=owner), use_case.pk, lopsided, now=story.now)
    story.end()
    assert agrees(ask(sponsor, 5, "feasibility"))
    wide = ask(owner, 5, "criterion.ai_fit").parts[1]
    assert (wide.words, "widened ×1.5: counted as 1 to 4" in wide.note) == ("2, 4, 4 → 3.5", True)
    assert "widened" not in ask(owner, 4, "criterion.ai_fit").parts[1].note


def test_what_was_said_was_stale_then_and_is_told_so(use_case, story, ask, viewer, owner):
    story.on(91)
    story.end()
    assert not ask(viewer, 90, "feasibility").is_stale
    stale = ask(viewer, 91, "feasibility")
    assert stale.is_stale
    assert agrees(stale)
    fit = next(part for part in stale.parts if part.number == "criterion.ai_fit")
    assert (fit.is_stale, fit.note) == (True, "91 days old then")
    story.on(125)
    story.end()
    wider = ask(viewer, 125, "criterion.ai_fit")
    assert "stale: counted as 0.9 to 3.2 by then" in wider.parts[0].note
    assert agrees(ask(viewer, 125, "feasibility"))
    assert agrees(ask(viewer, 125, "impact"))
    lift(use_case, owner, story, "4")
    assert ask(viewer, 124, "criterion.ai_fit").parts[0].is_stale
    assert ask(viewer, 125, "stale_inputs").value == len(ask(viewer, 125, "stale_inputs").parts)


def test_what_was_derived_is_that_of_then(use_case, story, ask, contributor, viewer):
    actor = Actor(user=contributor)
    story.on(10)
    worse = {**SOURCE, "usable": "not_yet"}
    answer_tests(actor, use_case.pk, {"data": {"sources": [worse]}}, now=story.now)
    set_economics(actor, use_case.pk, make_judgement(volume_per_month="90000"), now=story.now)
    story.end()
    story.on(100)
    confirm_economics(actor, use_case.pk, now=story.now)
    confirm_data(actor, use_case.pk, now=story.now)
    story.end()
    confirmed = f"Confirmed by {contributor.email} on"
    assert [
        any(confirmed in note for note in ask(viewer, day, "criterion.data_readiness").notes)
        for day in (10, 100)
    ] == [False, True]
    before, after = (ask(viewer, day, "criterion.data_readiness") for day in (9, 10))
    assert ("usable: yes" in before.parts[0].note, before.parts[0].by) == (True, str(contributor))
    assert "usable: not yet" in after.parts[0].note
    assert after.parts[0].at.date() == (NOW + timedelta(days=10)).date()
    value = ask(viewer, 9, "criterion.annual_value")
    assert value.parts[0].number == "annual_net_value"
    yearly, later = ask(viewer, 9, "annual_net_value"), ask(viewer, 10, "annual_net_value")
    assert yearly.value != later.value
    assert yearly.parts[0].by == str(contributor)
    assert "does not say" not in " ".join(yearly.notes)
    assert yearly.as_of == NOW
    for day in (0, 9, 10, 100):
        assert agrees(ask(viewer, day, "impact")), day
        assert agrees(ask(viewer, day, "feasibility")), day


def test_settings_are_those_of_then(use_case, story, ask, sponsor):
    story.on(5)
    scale = [Decimal(n) for n in (0, 10, 20, 30, 40, 50_000_000)]
    change_portfolio(
        Actor(user=sponsor), story.portfolio.pk, {"value_scale": scale, "fresh_days": 7}
    )
    story.end()
    story.on(20)
    story.end()
    for day in (4, 5, 20):
        assert agrees(ask(sponsor, day, "impact")), day
    assert "$50,000" in ask(sponsor, 4, "criterion.annual_value").parts[-1].words
    changed = Event.objects.get(kind=Kind.PORTFOLIO_CHANGED)
    Event.objects.filter(pk=changed.pk).update(what={"changed": changed.what["changed"]})
    notes = " ".join(ask(sponsor, 4, "impact").notes)
    assert "The value scale changed after" in notes
    assert "what held then was not kept" in notes


def test_before_a_merge_its_ratings_are_its_own(use_case, story, ask, sponsor, viewer, act):
    other = make_use_case(story.portfolio, title="The same", by=sponsor)
    story.on(1)
    rate(act(sponsor), other.pk, [judgement("ai_fit", "5", "5", "5")], now=story.now)
    story.end()
    story.on(3)
    merge_use_cases(act(sponsor), other.pk, use_case.pk, now=story.now)
    story.end()
    assert len(ask(viewer, 2, "criterion.ai_fit").parts) == 2
    merged = ask(viewer, 3, "criterion.ai_fit").parts
    assert [part.words for part in merged][-1] == "5, 5, 5 → 5"
    for day in (0, 2, 3):
        assert agrees(ask(viewer, day, "feasibility")), day


def test_where_the_parts_do_not_give_the_number_it_is_said(use_case, story, ask, viewer, owner):
    rows = PastPlace.objects.filter(use_case=use_case)
    rows.update(impact=Decimal("6.3"))
    impact = ask(viewer, 0, "impact")
    assert impact.words == "6.3"
    assert re.search(r"These parts give \d\.\d; the ranking had published 6\.3: ", impact.notes[0])
    assert impact.parts


def test_what_the_history_lacks_is_named_and_not_guessed(use_case, story, ask, viewer, owner):
    story.on(5)
    lift(use_case, owner, story, "1")
    Event.objects.filter(use_case=use_case, kind=Kind.RATED, by=owner).delete()
    notes = ask(viewer, 2, "feasibility").notes
    assert "ranking had published" in notes[0]
    assert any("Olga Owner held of Fit for AI" in note for note in notes)
    assert [part.name for part in ask(viewer, 2, "criterion.ai_fit").parts] == ["Carl Contributor"]


def test_a_rating_that_nothing_told_of_stands_since_it_was_given(use_case, story, ask, viewer):
    Event.objects.filter(use_case=use_case, kind__in=[Kind.RATED, Kind.RATING_REVISED]).delete()
    assert agrees(ask(viewer, 0, "feasibility"))
    assert len(ask(viewer, 0, "criterion.ai_fit").parts) == 2


def test_how_sure_it_was_opens_to_the_ranges_of_then(use_case, story, ask, viewer, owner):
    story.on(5)
    lift(use_case, owner, story, "1")
    first = ask(viewer, 4, "p_first")
    told = {part.number: part.words for part in first.parts}
    assert told["criterion.ai_fit"] == "1 to 5"
    assert told["criterion.compliance"] == "0 to 5, as nothing was known"
    assert {"rank_low", "rank_high", "impact", "feasibility"} <= set(told)


class TestWhoMaySee:
    def test_who_has_not_rated_yet_sees_no_past_ratings_of_others(self, use_case, ask, sponsor):
        hidden = ask(sponsor, 0, "criterion.ai_fit")
        assert list(hidden.parts) == []
        assert hidden.notes[-1] == "2 more by others: shown once your own is saved."
        ranges = {part.number: part.words for part in ask(sponsor, 0, "p_first").parts}
        assert ranges["criterion.ai_fit"] == "shown once your own is saved"

    def test_once_their_own_is_there_they_do(self, use_case, story, ask, sponsor):
        story.on(1)
        lift(use_case, sponsor, story, "2")
        assert len(ask(sponsor, 0, "criterion.ai_fit").parts) == 2

    def test_in_an_open_blind_round_not_even_then(self, use_case, story, ask, sponsor, owner):
        story.on(1)
        make_round(story.portfolio, sponsor, [use_case], ["ai_fit"], [owner], now=story.now)
        story.end()
        assert list(ask(owner, 0, "criterion.ai_fit").parts) == []
        assert len(ask(owner, 0, "criterion.stakeholder_pull").parts) == 2

    def test_what_was_sealed_on_a_day_is_not_of_that_day(
        self, use_case, story, ask, sponsor, owner, viewer
    ):
        story.on(2)
        blind = make_round(story.portfolio, sponsor, [use_case], ["ai_fit"], [owner], now=story.now)
        lift(use_case, owner, story, "0")
        for day in (2, 4):
            story.on(day)
            told = ask(viewer, day, "criterion.ai_fit").parts
            assert [part.words for part in told] == ["1, 2, 3 → 2", "3, 4, 5 → 4"]
        story.on(5)
        close_round(Actor(user=sponsor), blind.pk, now=story.now)
        story.end()
        assert [p.words for p in ask(viewer, 4, "criterion.ai_fit").parts] == [
            "1, 2, 3 → 2", "3, 4, 5 → 4",
        ]  # fmt: skip
        since = ask(viewer, 5, "criterion.ai_fit").parts[1]
        assert since.words == "0, 0, 0 → 0"
        assert since.at == NOW + timedelta(days=2)  # when it was said, not when it was shown
        for day in (1, 2, 4, 5):
            assert agrees(ask(viewer, day, "feasibility")), day


class TestDoors:
    DAY = "2026-03-05"

    @pytest.fixture
    def lifted(self, use_case, story, owner):
        story.on(5)
        lift(use_case, owner, story, "1")

    @pytest.mark.long
    def test_every_number_of_the_past_ranking_opens_down_to_ratings(
        self, lifted, use_case, viewer, client
    ):
        client.force_login(viewer)
        waiting = ["/portfolios/ACME/ranking/history/?from=2026-03-03&to=2026-03-05"]
        seen: set[str] = set()
        while waiting:
            address = waiting.pop()
            answer = client.get(address)
            assert answer.status_code == 200, address
            links = set(re.findall(r'href="(/use-cases/[^"]+/numbers/[^"]*)"', answer.text))
            links.discard("/use-cases/ACME-1/numbers/")  # the tab: its numbers now
            assert all("?as_of=2026-03-0" in link for link in links)
            waiting += links - seen
            seen |= links
        assert f"/use-cases/ACME-1/numbers/criterion.ai_fit/?as_of={self.DAY}" in seen
        assert f"/use-cases/ACME-1/numbers/p_first/?as_of={self.DAY}" in seen
        page = client.get(f"/use-cases/ACME-1/numbers/criterion.ai_fit/?as_of={self.DAY}").text
        assert "3, 4, 5 → 4" in page
        assert "Olga Owner" in page

    def test_the_api_tells_the_same(self, lifted, use_case, api, viewer, stranger):
        get = api(viewer).get
        root = "/api/v1/use-cases/ACME-1/numbers/"
        one = get(f"{root}criterion.ai_fit/", {"as_of": self.DAY}).json()
        assert [part["words"] for part in one["parts"]] == ["1, 2, 3 → 2", "3, 4, 5 → 4"]
        found = {row["number"] for row in get(root, {"as_of": self.DAY}).json()["numbers"]}
        assert {"rank", "score", "impact", "p_first", "annual_net_value"} <= found
        assert "net_per_month" not in found
        assert get(f"{root}net_per_month/", {"as_of": self.DAY}).status_code == 404
        assert api(stranger).get(root, {"as_of": self.DAY}).status_code == 404

    def test_the_api_refuses_what_is_no_past_day(self, use_case, api, viewer):
        for day in ("soon", "2026-02-30", "", "9999-12-31"):
            answer = api(viewer).get("/api/v1/use-cases/ACME-1/numbers/", {"as_of": day})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "as_of"), day

    def test_before_the_first_ranking_and_after_today_there_is_none(self, use_case, client, viewer):
        client.force_login(viewer)
        for day in ("1999-01-01", "0001-01-01", "9999-12-31"):
            address = f"/use-cases/ACME-1/numbers/score/?as_of={day}"
            assert client.get(address).status_code == 404
            assert client.get(f"/use-cases/ACME-1/numbers/?as_of={day}").status_code == 200


def test_the_cost_does_not_grow_with_what_happened(use_case, story, sponsor, owner, act, viewer):
    def cost() -> int:
        rows = UseCase.objects.with_standing().with_metric().with_lighthouse()
        asked = Asked(act(viewer), rows.get(pk=use_case.pk), story.now, as_of=NOW.date())
        with CaptureQueriesContext(connection) as counted:
            assert len(all_origins(asked)) > 15
        return len(counted)

    few = cost()
    for day in range(1, 8):
        story.on(day)
        change_weights(Actor(user=sponsor), story.portfolio.pk, {"headroom": Decimal(day + 2)})
        lift(use_case, owner, story, str(day % 5))
        lift(use_case, sponsor, story, str(day % 5), "headroom")
    assert Rating.objects.of(use_case.pk).count() == 5
    assert cost() == few
    assert few <= 16
