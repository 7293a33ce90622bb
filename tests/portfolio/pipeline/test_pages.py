"""The pages of the pipeline: who sees what, what a refusal says, what is kept of what was typed."""

import html
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from portfolio import gates
from portfolio.actions.candidates import edit_use_case
from portfolio.actions.members import change_role, remove_member
from portfolio.actions.pipeline import move
from portfolio.models import Forecast, GateOverride, Membership, Milestone, UseCase
from portfolio.rights import Actor
from portfolio.rules.pipeline import Stage
from tests.make import make_lighthouse, make_ready, make_use_case

HTMX = {"HX-Request": "true"}
HIDDEN = re.compile(r'<input type="hidden" name="(seen|began)" value="([^"]*)"')
FACT = re.compile(r"<dt>([^<]+)</dt><dd>(?:<a [^>]*>)?(\d+)<")


@pytest.fixture
def full(portfolio, owner, contributor):
    """A portfolio with something in each stage."""

    def fill(rounds: int) -> None:
        for turn in range(rounds):
            for stage in Stage:
                use_case = make_use_case(
                    portfolio, title=f"{stage} {turn}", stage=stage, by=contributor
                )
                if stage in ("proposed", "qualified"):
                    make_ready(use_case)
                if stage in ("selected", "mobilising", "building", "live", "decided"):
                    today = timezone.now().date()
                    lighthouse = make_lighthouse(
                        use_case, owner, start_date=today - timedelta(days=50),
                        verdict_due=today + timedelta(days=61),
                    )  # fmt: skip
                    for number in range(2):
                        Milestone.objects.create(
                            lighthouse=lighthouse, title=f"M{number}", due_on=date(2026, 1, 1)
                        )
                        Forecast.objects.create(
                            lighthouse=lighthouse, ships_on=today + timedelta(days=90),
                            made_on=date(2026, 3, 1), made_at=timezone.now(),
                        )  # fmt: skip
                GateOverride.objects.create(
                    use_case=use_case, from_stage="proposed", to_stage="qualified",
                    reason="The board asked.", at=timezone.now(),
                )  # fmt: skip

    return fill


PAGES = [
    "/",
    "/portfolios/ACME/",
    "/portfolios/ACME/board/",
    "/portfolios/ACME/board/?q=support",
    "/portfolios/ACME/board/?stage=proposed",
    "/portfolios/ACME/activity/",
    "/portfolios/ACME/activity/?kind=moved&since=2026-01-01",
    "/use-cases/ACME-1/",
    "/use-cases/ACME-1/history/",
    "/use-cases/ACME-1/move/",
]
FORMS = [
    "/portfolios/ACME/use-cases/new/",
    "/use-cases/ACME-1/edit/",
    "/use-cases/ACME-1/split/",
]


def test_a_member_sees_the_page_and_a_stranger_does_not(client, full, viewer, stranger):
    full(1)
    client.force_login(viewer)
    for address in PAGES:
        assert client.get(address).status_code == 200, address
    client.force_login(stranger)
    for address in PAGES:
        assert client.get(address).status_code == (200 if address == "/" else 404), address
    client.logout()
    for address in PAGES:
        assert client.get(address).status_code == 302, address


def test_forms_are_for_those_who_may(client, full, viewer, contributor, stranger):
    full(1)
    for person, status in ((viewer, 403), (contributor, 200), (stranger, 404)):
        client.force_login(person)
        for address in FORMS:
            assert client.get(address).status_code == status, address


LISTS = [*PAGES, "/api/v1/use-cases/", "/api/v1/events/", "/api/v1/portfolios/ACME/status/"]


@pytest.mark.long
def test_cost_does_not_grow(client, full, sponsor, viewer, owner, contributor):
    def told(*people) -> dict[tuple, list[str]]:
        found = {}
        for person in people:
            client.force_login(person)
            for address in LISTS:
                found[person.email, address] = queries_for(client, address)
        return found

    full(2)
    told(sponsor)  # what is asked once in a process
    few = told(sponsor, viewer, owner, contributor)
    full(4)
    grown = {
        here: [query for query in many if query not in few[here]]
        for here, many in told(sponsor, viewer, owner, contributor).items()
        if len(many) > len(few[here])
    }
    assert grown == {}


def queries_for(client, address) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"].split(" WHERE ")[0][:200] for query in captured]


