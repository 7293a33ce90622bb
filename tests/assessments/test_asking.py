"""Requests: asked, in the work list, answered, reminded, withdrawn."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from assessments import reminding
from assessments.actions.asking import RequestEnded, ask, end_request
from assessments.actions.rating import rate
from assessments.actions.testing import answer_tests
from assessments.models import Ending, Request
from assessments.rules.asking import is_reminder_due
from portfolio.errors import NotAllowed
from portfolio.models import Event, Membership
from portfolio.models.events import Kind
from tests.assessments.making import OUTCOME, judgement, publish_net
from tests.make import NOW, make_use_case

TODAY = NOW.date()
NEXT_WEEK = TODAY + timedelta(days=7)


@pytest.fixture
def use_case(portfolio, contributor):
    return make_use_case(portfolio, by=contributor)


def asked(act, sponsor, use_case, person, **what) -> Request:
    what = what or {"tests": ["outcome"]}
    (row,) = ask(act(sponsor), use_case.pk, email=person.email, now=NOW, **what)
    return row


def work_of(client, person) -> str:
    client.force_login(person)
    return client.get("/").content.decode()


def test_a_request_stands_in_the_work_list_and_the_feed(
    act, client, sponsor, contributor, owner, use_case
):
    asked(
        act, sponsor, use_case, owner,
        tests=["data"], note="May the tickets be used?", due_on=NEXT_WEEK,
    )  # fmt: skip
    assert "asks you to answer the data: May the tickets be used?" in work_of(client, owner)
    assert "asks you" not in work_of(client, contributor)
    feed = client.get(f"/portfolios/{use_case.portfolio.key}/activity/").content.decode()
    assert "asked Olga Owner about data of" in feed


@pytest.mark.parametrize("by", ["contributor", "owner"])
def test_an_answer_by_anybody_ends_the_request_about_a_test(
    act, sponsor, owner, contributor, use_case, by
):
    row = asked(act, sponsor, use_case, owner)
    person = {"contributor": contributor, "owner": owner}[by]
    answer_tests(act(person), use_case.pk, {"outcome": OUTCOME}, now=NOW)
    row.refresh_from_db()
    assert (row.ending, row.ended_at) == (Ending.ANSWERED, NOW)
    assert row.revision == Event.objects.order_by("-pk").first().pk


def test_a_part_of_an_answer_leaves_the_request_open(act, sponsor, owner, use_case):
    row = asked(act, sponsor, use_case, owner)
    answer_tests(act(owner), use_case.pk, {"outcome": {"metric": "hours"}}, now=NOW)
    row.refresh_from_db()
    assert row.ended_at is None


def test_the_economics_answer_theirs_from_their_own_room(act, sponsor, owner, use_case):
    asked(act, sponsor, use_case, owner, tests=["economics"])
    assert Request.objects.open().count() == 1
    publish_net(use_case, "100")
    assert Request.objects.open().count() == 0
    assert Request.objects.ended().count() == 1


def test_a_rating_ends_its_own_assessors_request_alone(act, sponsor, owner, contributor, use_case):
    one = asked(act, sponsor, use_case, owner, criteria=["headroom"])
    other = asked(act, sponsor, use_case, contributor, criteria=["headroom"])
    rate(act(owner), use_case.pk, [judgement("headroom"), judgement("reuse")], now=NOW)
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.ending, other.ending) == (Ending.ANSWERED, "")


def test_a_test_is_assigned_to_one_person(act, sponsor, owner, contributor, use_case):
    first = asked(act, sponsor, use_case, owner)
    second = asked(act, sponsor, use_case, contributor)
    first.refresh_from_db()
    assert (first.ending, first.words) == (Ending.WITHDRAWN, "Carl Contributor was asked instead.")
    again = asked(act, sponsor, use_case, contributor, tests=["outcome"], note="By Friday?")
    assert (again.pk, again.note) == (second.pk, "By Friday?")


def test_who_was_asked_declines_in_words(act, sponsor, owner, contributor, use_case):
    row = asked(act, sponsor, use_case, owner)
    with pytest.raises(NotAllowed):
        end_request(act(contributor), row.pk, Ending.DECLINED, "Not me.", now=NOW)
    with pytest.raises(ValidationError):
        end_request(act(owner), row.pk, Ending.DECLINED, " ", now=NOW)
    ended = end_request(act(owner), row.pk, Ending.DECLINED, "Carl knows.", now=NOW)
    assert (ended.ending, ended.words) == (Ending.DECLINED, "Carl knows.")
    assert Event.objects.order_by("-pk").first().kind == Kind.REQUEST_ENDED
    with pytest.raises(RequestEnded):
        end_request(act(owner), row.pk, Ending.ANSWERED, "Yes.", now=NOW)


def test_who_asked_or_a_sponsor_withdraws(act, sponsor, owner, contributor, use_case):
    (row,) = ask(act(contributor), use_case.pk, email=owner.email, tests=["data"], now=NOW)
    with pytest.raises(NotAllowed):
        end_request(act(owner), row.pk, Ending.WITHDRAWN, "", now=NOW)
    assert end_request(act(sponsor), row.pk, Ending.WITHDRAWN, "", now=NOW).ended_at == NOW


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"email": "viewer@acme.example"}, "asked"),
        ({"email": "nobody@acme.example"}, "asked"),
        ({"tests": ["economy"]}, "tests"),
        ({"tests": []}, "tests"),
        ({"tests": [], "criteria": ["annual_value"]}, "criteria"),
        ({"tests": [], "criteria": ["nothing"]}, "criteria"),
        ({"due_on": TODAY - timedelta(days=1)}, "due_on"),
        ({"due_on": date(2031, 1, 1)}, "due_on"),
    ],
)
def test_what_cannot_be_asked_is_said(act, sponsor, owner, viewer, use_case, fault, field):
    good = {"email": owner.email, "tests": ["data"], "due_on": NEXT_WEEK}
    with pytest.raises(ValidationError) as refused:
        ask(act(sponsor), use_case.pk, **{**good, **fault}, now=NOW)
    assert list(refused.value.message_dict) == [field]
    assert not Request.objects.exists()


def test_a_viewer_asks_nobody(act, viewer, owner, use_case):
    with pytest.raises(NotAllowed):
        ask(act(viewer), use_case.pk, email=owner.email, tests=["data"], now=NOW)


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due_in", "on_day", "hour", "is_due"),
    [
        (7, 6, 7, False),
        (7, 6, 8, True),
        (7, 5, 23, False),
        (7, 9, 8, True),  # nothing ran for days: late is better than never
        (0, 0, 12, False),  # asked today for today: they have just been told
        (1, 0, 23, False),
        (1, 1, 8, True),
    ],
)
def test_the_reminder_comes_the_day_before(due_in, on_day, hour, is_due):
    due_on, here = TODAY + timedelta(days=due_in), at(TODAY + timedelta(days=on_day), hour)
    assert is_reminder_due(due_on, TODAY, here) is is_due


def test_a_reminder_goes_out_once_in_the_portfolios_morning(act, sponsor, owner, use_case):
    use_case.portfolio.time_zone = "America/New_York"
    use_case.portfolio.save(update_fields=["time_zone"])
    row = asked(act, sponsor, use_case, owner, tests=["data"], due_on=NEXT_WEEK)
    day = NEXT_WEEK - timedelta(days=1)
    assert not reminding.send_reminder(row.pk, at(day, 9))  # four in the morning in New York
    eight = at(day, 13)
    assert [key for _, key in reminding.waiting(eight)] == [row.pk]
    assert reminding.send_reminder(row.pk, eight)
    assert not reminding.send_reminder(row.pk, eight)
    assert not reminding.waiting(eight)
    (letter,) = mail.outbox
    assert letter.to == [owner.email]
    assert f"/use-cases/{use_case.reference}/tests/#data" in letter.body


def test_all_that_is_due_goes_into_one_letter(
    act, portfolio, sponsor, owner, contributor, use_case
):
    other = make_use_case(portfolio, title="Quote drafting", by=contributor)
    first = asked(act, sponsor, use_case, owner, tests=["data"], due_on=NEXT_WEEK)
    asked(act, sponsor, other, owner, tests=["data"], due_on=NEXT_WEEK, note="May we?")
    asked(act, sponsor, other, contributor, tests=["review"], due_on=NEXT_WEEK)
    asked(act, sponsor, other, owner, tests=["outcome"], due_on=NEXT_WEEK + timedelta(days=30))
    assert reminding.send_reminder(first.pk, at(NEXT_WEEK, 12))
    (letter,) = mail.outbox
    assert "2 answers that you are asked for" in letter.subject
    assert letter.reply_to == [sponsor.email]
    for told in (use_case.reference, other.reference, "wrote: May we?"):
        assert told in letter.body
    assert len(reminding.waiting(at(NEXT_WEEK, 12))) == 1  # the contributor's


def test_nobody_is_reminded_of_what_is_answered(act, sponsor, owner, use_case):
    row = asked(act, sponsor, use_case, owner, tests=["outcome"], due_on=NEXT_WEEK)
    answer_tests(act(owner), use_case.pk, {"outcome": OUTCOME}, now=NOW)
    assert not reminding.send_reminder(row.pk, at(NEXT_WEEK, 12))
    assert not mail.outbox


def test_a_removed_member_gets_no_letter_about_it(act, sponsor, owner, use_case):
    row = asked(act, sponsor, use_case, owner, tests=["data"], due_on=NEXT_WEEK)
    Membership.objects.of(owner.pk, use_case.portfolio_id).delete()
    assert not reminding.waiting(at(NEXT_WEEK, 12))
    assert not reminding.send_reminder(row.pk, at(NEXT_WEEK, 12))
    assert not mail.outbox


def test_the_page_keeps_what_was_typed(client, sponsor, owner, use_case):
    client.force_login(sponsor)
    address = f"/use-cases/{use_case.reference}/requests/"
    answer = client.post(address, {"about": "test.data", "asked": "", "note": "Legal said yes."})
    assert answer.status_code == 422
    assert "Legal said yes." in answer.content.decode()
    good = {"about": ["test.data", "criterion.headroom"], "asked": owner.email, "back": "/"}
    answer = client.post(address, good)
    assert (answer.status_code, answer.url) == (302, "/")
    assert Request.objects.open().count() == 2
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example/", "nowhere", "\\x"):
        away = client.post(address, {**good, "back": elsewhere})
        assert away.url == address


def test_a_removed_members_list_holds_nothing(act, client, sponsor, owner, use_case):
    asked(act, sponsor, use_case, owner)
    Membership.objects.of(owner.pk, use_case.portfolio_id).delete()
    assert "asks you" not in work_of(client, owner)


def test_the_api_asks_and_ends(api, sponsor, owner, use_case):
    address = f"/api/v1/use-cases/{use_case.reference}/requests/"
    body = {"criterion": "headroom", "asked": owner.email, "note": "How many come back?"}
    made = api(sponsor).post(address, body, format="json")
    assert made.status_code == 201
    assert (made.data["criterion"], made.data["by"]) == ("headroom", sponsor.email)
    listed = api(owner).get(address).data["results"]
    assert [row["id"] for row in listed] == [made.data["id"]]
    ended = api(owner).patch(
        made["Location"], {"ending": "answered", "words": "One in ten."}, format="json"
    )
    assert (ended.status_code, ended.data["ending"]) == (200, "answered")
    again = api(owner).patch(made["Location"], {"ending": "answered", "words": "x"}, format="json")
    assert again.status_code == 409
    assert api(sponsor).post(address, {"asked": owner.email}, format="json").status_code == 400
