from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portfolio import settling
from portfolio.actions import milestones, readings, recording
from portfolio.models import Amendment, Forecast, Lighthouse, Milestone, Reading
from portfolio.rights import Actor
from tests import make

TODAY = datetime.now(UTC).date()
NOW = datetime.now(UTC)


@pytest.fixture
def running(portfolio, owner) -> Lighthouse:
    """Sealed and begun four weeks ago."""
    lighthouse = make.make_sealed(
        make.make_use_case(portfolio, stage="live"), owner, start=TODAY - timedelta(days=28)
    )
    settling.settle(lighthouse.pk, NOW)
    return lighthouse


@pytest.fixture
def ended(portfolio, owner) -> Lighthouse:
    """Its last day was yesterday; a worker has published the failure."""
    lighthouse = make.make_sealed(
        make.make_use_case(portfolio, stage="live"), owner, start=TODAY - timedelta(days=112)
    )
    settling.settle(lighthouse.pk, NOW)
    return lighthouse


@pytest.fixture
def browse(client):
    """The page or a POST on it, as this person: `browse(owner).get(lighthouse)`."""

    class Browser:
        def get(self, lighthouse, **asked):
            return client.get(tab(lighthouse.use_case), asked)

        def post(self, lighthouse, name, *keys, **typed):
            args = [lighthouse.use_case.reference, lighthouse.pk, *keys]
            return client.post(reverse(f"portfolio:{name}", args=args), typed)

    def signed_in(user) -> Browser:
        client.force_login(user)
        return Browser()

    return signed_in


def tab(use_case) -> str:
    return reverse("portfolio:lighthouse", args=[use_case.reference])


def own_page(lighthouse) -> str:
    return reverse("portfolio:lighthouse", args=[lighthouse.use_case.reference, lighthouse.pk])


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_page_answers_first(browse, viewer, running):
    page = text(browse(viewer).get(running))
    assert "<strong>Week 5 of 16.</strong> Not in production, and nobody has said" in page
    assert "first response time must be at or below 0.5" in page
    for form in ("week_update", "plan", "declaration", "amendments"):
        here = reverse(f"portfolio:{form}", args=[running.use_case.reference, running.pk])
        assert here not in page


def test_who_sees_the_page(client, browse, stranger, running):
    assert browse(stranger).get(running).status_code == 404
    client.logout()
    assert client.get(tab(running.use_case)).status_code == 302


POSTS = [
    ("name_owner", {"owner": "owner@acme.example"}),
    ("answer_ownership", {"accept": "yes"}),
    ("plan", {"planned_weeks": "12", "last_readings": "1"}),
    ("facts", {"reading_plan": "weekly"}),
    ("seal", {}),
    ("week_update", {"ships_on": (TODAY + timedelta(days=30)).isoformat()}),
    ("ship_date", {"shipped_on": TODAY.isoformat()}),
    ("milestones", {"title": "Set frozen", "due_on": TODAY.isoformat()}),
    ("retrospective", {"retrospective": "Retrieval was the bottleneck."}),
    ("amendments", {"target": "0.6", "reason": "So"}),
    ("declaration", {"verdict": "failure"}),
]


def test_who_may_see_but_not_do(browse, viewer, contributor, stranger, running):
    before = Lighthouse.objects.get(pk=running.pk).portfolio.revision
    for person, code in ((viewer, 403), (contributor, 403), (stranger, 404)):
        browser = browse(person)
        for name, typed in POSTS:
            assert browser.post(running, name, **typed).status_code == code, (name, person)
            assert Lighthouse.objects.get(pk=running.pk).portfolio.revision == before, name


def not_now(name: str) -> bool:
    """A form that the page of an accepted lighthouse does not hold any more."""
    return name == "answer_ownership"


def test_whoever_opens_a_forms_address_is_led_to_its_page(client, owner, viewer, stranger, running):
    args = [running.use_case.reference, running.pk]
    for person in (owner, viewer):
        client.force_login(person)
        for name, _ in POSTS:
            for read in (client.get, client.head):
                answer = read(reverse(f"portfolio:{name}", args=args))
                page, at = answer.url.split("#")
                assert (answer.status_code, page) == (302, own_page(running)), name
                assert person == viewer or f'id="{at}"' in text(client.get(page)) or not_now(name)
    client.force_login(stranger)
    for name, _ in POSTS:
        assert client.get(reverse(f"portfolio:{name}", args=args)).status_code == 404, name