def test_a_move_on_the_board_answers_with_the_board(client, portfolio, contributor):
    use_case = make_use_case(portfolio, stage="qualified")
    client.force_login(contributor)
    answer = client.post(
        "/use-cases/ACME-1/move/", {"to": "proposed", "version": use_case.revision}, headers=HTMX
    )
    assert answer.status_code == 200
    body = answer.content.decode()
    assert body.startswith('<div id="board">')
    assert "data-changed" in body


def test_a_refused_move_says_why_with_links_and_lets_a_sponsor_go_on(
    client, portfolio, sponsor, contributor
):
    make_use_case(portfolio, stage="qualified")
    client.force_login(sponsor)
    answer = client.post("/use-cases/ACME-1/move/", {"to": "selected"}, headers=HTMX)
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "ACME-1 cannot enter selected yet" in body
    assert 'href="/use-cases/ACME-1/lighthouse/"' in body
    assert 'name="override" value="true"' in body
    page = client.post("/use-cases/ACME-1/move/", {"to": "selected"})
    assert page.status_code == 409
    assert "Override with a reason" in page.content.decode()
    gone_on = client.post(
        "/use-cases/ACME-1/move/",
        {"to": "selected", "override": "true", "reason": "The board asked for it."},
    )
    assert (gone_on.status_code, gone_on.url) == (302, "/portfolios/ACME/board/")
    shown = client.get("/use-cases/ACME-1/").content.decode()
    assert "The board asked for it." in shown


def test_who_may_not_override_is_not_offered_it(client, portfolio, owner):
    use_case = make_use_case(portfolio, stage="mobilising")
    make_lighthouse(use_case, owner)
    client.force_login(owner)
    answer = client.post("/use-cases/ACME-1/move/", {"to": "building"}, headers=HTMX)
    assert answer.status_code == 422
    assert "override" not in answer.content.decode()


def test_a_move_of_what_was_changed_meanwhile_shows_how_it_stands(client, portfolio, sponsor):
    use_case = make_use_case(portfolio)
    edit_use_case(act_as(sponsor), use_case.pk, {"title": "Other"})
    client.force_login(sponsor)
    answer = client.post(
        "/use-cases/ACME-1/move/",
        {"to": "parked", "reason": "Why", "version": use_case.revision}, headers=HTMX,
    )  # fmt: skip
    assert answer.status_code == 422
    assert "Somebody changed ACME-1 meanwhile" in answer.content.decode()


def act_as(user) -> Actor:
    return Actor(user=user)


def test_parking_asks_for_a_reason_without_script(client, portfolio, contributor):
    make_use_case(portfolio)
    client.force_login(contributor)
    page = client.get("/use-cases/ACME-1/move/?to=parked")
    assert 'name="reason"' in page.content.decode()
    refused = client.post("/use-cases/ACME-1/move/", {"to": "parked", "reason": " "})
    assert refused.status_code == 422
    parked = client.post(
        "/use-cases/ACME-1/move/", {"to": "parked", "reason": "No budget.", "back": "use_case"}
    )
    assert parked.url == "/use-cases/ACME-1/"
    assert "Parked since" in client.get("/use-cases/ACME-1/").content.decode()


def test_the_second_editor_sees_both_and_chooses(client, portfolio, sponsor):
    use_case = make_use_case(portfolio)
    edit_use_case(act_as(sponsor), use_case.pk, {"title": "Saved first"})
    client.force_login(sponsor)
    typed = {"title": "Typed second", "problem": use_case.problem, "seen": use_case.revision}
    answer = client.post("/use-cases/ACME-1/edit/", typed)
    body = answer.content.decode()
    assert answer.status_code == 409
    assert "Saved first" in body
    assert "Typed second" in body
    current = UseCase.objects.get().revision
    assert f'value="{current}"' in body
    assert client.post("/use-cases/ACME-1/edit/", {**typed, "seen": current}).status_code == 302
    assert UseCase.objects.get().title == "Typed second"


def test_what_was_typed_is_kept_when_it_is_refused(client, portfolio, contributor):
    client.force_login(contributor)
    answer = client.post(
        "/portfolios/ACME/use-cases/new/", {"title": "", "problem": "Tickets wait."}
    )
    assert answer.status_code == 422
    assert "Tickets wait." in answer.content.decode()


def test_a_split_proposes_one_candidate_for_each_job(client, portfolio, contributor):
    client.force_login(contributor)
    wide = {"title": "Helper", "jobs": "triage\ndraft\n", "segments": "agents\nplanners\n"}
    client.post("/portfolios/ACME/use-cases/new/", wide)
    page = client.get("/use-cases/ACME-1/split/").content.decode()
    assert page.count('name="part"') == 4
    assert re.findall(r'value="(\d)" id="part-\d" checked', page) == ["0", "2"]


