import pytest
from django.core.exceptions import ValidationError

from portfolio.actions.discussing import CommentRemoved, comment, edit_comment, remove_comment
from portfolio.errors import EditedMeanwhile, NotAllowed
from portfolio.models import Comment, Event
from portfolio.models.events import Kind
from portfolio.rights import Actor
from tests.make import NOW, make_use_case

PAGE = "/use-cases/ACME-1/discussion/"
API = "/api/v1/use-cases/ACME-1/comments/"


@pytest.fixture
def use_case(portfolio):
    return make_use_case(portfolio)


@pytest.fixture
def said(use_case, viewer, act) -> Comment:
    return comment(act(viewer), use_case.pk, " Half of it is spam. ", about="Headroom", now=NOW)


def test_a_viewer_comments_and_the_event_holds_no_words(said, viewer):
    assert (said.text, said.by) == ("Half of it is spam.", viewer)
    event = Event.objects.get(kind=Kind.COMMENTED)
    assert event.what == {"comment": said.pk, "about": "Headroom"}
    assert (event.use_case, event.pk) == (said.use_case, said.revision)


@pytest.mark.parametrize("text", ["", "   ", "x" * 5_001])
def test_a_comment_says_something_and_not_too_much(use_case, viewer, act, text):
    with pytest.raises(ValidationError):
        comment(act(viewer), use_case.pk, text, now=NOW)
    assert not Comment.objects.exists()


def test_a_token_that_reads_says_nothing(use_case, viewer):
    with pytest.raises(NotAllowed):
        comment(Actor(user=viewer, may_write=False), use_case.pk, "Hello", now=NOW)


def test_ones_own_is_edited_and_says_so(said, viewer, sponsor, act):
    with pytest.raises(NotAllowed):
        edit_comment(act(sponsor), said.pk, "All of it is spam.", now=NOW)
    seen = said.revision
    edit_comment(act(viewer), said.pk, "A third is spam.", now=NOW, seen_version=seen)
    said.refresh_from_db()
    assert (said.text, said.edited_at) == ("A third is spam.", NOW)
    with pytest.raises(EditedMeanwhile):
        edit_comment(act(viewer), said.pk, "A tenth.", now=NOW, seen_version=seen)
    before = Event.objects.count()
    edit_comment(act(viewer), said.pk, "A third is spam.", now=NOW)
    assert Event.objects.count() == before


def test_what_is_removed_leaves_a_trace_and_no_words(said, viewer, sponsor, act):
    with pytest.raises(NotAllowed):
        remove_comment(act(sponsor), said.pk, now=NOW)
    remove_comment(act(viewer), said.pk, now=NOW)
    remove_comment(act(viewer), said.pk, now=NOW)
    said.refresh_from_db()
    assert (said.text, said.removed_at) == ("", NOW)
    assert Event.objects.filter(kind=Kind.COMMENT_REMOVED).count() == 1
    with pytest.raises(CommentRemoved):
        edit_comment(act(viewer), said.pk, "Still here.", now=NOW)


def test_a_discussion_by_pages(said, use_case, viewer, contributor, client):
    client.force_login(contributor)
    assert "Half of it is spam." in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"text": " "}).status_code == 422
    sent = client.post(PAGE, {"text": "Not in my queue.\n<b>Never</b>", "about": "Headroom"})
    assert sent.url == f"{PAGE}?about=Headroom"
    page = client.get(sent.url).content.decode()
    assert "&lt;b&gt;Never&lt;/b&gt;" in page
    assert page.index("Not in my queue") < page.index("Half of it")
    assert client.post(f"{PAGE}{said.pk}/", {"remove": "1"}).status_code == 403

    client.force_login(viewer)
    name = f"c{said.pk}-text"
    assert client.post(f"{PAGE}{said.pk}/", {name: ""}).status_code == 422
    refused = client.post(f"{PAGE}{said.pk}/", {name: "A third.", f"c{said.pk}-seen": "1"})
    assert refused.status_code == 422
    assert "A third." in refused.content.decode()
    assert client.post(f"{PAGE}{said.pk}/", {name: "A third."}).status_code == 302
    assert "edited" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}{said.pk}/", {"remove": "1"})
    page = client.get(PAGE).content.decode()
    assert "Removed by its author" in page
    assert "A third." not in page
    history = client.get("/use-cases/ACME-1/history/").content.decode()
    assert "removed a comment on" in history


def test_another_use_cases_comment_is_not_here(said, portfolio, viewer, client, api):
    make_use_case(portfolio, title="Other")
    client.force_login(viewer)
    elsewhere = f"/use-cases/ACME-2/discussion/{said.pk}/"
    assert client.post(elsewhere, {"remove": "1"}).status_code == 404
    assert api(viewer).get(f"/api/v1/use-cases/ACME-2/comments/{said.pk}/").status_code == 404


def test_a_discussion_by_api(use_case, viewer, contributor, stranger, api):
    made = api(viewer).post(API, {"text": "Half.", "about": "Headroom"}, format="json")
    assert made.status_code == 201, made.content
    one = made["Location"]
    assert api(contributor).patch(one, {"text": "x"}, format="json").status_code == 403
    assert api(contributor).delete(one).status_code == 403
    assert api(stranger).get(API).status_code == 404
    tag = api(viewer).get(one)["ETag"]
    edited = api(viewer).patch(one, {"text": "A third."}, format="json", headers={"If-Match": tag})
    assert edited.json()["text"] == "A third."
    late = api(viewer).patch(one, {"text": "x"}, format="json", headers={"If-Match": tag})
    assert late.status_code == 412
    assert api(viewer).patch(one, {"about": "x"}, format="json").status_code == 400
    assert api(viewer).delete(one).status_code == 204
    (row,) = api(contributor).get(f"{API}?updated_since=0").json()["results"]
    assert (row["text"], row["removed_at"] is None, row["by"]) == ("", False, viewer.email)


def test_the_cost_of_a_discussion_does_not_grow(
    said, use_case, contributor, viewer, act, client, django_assert_max_num_queries
):
    for address in (PAGE, API):
        client.force_login(viewer)
        client.get(address)
        with django_assert_max_num_queries(25) as few:
            client.get(address)
        for n in range(10):
            comment(act(contributor), use_case.pk, f"Again {n}", now=NOW)
        with django_assert_max_num_queries(25) as many:
            client.get(address)
        assert len(many) == len(few)