def test_the_address_of_a_correction_leads_to_its_form(client, owner, running):
    client.force_login(owner)
    told = {
        "value_0": "0.6",
        "measured_on": TODAY.isoformat(),
        "sample_size": "900",
        "source": "BI",
    }
    client.post(
        reverse("portfolio:week_update", args=[running.use_case.reference, running.pk]), told
    )
    reading = Reading.objects.of(running.pk).get()
    args = [running.use_case.reference, running.pk, reading.pk]
    address = reverse("portfolio:correction", args=args)
    page = client.get(address, follow=True)
    assert page.redirect_chain == [(f"{own_page(running)}?correct={reading.pk}#readings", 302)]
    assert f'action="{address}"' in text(page)
    assert client.get(reverse("portfolio:correction", args=[*args[:2], 0])).status_code == 404


def test_draw_up_and_accept(client, browse, sponsor, owner, portfolio):
    use_case = make.make_use_case(portfolio, stage="qualified")
    client.force_login(sponsor)
    assert "Draw it up" in text(client.get(tab(use_case)))
    address = reverse("portfolio:draw_up", args=[use_case.reference])
    refused = client.post(address, {"owner": "", "planned_weeks": "16"})
    assert refused.status_code == 422
    drawn = client.post(address, {"owner": owner.email, "planned_weeks": "12"})
    assert (drawn.status_code, drawn["Location"]) == (303, tab(use_case))
    lighthouse = Lighthouse.objects.get()
    page = text(browse(owner).get(lighthouse))
    assert "You are asked to own this lighthouse" in page
    browse(owner).post(lighthouse, "answer_ownership", accept="yes")
    page = text(browse(owner).get(lighthouse))
    assert "The success contract is not sealed." in page
    assert "the metric" in page


def test_a_proposal_says_when_its_lighthouse_comes(client, viewer, portfolio):
    client.force_login(viewer)
    page = text(client.get(tab(make.make_use_case(portfolio))))
    assert "The lighthouse comes after the tests" in page


def test_the_week_in_one_post(browse, owner, running):
    milestone = milestones.add_milestone(
        Actor(user=owner), running.pk, title="Set frozen", due_on=TODAY, now=NOW
    )
    week = {
        "value_0": "5.2",
        "value_1": "",
        "measured_on": TODAY.isoformat(),
        "source": "BI export",
        "sample_size": "1204",
        "reached": [milestone.pk],
        "ships_on": (TODAY + timedelta(days=30)).isoformat(),
        "note": "The data owner changed.",
    }
    told = browse(owner).post(running, "week_update", **week)
    assert told.status_code == 303
    assert [str(row) for row in Reading.objects.all()] == [f"5.200000 on {TODAY}"]
    assert Milestone.objects.get().done_on == TODAY
    assert Forecast.objects.get().note == "The data owner changed."
    page = text(browse(owner).get(running))
    assert "5.2 h" in page
    assert "being computed" in page


def test_a_refused_week_keeps_what_was_typed(browse, owner, running):
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    answer = browse(owner).post(
        running, "week_update", value_0="5.2", measured_on=tomorrow, source="BI export"
    )
    assert answer.status_code == 422
    assert "A reading cannot lie after today." in text(answer)
    assert 'value="5.2"' in text(answer)
    empty = browse(owner).post(running, "week_update", measured_on=tomorrow)
    assert (empty.status_code, Reading.objects.count()) == (422, 0)


def test_a_reading_is_corrected_on_the_page(browse, owner, running):
    browse(owner).post(running, "week_update", value_0="52", measured_on=TODAY.isoformat())
    wrong = Reading.objects.get()
    page = text(browse(owner).get(running, correct=wrong.pk))
    assert "Correct first response time" in page
    typed = {"value": "5.2", "measured_on": TODAY.isoformat()}
    assert browse(owner).post(running, "correction", wrong.pk, **typed).status_code == 303
    again = browse(owner).post(running, "correction", wrong.pk, **typed)
    assert again.status_code == 422
    assert "<s>52 h</s>" in text(browse(owner).get(running))


