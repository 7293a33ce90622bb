from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import transaction
from django.urls import reverse

from assessments import ranking
from assessments.actions.disqualifying import raise_disqualifier
from assessments.actions.rating import rate
from assessments.actions.testing import answer_tests
from assessments.models import DataSource, Disqualifier, FourTests, Rating, Round
from config.management.commands.rebuild import Command
from economics.actions import set_economics
from economics.models import Assumption, UnitEconomics
from portfolio import merging
from portfolio.actions.candidates import Part, split_use_case
from portfolio.actions.merging import foretell_merge, merge_use_cases
from portfolio.actions.pipeline import move
from portfolio.errors import MergedAway, NotAllowed, RuleBroken
from portfolio.models import Event, Lighthouse, Standing, UseCase
from portfolio.querysets.merging import hanging
from portfolio.rights import Actor
from portfolio.rules.pipeline import Stage
from tests.assessments.making import OUTCOME, REVIEW, SOURCE, judgement
from tests.economics.making import make_judgement
from tests.make import NOW, make_lighthouse, make_use_case
from tests.portfolio.pipeline.test_two_connections import beside

LATER = NOW + timedelta(days=2)


def test_every_model_that_points_at_a_use_case_is_known_to_a_merge():
    """Say in `merging.merges` or `merging.follows` what becomes of its rows."""
    pointing = {
        model
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is UseCase and not field.primary_key
    } | {
        model
        for model in apps.get_models()
        if model._meta.pk.related_model is UseCase
    }  # fmt: skip
    assert {model.__name__ for model in pointing - merging.known()} == set()


@pytest.fixture
def two(db, portfolio):
    """The one that stays, and the one that goes."""
    survivor = make_use_case(portfolio, title="Ticket triage", problem="")
    gone = make_use_case(
        portfolio, title="Support triage", problem="Tickets wait.", external_key="JIRA-7"
    )
    return survivor, gone


def merge(actor_user, gone, survivor, **more) -> UseCase:
    return merge_use_cases(Actor(user=actor_user), gone.pk, survivor.pk, now=LATER, **more)