def test_what_comes_next_is_one_sentence_not_all_that_is_missing(client, portfolio, contributor):
    use_case = make_use_case(portfolio)
    client.force_login(contributor)
    page = client.get(f"/use-cases/{use_case.reference}/").content.decode()
    answer = page.split('class="answer">')[1].split("</p>")[0]
    assert answer.count(".") == 2, answer


class TestTwoEditors:
    """Both opened the form at the same moment; the other one saved first."""

    @pytest.fixture
    def use_case(self, portfolio):
        return make_use_case(portfolio, title="Triage", problem="Slow.\nAnd dear.")

    def save(self, client, address, page, **typed):
        fields = {name: html.unescape(said) for name, said in HIDDEN.findall(page)}
        fields |= {
            "title": "Triage",
            "problem": "Slow.\r\nAnd dear.",
            "jobs": "triage support tickets",
        }
        fields |= {"segments": "tier-1 agents", "success_metrics": "first response time"}
        return client.post(address, {**fields, "business_unit": "Care", **typed})

    def test_what_each_typed_in_other_fields_stands(self, client, act, contributor, use_case):
        client.force_login(contributor)
        address = f"/use-cases/{use_case.reference}/edit/"
        page = client.get(address).content.decode()
        edit_use_case(act(contributor), use_case.pk, {"title": "Renamed", "customer_facing": True})
        assert self.save(client, address, page, business_unit="Sales").status_code == 302
        use_case.refresh_from_db()
        said = (use_case.title, use_case.customer_facing, use_case.business_unit)
        assert said == ("Renamed", True, "Sales")
        assert use_case.problem == "Slow.\nAnd dear."

    def test_of_the_same_field_both_are_shown_and_the_rest_is_kept(
        self, client, act, contributor, use_case
    ):
        client.force_login(contributor)
        address = f"/use-cases/{use_case.reference}/edit/"
        page = client.get(address).content.decode()
        edit_use_case(act(contributor), use_case.pk, {"title": "Theirs", "business_unit": "Sales"})
        refused = self.save(client, address, page, title="Mine")
        assert refused.status_code == 409
        shown = refused.content.decode()
        assert re.findall(r'<th scope="row">([^<]+)', shown) == ["Title"]
        assert 'value="Mine"' in shown
        assert 'value="Sales"' in shown
        again = self.save(client, address, shown, title="Mine", business_unit="Sales")
        assert again.status_code == 302
        use_case.refresh_from_db()
        assert (use_case.title, use_case.business_unit) == ("Mine", "Sales")


def test_a_candidate_is_proposed_and_split_by_form(client, portfolio, contributor):
    client.force_login(contributor)
    made = client.post(
        "/portfolios/ACME/use-cases/new/", {"title": "Helper", "jobs": "triage\ndraft\n"}
    )
    assert made.url == "/use-cases/ACME-1/"
    assert "platform play" in client.get(made.url).content.decode()
    page = client.get("/use-cases/ACME-1/split/").content.decode()
    assert "Helper: triage" in page
    one = client.post("/use-cases/ACME-1/split/", {"part": ["0"], "title-0": "A", "title-1": "B"})
    assert one.status_code == 422
    both = client.post(
        "/use-cases/ACME-1/split/", {"part": ["0", "1"], "title-0": "Triage", "title-1": "Drafts"}
    )
    assert both.status_code == 302
    assert [(row.title, row.jobs) for row in UseCase.objects.by_number()] == [
        ("Triage", ["triage"]),
        ("Drafts", ["draft"]),
    ]


def test_a_column_goes_on_by_plain_link_and_by_piece(client, portfolio, viewer):
    for number in range(53):
        make_use_case(portfolio, title=f"Case {number}")
    client.force_login(viewer)
    board = client.get("/portfolios/ACME/board/").content.decode()
    assert board.count('<li class="card"') == 50
    more = board.split('class="more" hx-get="')[1].split('"')[0].replace("&amp;", "&")
    page = client.get(more).content.decode()
    assert page.count('<li class="card"') == 3
    assert "<html" in page
    piece = client.get(more, headers=HTMX).content.decode()
    assert piece.count('<li class="card"') == 3
    assert "<html" not in piece