def test_a_milestone_is_promised_kept_changed_and_taken_back(browse, owner, running):
    browser = browse(owner)
    browser.post(running, "milestones", title="Set frozen", due_on=TODAY.isoformat())
    milestone = Milestone.objects.get()
    browser.post(running, "milestone", milestone.pk, do="done")
    milestone.refresh_from_db()
    assert milestone.done_on == TODAY
    changed = {"do": "save", "title": "Set v2 frozen", "due_on": "", "seen": milestone.revision}
    refused = browser.post(running, "milestone", milestone.pk, **changed)
    assert refused.status_code == 422
    changed["due_on"] = TODAY.isoformat()
    assert browser.post(running, "milestone", milestone.pk, **changed).status_code == 303
    browser.post(running, "milestone", milestone.pk, do="remove")
    assert not Milestone.objects.exists()


def test_the_second_editor_sees_both_and_chooses(browse, owner, sponsor, running):
    seen = running.revision
    first = browse(owner).post(running, "facts", reading_plan="weekly", seen=seen)
    assert first.status_code == 303
    second = browse(sponsor).post(running, "facts", reading_plan="daily", seen=seen)
    assert second.status_code == 422
    page = text(second)
    assert "is now <b>weekly</b>" in page
    assert "daily</textarea>" in page
    now = Lighthouse.objects.get(pk=running.pk).revision
    assert f'value="{now}"' in page
    browse(sponsor).post(running, "facts", reading_plan="daily", seen=now)
    assert Lighthouse.objects.get(pk=running.pk).reading_plan == "daily"


def test_a_sponsor_declares_and_the_page_keeps_both(browse, sponsor, viewer, ended):
    assert "A sponsor has yet to declare it." in text(browse(viewer).get(ended))
    refused = browse(sponsor).post(ended, "declaration", verdict="victory")
    assert refused.status_code == 422
    declared = browse(sponsor).post(
        ended, "declaration", verdict="victory", reason="The export was down."
    )
    assert declared.status_code == 303
    page = text(browse(viewer).get(ended))
    assert "against the computed failure: “The export was down.”" in page
    assert browse(sponsor).post(ended, "declaration", verdict="failure").status_code == 422


def amending(lighthouse, **changes: str) -> dict[str, object]:
    """The form of an amendment as it comes, with these changes."""
    contract = lighthouse.contract
    return {
        "statement": contract.statement, "metric": contract.metric, "unit": "h",
        "direction": "lower", "baseline": "8", "target": "0.5", "segment": contract.segment,
        "how_measured": contract.how_measured, "smallest_sample": "100", "last_readings": "1",
        "start_date": contract.start_date.isoformat(), "planned_weeks": "16",
        "guardrail_0_metric": "CSAT", "guardrail_0_kind": "at_least",
        "guardrail_0_limit": "4.2", "guardrail_0_unit": "points",
        "seen": contract.revision, **changes,
    }  # fmt: skip


def test_a_sponsor_amends(browse, sponsor, running):
    typed = amending(running, target="0.6")
    assert browse(sponsor).post(running, "amendments", **typed).status_code == 422
    amended = browse(sponsor).post(running, "amendments", **typed, reason="New export.")
    assert amended.status_code == 303
    assert Amendment.objects.get().changes == {"target": ["0.5", "0.6"]}
    assert "“New export.”" in text(browse(sponsor).get(running))


def test_an_amendment_that_ends_it_at_once_is_asked_back(browse, sponsor, portfolio, owner):
    start = TODAY - timedelta(days=70)
    late = make.make_sealed(make.make_use_case(portfolio, stage="live"), owner, start=start)
    settling.settle(late.pk, NOW)
    typed = amending(late, planned_weeks="9", reason="It was meant to be short.")
    asked = browse(sponsor).post(late, "amendments", **typed)
    assert (asked.status_code, Amendment.objects.count()) == (422, 0)
    page = text(asked)
    assert f"The verdict day would be {start + timedelta(days=62):%-d %B %Y}, already past" in page
    assert "It was meant to be short." in page
    meant = browse(sponsor).post(late, "amendments", **typed, sure="on")
    assert (meant.status_code, Amendment.objects.count()) == (303, 1)