class TestWhatGoesAlong:
    def test_ratings_go_along_and_the_newer_of_two_counts(self, two, sponsor, contributor):
        survivor, gone = two
        one, other = Actor(user=sponsor), Actor(user=contributor)
        rate(one, survivor.pk, [judgement("headroom", "1", "1", "1", "old")], now=NOW)
        rate(one, gone.pk, [judgement("headroom", "4", "4", "4", "new")], now=LATER)
        rate(one, survivor.pk, [judgement("visibility", "2", "2", "2", "new")], now=LATER)
        rate(one, gone.pk, [judgement("visibility", "5", "5", "5", "old")], now=NOW)
        rate(other, gone.pk, [judgement("headroom", "3", "3", "3")], now=NOW)
        merge(sponsor, gone, survivor)
        counted = {
            (row.assessor_id, row.criterion.slug): (row.likely, row.evidence)
            for row in Rating.objects.of(survivor.pk).with_names()
        }
        assert counted[sponsor.pk, "headroom"] == (Decimal("4.0"), "new")
        assert counted[sponsor.pk, "visibility"] == (Decimal("2.0"), "new")
        assert (contributor.pk, "headroom") in counted
        assert Rating.objects.count() == 5  # none is lost
        (event,) = Event.objects.about(survivor.pk).of_kinds(["use_cases_merged"])
        assert event.what["ratings"]["moved"] == 1
        both = {one["criterion"]: one for one in event.what["ratings"]["both"]}
        assert both["headroom"]["before"] == ["1.0", "1.0", "1.0"]
        assert both["headroom"]["gave_way"] == {
            "of": survivor.reference, "points": ["1.0", "1.0", "1.0"], "evidence": "old",
            "rated_at": NOW.isoformat(),
        }  # fmt: skip
        assert both["visibility"]["kept"] == ["2.0", "2.0", "2.0"]
        assert both["visibility"]["gave_way"]["of"] == gone.reference
        assert {one["assessor"] for one in both.values()} == {sponsor.email}

    def test_answers_stand_and_gaps_are_filled(self, two, sponsor):
        survivor, gone = two
        actor = Actor(user=sponsor)
        answer_tests(
            actor, survivor.pk, {"review": {"reviewer": "Team lead", "outputs": "all"}}, now=NOW
        )
        answer_tests(
            actor,
            gone.pk,
            {"outcome": OUTCOME, "data": {"sources": [SOURCE]}, "review": REVIEW},
            now=NOW,
        )
        merge(sponsor, gone, survivor)
        tests = FourTests.objects.get(pk=survivor.pk)
        assert (tests.reviewer, tests.decision) == ("Team lead", REVIEW["decision"])
        assert [row.name for row in DataSource.objects.of(survivor.pk)] == ["tickets"]
        survivor = UseCase.objects.with_metric().get(pk=survivor.pk)
        assert survivor.success_metric.metric == "first response time"
        assert [row.metric for row in survivor.guardrails.all()] == ["CSAT"]
        standing = Standing.objects.get(pk=survivor.pk)
        assert (standing.outcome, standing.data, standing.review) == (2, 2, 2)

    def test_tests_read_before_the_merge_are_not_written_over(self, two, sponsor, api):
        survivor, gone = two
        address = f"/api/v1/use-cases/{survivor.reference}/tests/"
        client = api(sponsor)
        answer_tests(
            Actor(user=sponsor), survivor.pk, {"review": {"reviewer": "Team lead"}}, now=NOW
        )
        tag = client.get(address)["ETag"]
        answer_tests(Actor(user=sponsor), gone.pk, {"data": {"sources": [SOURCE]}}, now=NOW)
        merge(sponsor, gone, survivor)
        answer = client.patch(
            address, {"data": {"sources": []}}, format="json", headers={"If-Match": tag}
        )
        assert answer.status_code == 412
        assert DataSource.objects.of(survivor.pk).count() == 1

    def test_numbers_of_two_outcomes_are_not_mixed(self, two, sponsor):
        survivor, gone = two
        actor = Actor(user=sponsor)
        answer_tests(actor, survivor.pk, {"outcome": {"metric": "cost per ticket"}}, now=NOW)
        answer_tests(actor, gone.pk, {"outcome": OUTCOME}, now=NOW)
        merge(sponsor, gone, survivor)
        metric = UseCase.objects.with_metric().get(pk=survivor.pk).success_metric
        assert (metric.metric, metric.baseline) == ("cost per ticket", None)
        assert metric.segment == "tier-1 agents"

    def test_disqualifiers_go_along_with_all_evidence(self, two, sponsor, portfolio):
        survivor, gone = two
        actor = Actor(user=sponsor)
        for row in two:
            raise_disqualifier(
                actor, row.pk, kind="wrong_tool", evidence=f"Of {row.reference}.", now=NOW
            )
        raise_disqualifier(actor, gone.pk, kind="compliance_blocker", evidence="No basis.", now=NOW)
        foretold = foretell_merge(actor, gone.pk, survivor.pk, now=LATER)
        assert any("compliance" in warning for warning in foretold.warnings)
        merge(sponsor, gone, survivor)
        rows = {row.kind: row.evidence for row in Disqualifier.objects.of(survivor.pk)}
        assert set(rows) == {"wrong_tool", "compliance_blocker"}
        assert gone.reference in rows["wrong_tool"]
        assert Standing.objects.get(pk=survivor.pk).disqualified == 3

    def test_economics_are_taken_where_there_are_none(self, two, sponsor):
        survivor, gone = two
        set_economics(Actor(user=sponsor), gone.pk, make_judgement(), now=NOW)
        merge(sponsor, gone, survivor)
        mine = UnitEconomics.objects.get(pk=survivor.pk)
        assert mine.net_per_month == UnitEconomics.objects.get(pk=gone.pk).net_per_month
        assert Assumption.objects.of(survivor.pk).count() == Assumption.objects.of(gone.pk).count()
        assert Standing.objects.get(pk=survivor.pk).net_per_month == mine.net_per_month

    def test_the_survivors_economics_stay(self, two, sponsor):
        survivor, gone = two
        for row in two:
            set_economics(Actor(user=sponsor), row.pk, make_judgement(), now=NOW)
        before = UnitEconomics.objects.get(pk=survivor.pk).revision
        merge(sponsor, gone, survivor)
        assert UnitEconomics.objects.get(pk=survivor.pk).revision == before

    def test_fields_are_filled_and_scopes_united(self, two, sponsor):
        survivor, gone = two
        UseCase.objects.filter(pk=gone.pk).update(segments=["partners"], extra={"cost": "7"})
        foretold = foretell_merge(Actor(user=sponsor), gone.pk, survivor.pk, now=LATER)
        assert any("platform play" in warning for warning in foretold.warnings)
        assert UseCase.objects.get(pk=survivor.pk).problem == ""  # only foretold
        after = merge(sponsor, gone, survivor)
        after.refresh_from_db()
        assert (after.title, after.problem) == ("Ticket triage", "Tickets wait.")
        assert after.segments == ["tier-1 agents", "partners"]
        assert (after.extra, after.external_key) == ({"cost": "7"}, "JIRA-7")

    def test_an_abandoned_lighthouse_goes_along(self, two, sponsor, owner):
        survivor, gone = two
        lighthouse = make_lighthouse(gone, owner, abandoned_at=NOW)
        merge(sponsor, gone, survivor)
        assert Lighthouse.objects.get(pk=lighthouse.pk).use_case_id == survivor.pk

    def test_what_was_split_from_it_points_at_the_other(self, two, sponsor):
        survivor, gone = two
        UseCase.objects.filter(pk=gone.pk).update(jobs=["a", "b"])
        parts = [Part(title=job, job=job, segment="tier-1 agents",
                      success_metric="first response time") for job in "ab"]  # fmt: skip
        _, born = split_use_case(Actor(user=sponsor), gone.pk, parts, now=NOW)
        merge(sponsor, gone, survivor)
        born.refresh_from_db()
        assert born.split_from_id == survivor.pk

    def test_what_is_published_is_what_follows(self, two, sponsor, portfolio, capsys):
        survivor, gone = two
        answer_tests(
            Actor(user=sponsor), gone.pk, {"data": {"sources": [SOURCE]}, "review": REVIEW}, now=NOW
        )
        set_economics(Actor(user=sponsor), gone.pk, make_judgement(), now=NOW)
        ranking.recompute(portfolio.pk, NOW)
        merge(sponsor, gone, survivor)
        ranking.recompute(portfolio.pk, LATER)
        assert Standing.objects.get(pk=gone.pk).rank is None
        assert Command().look_at(portfolio, check=True) == 0


