"""`Idempotency-Key`: the same question gets the same answer, and is done once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from portfolio.actions.members import remove_member
from portfolio.models import Event, Invitation, KeptAnswer, Membership
from portfolio.querysets.running import KEPT_FOR
from portfolio.rights import Actor

HERE = "/api/v1/portfolios/ACME/invitations/"
BODY = {"email": "dana@acme.example", "role": "viewer"}


def ask(client, body=BODY, key="first", address=HERE):
    return client.post(address, body, format="json", headers={"Idempotency-Key": key})


def test_the_same_question_gets_the_first_answer_and_is_done_once(api, sponsor, portfolio):
    client = api(sponsor)
    first, second = ask(client), ask(client)
    assert first.status_code == second.status_code == 201
    assert second.json() == first.json()
    assert (second["Idempotent-Replayed"], second["Location"]) == ("true", first["Location"])
    assert second["ETag"] == first["ETag"]
    assert Invitation.objects.count() == 1
    assert Event.objects.of_kinds(["member_invited"]).count() == 1


def test_a_refusal_is_an_answer_too(api, sponsor, viewer, portfolio):
    client, body = api(sponsor), {"email": viewer.email, "role": "viewer"}
    first = ask(client, body)
    remove_member_of(sponsor, viewer, portfolio)
    second = ask(client, body)
    assert (first.status_code, second.status_code) == (409, 409)
    assert second["Content-Type"] == "application/problem+json"
    assert second.json() == first.json()


def test_another_body_under_the_same_key_is_422(api, sponsor, portfolio):
    client = api(sponsor)
    ask(client)
    answer = ask(client, {"email": "other@acme.example", "role": "viewer"})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert Invitation.objects.count() == 1


def test_keys_are_per_person_and_address(api, sponsor, stranger, portfolio):
    assert ask(api(sponsor)).status_code == 201
    theirs = ask(api(stranger), address="/api/v1/portfolios/OTHER/invitations/")
    mine = ask(api(sponsor), {"key": "NEW", "name": "New"}, address="/api/v1/portfolios/")
    assert (theirs.status_code, mine.status_code) == (201, 201)


def test_after_a_day_the_key_is_free(api, sponsor, portfolio):
    client = api(sponsor)
    ask(client)
    KeptAnswer.objects.update(at=timezone.now() - KEPT_FOR - timedelta(minutes=1))
    assert ask(client, {"email": "other@acme.example", "role": "viewer"}).status_code == 201
    assert KeptAnswer.objects.count() == 1


def test_what_one_may_not_do_is_not_kept(api, viewer, portfolio):
    assert ask(api(viewer)).status_code == 403
    assert not KeptAnswer.objects.exists()
    Membership.objects.of(viewer.pk, portfolio.pk).update(role="sponsor")
    assert ask(api(viewer)).status_code == 201


def test_a_kept_answer_is_not_told_to_who_lost_access(api, sponsor, portfolio):
    client = api(sponsor)
    ask(client)
    Membership.objects.of(sponsor.pk, portfolio.pk).update(role="viewer")
    answer = ask(client)
    assert answer.status_code == 409
    assert "dana@acme.example" not in answer.content.decode()
    assert Invitation.objects.count() == 1


def test_without_a_key_nothing_is_kept(api, sponsor, portfolio):
    api(sponsor).post(HERE, BODY, format="json")
    assert not KeptAnswer.objects.exists()


@pytest.mark.parametrize("key", ["x" * 256])
def test_a_key_too_long_is_400(api, sponsor, portfolio, key):
    assert ask(api(sponsor), key=key).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_running_the_second_is_told_to_wait(sponsor, portfolio):
    """Somebody else's transaction holds the key, as a first request under way does."""
    client = APIClient()
    client.force_login(sponsor)
    holds, may_end = threading.Event(), threading.Event()
    question = {"user_id": sponsor.pk, "method": "POST", "path": HERE, "key": "first"}

    def first():
        try:
            with transaction.atomic():
                assert KeptAnswer.objects.hold(**question)
                holds.set()
                may_end.wait(timeout=10)
        finally:
            connections.close_all()

    runner = threading.Thread(target=first)
    runner.start()
    holds.wait(timeout=10)
    answer = ask(client)
    may_end.set()
    runner.join(timeout=10)
    assert (answer.status_code, answer["Retry-After"]) == (409, "1")
    assert ask(client).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_six_at_once_do_it_once(sponsor, portfolio):
    statuses = []

    def asks():
        try:
            client = APIClient()
            client.force_login(sponsor)
            statuses.append(ask(client).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=asks) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert Invitation.objects.count() == 1


def remove_member_of(sponsor, person, portfolio) -> None:
    row = Membership.objects.of(person.pk, portfolio.pk).get()
    remove_member(Actor(user=sponsor), row.pk)