def test_the_verdict_is_a_fragment_that_refreshes_while_computed(client, viewer, owner, running):
    client.force_login(viewer)
    piece = client.get(tab(running.use_case), headers={"HX-Request": "true"})
    assert "<html" not in text(piece)
    assert "hx-get" not in text(piece)
    recording.record_ship_date(Actor(user=owner), running.pk, shipped_on=TODAY, now=NOW)
    piece = text(client.get(tab(running.use_case), headers={"HX-Request": "true"}))
    assert 'hx-trigger="every 2s, seen"' in piece
    assert 'id="answer" hx-swap-oob="true"' in piece


def test_a_retry_begins_afresh_and_the_first_stays_in_reach(client, browse, sponsor, ended):
    browse(sponsor).post(ended, "declaration", verdict="failure")
    use_case = ended.use_case
    assert "Failure," in text(client.get(tab(use_case)))
    use_case.stage = "qualified"
    use_case.save(update_fields=["stage"])
    page = text(client.get(tab(use_case)))
    earlier = reverse("portfolio:lighthouse", args=[use_case.reference, ended.pk])
    assert "Draw it up" in page
    assert earlier in page
    assert "declared by Sam Sponsor" in text(client.get(earlier))


def test_a_lighthouse_is_not_found_under_another_use_case(client, sponsor, running, ended):
    client.force_login(sponsor)
    mixed = reverse("portfolio:lighthouse", args=[running.use_case.reference, ended.pk])
    assert client.get(mixed).status_code == 404


@pytest.mark.parametrize("person", ["sponsor", "owner", "viewer"])
def test_cost_does_not_grow(browse, person, running, owner, sponsor, request):
    browser = browse(request.getfixturevalue(person))

    def more(count: int) -> None:
        for n in range(count):
            milestones.add_milestone(
                Actor(user=owner), running.pk, title=f"M{n}", due_on=TODAY, now=NOW
            )
            recording.give_forecast(
                Actor(user=owner), running.pk, ships_on=TODAY + timedelta(days=n), now=NOW
            )
            for metric in ("CSAT", "first response time"):
                readings.record_reading(
                    Actor(user=owner),
                    running.pk,
                    readings.NewReading(metric, n, TODAY),
                    now=NOW,
                )

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(running).status_code == 200
        return len(queries)

    more(3)
    cost()  # the first answer also fills what is cached
    few = cost()
    more(9)
    assert cost() == few


def test_a_decimal_comma_is_asked_back_and_nothing_is_read(browse, owner, running):
    refused = browse(owner).post(
        running, "week_update", value_0="1,3", measured_on=TODAY.isoformat(), source="BI export"
    )
    assert (refused.status_code, Reading.objects.count()) == (422, 0)
    page = text(refused)
    assert "Write the decimals after a point, such as 0.5; a comma marks thousands." in page
    assert 'value="1,3"' in page
    assert 'value="BI export"' in page


@pytest.fixture
def shipped(running) -> Lighthouse:
    """In production for ten days; its contract counts from a sample of 100."""
    running.shipped_on = TODAY - timedelta(days=10)
    running.save(update_fields=["shipped_on"])
    return running


def week(days: int = 0, **typed: str) -> dict[str, str]:
    """The week's form, measured so many days ago."""
    return {"value_0": "5.2", "measured_on": (TODAY - timedelta(days=days)).isoformat(), **typed}


def test_a_reading_that_does_not_count_is_told_at_once_and_in_its_row(browse, owner, shipped):
    browser = browse(owner)
    browser.post(shipped, "week_update", **week())
    page = text(browser.get(shipped))
    assert "First response time does not count: no sample, 100 needed." in page
    assert "The verdict follows what was read." not in page
    assert "no: no sample, 100 needed" in page
    assert "it does not count: no sample, 100 needed" in page
    browser.post(shipped, "week_update", **week(12, sample_size="150", value_0="5.3"))
    page = text(browser.get(shipped))
    assert "First response time does not count: before the ship date" in page
    for value in ("5.4", "5.5"):
        browser.post(shipped, "week_update", **week(sample_size="150", value_0=value))
    page = text(browser.get(shipped))
    assert "This week is told. The verdict follows what was read." in page
    assert '<td class="small"><b>in force</b>' in page
    assert '<td class="small">yes' in page
    assert ">5.5 h</a> on" in page