class TestWhatIsRefused:
    def test_only_a_sponsor_merges(self, two, contributor):
        survivor, gone = two
        with pytest.raises(NotAllowed):
            merge(contributor, gone, survivor)
        assert UseCase.objects.get(pk=gone.pk).merged_into is None

    @pytest.mark.parametrize("stage", ["selected", "building", "decided"])
    def test_one_past_qualified_does_not_go(self, two, sponsor, stage):
        survivor, gone = two
        UseCase.objects.filter(pk=gone.pk).update(stage=stage)
        with pytest.raises(RuleBroken, match="Merge ACME-1 into it instead"):
            merge(sponsor, gone, survivor)

    def test_into_a_stopped_one_nothing_goes(self, two, sponsor):
        survivor, gone = two
        move(Actor(user=sponsor), survivor.pk, Stage.STOPPED, reason="No.", now=NOW)
        with pytest.raises(RuleBroken, match="stopped for good"):
            merge(sponsor, gone, survivor)

    @pytest.mark.parametrize("which", [0, 1])
    def test_a_lighthouse_keeps_both_apart(self, two, sponsor, owner, which):
        make_lighthouse(two[which], owner)
        with pytest.raises(RuleBroken, match="has a lighthouse"):
            merge(sponsor, two[1], two[0])

    def test_not_while_a_blind_round_asks(self, two, sponsor, contributor, portfolio):
        opened = Round.objects.create(
            portfolio=portfolio, name="Spring", due_on=LATER.date(), opened_at=NOW
        )
        opened.candidates.add(two[0])
        foretold = foretell_merge(Actor(user=sponsor), two[1].pk, two[0].pk, now=LATER)
        assert "“Spring” is open" in foretold.refusal
        with pytest.raises(RuleBroken, match="blind round"):
            merge(sponsor, two[1], two[0])

    def test_not_into_itself(self, two, sponsor):
        with pytest.raises(RuleBroken, match="itself"):
            merge(sponsor, two[0], two[0])

    def test_not_into_another_portfolio(self, two, sponsor, stranger):
        from portfolio.models import Membership, Portfolio

        elsewhere = Portfolio.objects.with_key("OTHER").get()
        Membership.objects.create(portfolio=elsewhere, user=sponsor, role="sponsor")
        with pytest.raises(RuleBroken, match="two portfolios"):
            merge(sponsor, two[0], make_use_case(elsewhere))