def test_a_strange_cursor_is_not_there(client, portfolio, viewer):
    client.force_login(viewer)
    for address in ("board/?stage=live&cursor=x", "activity/?cursor=x"):
        assert client.get(f"/portfolios/ACME/{address}").status_code == 404


def test_activity_says_who_did_what(client, portfolio, contributor, viewer):
    use_case = make_use_case(portfolio, by=contributor)
    move(act_as(contributor), use_case.pk, Stage.PARKED, reason="No budget.", now=timezone.now())
    client.force_login(viewer)
    body = client.get("/portfolios/ACME/activity/").content.decode()
    assert "to parked" in body
    assert "No budget." in body
    narrowed = client.get("/portfolios/ACME/activity/?kind=use_case_proposed").content.decode()
    assert "to parked" not in narrowed
    refused = client.get("/portfolios/ACME/activity/?since=soon")
    assert refused.status_code == 422
    assert "to parked" not in refused.content.decode()  # all of it is no answer to a question


def test_a_filter_left_empty_in_the_form_narrows_nothing(client, portfolio, contributor, viewer):
    first, second = (make_use_case(portfolio, by=contributor, title=title) for title in "AB")
    client.force_login(viewer)
    form = {"kind": "", "by": "", "use_case": first.reference, "since": "", "until": ""}
    answer = client.get("/portfolios/ACME/activity/", form)
    body = answer.content.decode()
    assert answer.status_code == 200
    assert first.reference in body
    assert f">{second.reference}<" not in body
    api = client.get("/api/v1/events/?portfolio=ACME&kind=").json()
    assert len(api["results"]) > 1


def test_my_work_lists_what_waits_for_me(client, portfolio, owner, contributor, sponsor):
    today = timezone.now().date()
    asked = make_use_case(portfolio, title="Asked of me", stage="selected")
    make_lighthouse(asked, owner, acceptance="asked")
    running = make_use_case(portfolio, title="Running", stage="building")
    lighthouse = make_lighthouse(
        running, owner, start_date=today - timedelta(days=40), production_environment="eu-west"
    )
    Milestone.objects.create(lighthouse=lighthouse, title="Freeze the set", due_on=today)
    judged = make_use_case(portfolio, title="Judged", stage="live")
    done = make_lighthouse(judged, owner, verdict_due=today - timedelta(days=2))
    done.standing.verdict = "victory"
    done.standing.save()
    make_use_case(portfolio, title="My idea", by=contributor)

    def work_of(person) -> str:
        client.force_login(person)
        return client.get("/").content.decode()

    mine = work_of(owner)
    for words in ("Will you own it?", "Freeze the set", "Say when it will be in production."):
        assert words in mine
    assert "The verdict is victory." not in mine
    assert "The verdict is victory." in work_of(sponsor)
    assert "Open: the outcome, the data" in work_of(contributor)


def test_an_owner_who_was_asked_is_told_so_beside_the_name(client, portfolio, owner, viewer):
    case = make_use_case(portfolio, stage="selected")
    make_lighthouse(case, owner, acceptance="asked", answered_at=None)
    client.force_login(viewer)
    page = client.get(f"/use-cases/{case.reference}/").content.decode()
    told = " ".join(strip_tags(page).split())
    assert f"Owner {owner.name} (asked)" in told


def test_the_overview_and_the_api_agree(client, api, full, viewer):
    full(2)
    client.force_login(viewer)
    page = client.get("/portfolios/ACME/").content.decode()
    status = api(viewer).get("/api/v1/portfolios/acme/status/").json()
    facts = dict(FACT.findall(page))
    assert {stage: facts[stage.capitalize()] for stage in status["pipeline"]} == {
        stage: str(count) for stage, count in status["pipeline"].items()
    }
    assert (facts["Victories"], facts["Failures"]) == (
        str(status["verdicts"]["victory"]), str(status["verdicts"]["failure"]),
    )  # fmt: skip
    deliveries = page.partition("Lighthouses in delivery, the nearest")[2].partition("</table>")[0]
    assert re.findall(r'data-reference="([^"]+)"', deliveries) == [
        row["use_case"] for row in status["lighthouses"]
    ]
    assert status["pipeline"]["parked"] == 2
    assert status["verdicts"]["pending"] == 10
    assert status["lighthouses"][0]["week"] == 8
    assert [row["rank"] for row in status["ranking"]["shortlist"]] == [1, 1, 1, 1]
    assert status["ranking"]["certainty_stale"] is True
    assert {"p_first", "p_top3", "rank_low", "rank_high"} < set(status["ranking"]["shortlist"][0])
    assert {row["kind"] for row in status["attention"]} >= {"milestone_overdue", "forecast_late"}