def test_a_correction_that_does_not_count_says_so_too(browse, owner, shipped):
    browser = browse(owner)
    browser.post(shipped, "week_update", **week(sample_size="150"))
    typed = {"value": "5.1", "measured_on": TODAY.isoformat(), "sample_size": "9"}
    browser.post(shipped, "correction", Reading.objects.get().pk, **typed)
    page = text(browser.get(shipped))
    assert "stays in sight. First response time does not count: a sample of 9, 100 needed." in page


def test_a_reading_before_the_start_is_left_out_of_the_picture(browse, owner, shipped):
    browser = browse(owner)
    browser.post(shipped, "week_update", **week(2000))
    assert "Not drawn: 1 reading that lies before the start" in text(browser.get(shipped))


@pytest.mark.parametrize(
    ("again", "words"),
    [
        ({}, "First response time: 5.2 was read for"),
        ({"value_0": "900000"}, "First response time: 900,000 is more than 20 times away"),
    ],
)
def test_a_doubtful_reading_is_asked_back_once(browse, owner, shipped, again, words):
    browser = browse(owner)
    first = week(sample_size="150")
    browser.post(shipped, "week_update", **first)
    typed = {**first, **again, "source": "BI export"}
    asked = browser.post(shipped, "week_update", **typed)
    assert (asked.status_code, Reading.objects.count()) == (422, 1)
    page = text(asked)
    assert words in page
    assert f'value="{typed["value_0"]}"' in page
    assert "It is right as it stands" in page
    meant = browser.post(shipped, "week_update", **typed, sure="on")
    assert (meant.status_code, Reading.objects.count()) == (303, 2)


def test_a_doubtful_correction_is_asked_back_but_not_beside_what_it_corrects(
    browse, owner, shipped
):
    browser = browse(owner)
    browser.post(shipped, "week_update", **week(sample_size="150"))
    row = Reading.objects.get()
    typed = {"value": "5.2", "measured_on": TODAY.isoformat(), "sample_size": "150"}
    far = browser.post(shipped, "correction", row.pk, **{**typed, "value": "52000"})
    assert far.status_code == 422
    assert "52,000 is more than 20 times away" in text(far)
    assert browser.post(shipped, "correction", row.pk, **typed).status_code == 303


def test_a_doubtful_guardrail_is_held_against_its_limit(browse, owner, shipped):
    asked = browse(owner).post(
        shipped, "week_update", value_1="4200", measured_on=TODAY.isoformat()
    )
    assert (asked.status_code, Reading.objects.count()) == (422, 0)
    assert "CSAT: 4,200 is more than 20 times away" in text(asked)


def test_a_ship_date_is_recorded_and_taken_back_only_where_it_is_meant(browse, owner, running):
    browser = browse(owner)
    empty = browser.post(running, "ship_date", shipped_on="")
    assert empty.status_code == 422
    assert "Give the day." in text(empty)
    assert "take the day back" not in text(browser.get(running))
    browser.post(running, "ship_date", shipped_on=TODAY.isoformat())
    assert "The ship date is recorded." in text(browser.get(running))
    assert browser.post(running, "ship_date", shipped_on="").status_code == 422
    running.refresh_from_db()
    assert running.shipped_on == TODAY
    browser.post(running, "ship_date", shipped_on="", do="take_back")
    page = text(browser.get(running))
    assert "The ship date is taken back: it is not in production" in page
    running.refresh_from_db()
    assert running.shipped_on is None


def test_a_ship_date_before_the_start_is_asked_back(browse, owner, running):
    before = (running.start_date - timedelta(days=1)).isoformat()
    asked = browse(owner).post(running, "ship_date", shipped_on=before)
    assert asked.status_code == 422
    assert "in production before the lighthouse began" in text(asked)
    assert f'value="{before}"' in text(asked)
    meant = browse(owner).post(running, "ship_date", shipped_on=before, sure="on")
    assert meant.status_code == 303
    running.refresh_from_db()
    assert running.shipped_on.isoformat() == before


def test_a_milestone_far_off_is_refused_in_words(browse, owner, running):
    refused = browse(owner).post(running, "milestones", title="Set frozen", due_on="1999-01-01")
    assert (refused.status_code, Milestone.objects.count()) == (422, 0)
    assert "A milestone lies between" in text(refused)