class TestWhereItLeads:
    def test_every_tab_leads_to_the_other(self, two, sponsor, viewer, stranger, client):
        survivor, gone = two
        merge(sponsor, gone, survivor)
        client.force_login(viewer)
        for name in ("portfolio:use_case", "portfolio:history", "assessments:ratings"):
            answer = client.get(reverse(name, args=[gone.reference]) + "?a=1")
            assert answer.status_code == 301
            assert answer.url == reverse(name, args=[survivor.reference]) + "?a=1"
        client.force_login(sponsor)
        edit = reverse("portfolio:edit_use_case", args=[gone.reference])
        refused = client.post(edit, {"title": "T"})
        assert refused.status_code == 409
        assert f"was merged into {survivor.reference}" in refused.text
        client.force_login(stranger)
        assert client.get(edit).status_code == 404

    def test_the_api_leads_on_and_refuses_to_write(self, two, sponsor, stranger, api):
        survivor, gone = two
        merge(sponsor, gone, survivor)
        address = f"/api/v1/use-cases/{gone.reference}/ratings/"
        answer = api(sponsor).get(address)
        assert answer.status_code == 308
        assert answer["Location"] == f"/api/v1/use-cases/{survivor.reference}/ratings/"
        refused = api(sponsor).put(address, [], format="json")
        assert refused.status_code == 409
        body = refused.json()
        assert (body["type"], body["into"]) == ("urn:pharos:problem:merged", survivor.reference)
        assert api(stranger).get(address).status_code == 404

    def test_the_old_reference_is_found_by_search_and_compared(self, two, sponsor, client):
        merge(sponsor, two[1], two[0])
        client.force_login(sponsor)
        found = client.get("/search/", {"q": two[1].reference.lower()}).content.decode()
        assert f"/use-cases/{two[0].reference}/" in found
        page = client.get("/portfolios/ACME/ranking/compare/", {"of": two[1].reference})
        assert page.status_code == 200
        assert f'value="{two[0].reference}"' in page.content.decode()

    def test_a_chain_leads_to_its_end(self, two, sponsor, portfolio, client):
        survivor, gone = two
        last = make_use_case(portfolio, title="Queue triage")
        merge(sponsor, gone, survivor)
        merge(sponsor, survivor, last)
        client.force_login(sponsor)
        answer = client.get(reverse("portfolio:use_case", args=[gone.reference]))
        assert answer.url == reverse("portfolio:use_case", args=[last.reference])

    def test_copies_learn_that_it_is_gone(self, two, sponsor, api):
        survivor, gone = two
        since = Event.objects.newest_first()[0].pk
        merge(sponsor, gone, survivor)
        for address in ("use-cases/", "portfolios/ACME/ranking/"):
            rows = api(sponsor).get(f"/api/v1/{address}?updated_since={since}").json()["results"]
            assert [row["id"] for row in rows if "deleted_at" in row] == [gone.pk]
        listed = api(sponsor).get("/api/v1/use-cases/").json()["results"]
        assert [row["reference"] for row in listed] == [survivor.reference]

    def test_its_history_is_told_with_the_others(self, two, sponsor, client):
        survivor, gone = two
        merge(sponsor, gone, survivor)
        client.force_login(sponsor)
        page = client.get(reverse("portfolio:history", args=[survivor.reference])).text
        assert f"merged {gone.reference} into" in page
        assert page.count("proposed") >= 2

    def test_its_history_tells_whose_rating_gave_way(self, two, sponsor, viewer, client, api):
        survivor, gone = two
        actor = Actor(user=sponsor)
        rate(actor, survivor.pk, [judgement("headroom", "1", "2", "3.5", "Two asked.")], now=NOW)
        rate(actor, gone.pk, [judgement("headroom", "4", "4", "4")], now=LATER)
        merge(sponsor, gone, survivor)
        words = (
            f"What Sam Sponsor said of headroom for {survivor.reference}, 1 to 3.5, likely 2"
            " (“Two asked.”), gave way to what they said later: 4."
        )
        client.force_login(viewer)
        for address in ("/portfolios/ACME/activity/", f"/use-cases/{survivor.reference}/history/"):
            assert words in client.get(address).content.decode()
        asked = {"kind": "use_cases_merged", "use_case": survivor.reference}
        told = [row["what"] for row in api(viewer).get("/api/v1/events/", asked).json()["results"]]
        (both,) = [one["ratings"]["both"] for one in told if "ratings" in one]
        assert both[0]["gave_way"]["evidence"] == "Two asked."

    def test_a_merge_of_before_is_told_without_whose(self, two, sponsor, client):
        survivor, gone = two
        merge(sponsor, gone, survivor)
        event = Event.objects.about(survivor.pk).of_kinds(["use_cases_merged"]).get()
        both = [{"criterion": "headroom", "kept": ["1.0"] * 3, "other": ["2.0"] * 3}]
        Event.objects.filter(pk=event.pk).update(what={**event.what, "ratings": {"both": both}})
        client.force_login(sponsor)
        assert "gave way" not in client.get("/portfolios/ACME/activity/").content.decode()

    def test_it_stands_in_no_list(self, two, sponsor, client, portfolio):
        survivor, gone = two
        ranking.recompute(portfolio.pk, NOW)
        merge(sponsor, gone, survivor)
        ranking.recompute(portfolio.pk, NOW)
        client.force_login(sponsor)
        for name in ("portfolio:board", "assessments:ranking", "portfolio:overview"):
            page = client.get(reverse(name, args=[portfolio.key])).text
            assert f"/use-cases/{gone.reference}/" not in page.replace("/history/", ""), name