@pytest.mark.parametrize("role", ["viewer", None])
def test_who_cannot_own_any_more_owns_nothing(api, act, portfolio, owner, sponsor, client, role):
    use_case = make_use_case(portfolio, stage="selected")
    make_lighthouse(use_case, owner)
    membership = Membership.objects.get(user=owner, portfolio=portfolio)
    if role:
        change_role(act(sponsor), membership.pk, role)
    else:
        remove_member(act(sponsor), membership.pk)
    accepted = gates.look(Stage.MOBILISING, [use_case.pk])[use_case.pk][0]
    assert (accepted.condition, accepted.holds) == ("The owner accepted", False)
    assert "cannot own it any more" in accepted.why
    attention = api(sponsor).get("/api/v1/portfolios/ACME/status/").json()["attention"]
    assert [row["kind"] for row in attention] == ["owner_gone"]
    client.force_login(sponsor)
    page = client.get(f"/use-cases/{use_case.reference}/lighthouse/").content.decode()
    assert "<strong>Nobody owns it any more.</strong>" in page
    assert ">accepted</span>" not in page
    assert "owned it" in page
    assert page.count("<span>no owner; it was ") == 1


def test_a_verdict_undeclared_for_long_heads_attention(api, portfolio, owner, viewer):
    today = timezone.now().date()
    for days, verdict in ((1, "victory"), (8, "failure")):
        use_case = make_use_case(portfolio, stage="live")
        lighthouse = make_lighthouse(use_case, owner, verdict_due=today - timedelta(days=days))
        lighthouse.standing.verdict = verdict
        lighthouse.standing.save()
    attention = api(viewer).get("/api/v1/portfolios/ACME/status/").json()["attention"]
    assert [row["kind"] for row in attention] == ["undeclared_for_long", "undeclared"]


def test_who_brought_a_file_in_proposed_none_of_its_rows(client, portfolio, contributor):
    make_use_case(portfolio, by=contributor, title="My own idea")
    imported = make_use_case(portfolio, by=contributor, title="One row of many")
    UseCase.objects.filter(pk=imported.pk).update(import_key="0" * 32)
    client.force_login(contributor)
    page = client.get("/").content.decode()
    assert "1 thing waits for you." in page
    assert "One row of many" not in page


def test_the_proposals_that_are_not_listed_are_counted(client, portfolio, contributor):
    for number in range(23):
        make_use_case(portfolio, by=contributor, title=f"Idea {number}")
    client.force_login(contributor)
    page = client.get("/").content.decode()
    assert "23 things wait for you." in page
    assert "3 more are not listed." in page


def test_nothing_waits_for_who_only_looks_on_by_now(client, portfolio, owner):
    running = make_use_case(portfolio, title="Running", stage="building", by=owner)
    make_lighthouse(running, owner, acceptance="asked")
    client.force_login(owner)
    assert "Will you own it?" in client.get("/").content.decode()
    Membership.objects.filter(user=owner).update(role="viewer")
    assert "Nothing waits for you." in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((-18,), "One lighthouse is under way; the last verdict was due on"),
        ((-18, 3), "2 lighthouses are under way; the next verdict is due on"),
        ((0,), "One lighthouse is under way; the next verdict is due on"),
    ],
)
def test_the_overview_says_of_a_past_verdict_day_that_it_was(
    client, portfolio, owner, viewer, days, words
):
    today = timezone.now().date()
    for day in days:
        make_lighthouse(
            make_use_case(portfolio, stage="live"), owner, verdict_due=today + timedelta(days=day)
        )
    client.force_login(viewer)
    page = client.get("/portfolios/ACME/").content.decode()
    assert f"{words} {today + timedelta(days=days[-1]):%-d %B}." in page


def test_the_lighthouse_offers_no_way_to_itself(client, portfolio, owner, sponsor):
    for stage in ("qualified", "selected", "mobilising", "building"):
        use_case = make_use_case(portfolio, stage=stage)
        make_lighthouse(use_case, owner)
        client.force_login(sponsor)
        here = f"/use-cases/{use_case.reference}/lighthouse/"
        page = client.get(here).content.decode()
        assert "open the lighthouse" not in page, stage
        assert f'<a href="{here}">' not in page, stage