class TestThePageAndTheApi:
    def test_it_is_foretold_then_done(self, two, sponsor, client):
        survivor, gone = two
        rate(Actor(user=sponsor), gone.pk, [judgement("headroom")], now=NOW)
        client.force_login(sponsor)
        address = reverse("portfolio:merge_use_case", args=[gone.reference])
        assert "choose what it goes into" in client.get(address).text
        page = client.get(address, {"into": survivor.reference.lower()}).text
        assert "1 rating of" in page
        assert UseCase.objects.get(pk=gone.pk).merged_into is None
        answer = client.post(address, {"into": survivor.reference, "seen": gone.revision})
        assert answer.url == reverse("portfolio:use_case", args=[survivor.reference])

    def test_words_for_one_that_is_not_there(self, two, sponsor, client):
        client.force_login(sponsor)
        address = reverse("portfolio:merge_use_case", args=[two[1].reference])
        answer = client.post(address, {"into": "ACME-99"})
        assert answer.status_code == 422
        assert "There is no use case with this reference" in answer.text

    def test_by_the_api(self, two, sponsor, contributor, api):
        survivor, gone = two
        address = f"/api/v1/use-cases/{gone.reference}/merge/"
        body = {"into": survivor.reference}
        assert api(contributor).post(address, body, format="json").status_code == 403
        assert api(sponsor).post(address, {"into": "NO-1"}, format="json").status_code == 400
        answer = api(sponsor).post(address, body, format="json")
        assert (answer.status_code, answer.json()["reference"]) == (200, survivor.reference)
        again = api(sponsor).post(address, body, format="json")
        assert again.status_code == 409


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_a_rating_waits_and_is_told_where_to_go(self, two, sponsor):
        survivor, gone = two
        actor = Actor(user=sponsor)
        outcome = beside(
            lambda: merge(sponsor, gone, survivor),
            lambda: rate(actor, gone.pk, [judgement("headroom")], now=LATER),
        )
        assert isinstance(outcome[0], MergedAway)
        assert outcome[0].into == survivor.reference
        assert hanging(Rating, gone.pk) == []

    def test_a_rating_under_way_is_merged_too(self, two, sponsor):
        survivor, gone = two
        beside(
            lambda: rate(Actor(user=sponsor), gone.pk, [judgement("headroom")], now=LATER),
            lambda: merge(sponsor, gone, survivor),
        )
        assert len(hanging(Rating, survivor.pk)) == 1

    def test_two_merges_of_the_same_two_follow_each_other(self, two, sponsor):
        one, other = two
        outcome = beside(lambda: merge(sponsor, one, other), lambda: merge(sponsor, other, one))
        assert isinstance(outcome[0], MergedAway)
        assert UseCase.objects.get(pk=one.pk).merged_into_id == other.pk
        assert UseCase.objects.get(pk=other.pk).merged_into is None


def test_a_merge_is_all_or_nothing(two, sponsor):
    survivor, gone = two
    with transaction.atomic():
        merge(sponsor, gone, survivor)
        transaction.set_rollback(True)
    assert UseCase.objects.get(pk=gone.pk).merged_into is None
