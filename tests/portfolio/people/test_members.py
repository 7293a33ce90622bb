import threading
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from portfolio.actions.members import LastSponsor, change_role, let_open_portfolios, remove_member
from portfolio.actions.portfolios import change_portfolio, open_portfolio
from portfolio.actions.recording import give_forecast
from portfolio.errors import EditedMeanwhile, NotAllowed
from portfolio.models import Event, Lighthouse, Membership, Portfolio, Tombstone, User
from portfolio.rights import Actor
from tests import make


def membership(user, portfolio) -> Membership:
    return Membership.objects.of(user.pk, portfolio.pk).get()


def newest_event(portfolio) -> Event:
    return Event.objects.in_portfolio(portfolio.pk).newest_first().first()


def test_a_sponsor_changes_a_role(act, sponsor, viewer, portfolio):
    row = change_role(act(sponsor), membership(viewer, portfolio).pk, "contributor")
    event = newest_event(portfolio)
    assert (event.kind, event.what["to"]) == ("role_changed", "contributor")
    assert row.revision == event.pk == membership(viewer, portfolio).revision


def test_the_same_role_again_is_no_event(act, sponsor, viewer, portfolio):
    before = newest_event(portfolio).pk
    change_role(act(sponsor), membership(viewer, portfolio).pk, "viewer")
    assert newest_event(portfolio).pk == before


@pytest.mark.parametrize("who", ["owner", "contributor", "viewer"])
def test_only_sponsors_change_roles(request, act, who, viewer, portfolio):
    with pytest.raises(NotAllowed):
        change_role(act(request.getfixturevalue(who)), membership(viewer, portfolio).pk, "sponsor")
    assert membership(viewer, portfolio).role == "viewer"


def test_a_stranger_does_not_find_a_membership(act, stranger, viewer, portfolio):
    with pytest.raises(Membership.DoesNotExist):
        remove_member(act(stranger), membership(viewer, portfolio).pk)


def test_the_last_sponsor_stays(act, sponsor, portfolio):
    own = membership(sponsor, portfolio).pk
    with pytest.raises(LastSponsor):
        change_role(act(sponsor), own, "viewer")
    with pytest.raises(LastSponsor):
        remove_member(act(sponsor), own)
    assert membership(sponsor, portfolio).role == "sponsor"


def test_a_sponsor_who_cannot_sign_in_is_none(act, sponsor, viewer, portfolio, admin_client):
    change_role(act(sponsor), membership(viewer, portfolio).pk, "sponsor")
    resting = {"email": viewer.email, "name": viewer.name}
    address = "/admin/portfolio/user/{}/change/"
    admin_client.post(address.format(viewer.pk), resting)
    assert not User.objects.get(pk=viewer.pk).is_active
    with pytest.raises(LastSponsor):
        remove_member(act(sponsor), membership(sponsor, portfolio).pk)
    refused = admin_client.post(address.format(sponsor.pk), {"email": sponsor.email, "name": "S"})
    assert "is the only sponsor of" in refused.content.decode()
    assert User.objects.get(pk=sponsor.pk).is_active


def test_a_name_stays_on_one_line(act, sponsor, portfolio):
    changed = change_portfolio(act(sponsor), portfolio.pk, {"name": "Europe\r\n  unit"})
    assert changed.name == "Europe unit"
    assert Portfolio.objects.get(pk=portfolio.pk).name == "Europe unit"


def test_a_sponsor_may_leave_when_another_stays(act, sponsor, viewer, portfolio):
    change_role(act(sponsor), membership(viewer, portfolio).pk, "sponsor")
    remove_member(act(sponsor), membership(sponsor, portfolio).pk)
    assert not Portfolio.objects.visible_to(act(sponsor)).with_key("ACME").exists()


def test_a_removed_member_leaves_a_tombstone_and_an_event(act, sponsor, viewer, portfolio):
    row = membership(viewer, portfolio)
    remove_member(act(sponsor), row.pk)
    stone = Tombstone.objects.of_kind("member").get()
    event = newest_event(portfolio)
    assert (stone.row_id, stone.revision) == (row.pk, event.pk)
    assert (event.kind, event.what["name"]) == ("member_removed", "Vera Viewer")


def test_a_version_seen_earlier_is_refused(act, sponsor, viewer, portfolio):
    row = change_role(act(sponsor), membership(viewer, portfolio).pk, "contributor")
    with pytest.raises(EditedMeanwhile):
        change_role(act(sponsor), row.pk, "viewer", seen_version=row.revision - 1)


def test_an_unknown_role_is_told_at_its_field(act, sponsor, viewer, portfolio):
    with pytest.raises(ValidationError) as refusal:
        change_role(act(sponsor), membership(viewer, portfolio).pk, "emperor")
    assert "role" in refusal.value.message_dict


def test_who_may_open_portfolios_can_pass_it_on(act, sponsor, contributor, portfolio):
    let_open_portfolios(act(sponsor), membership(contributor, portfolio).pk)
    opened = open_portfolio(act(User.objects.get(pk=contributor.pk)), key="NEXT", name="Next")
    assert Membership.objects.role_of(contributor.pk, opened.pk) == "sponsor"


def test_a_sponsor_who_may_not_open_cannot_let_others(act, sponsor, viewer, portfolio):
    second = make.make_member(portfolio, "second@acme.example", "Sara Second", "sponsor")
    with pytest.raises(NotAllowed):
        let_open_portfolios(act(second), membership(viewer, portfolio).pk)
    assert not User.objects.get(pk=viewer.pk).may_open_portfolios


def test_settings_are_a_sponsors(act, contributor, portfolio):
    with pytest.raises(NotAllowed):
        change_portfolio(act(contributor), portfolio.pk, {"name": "Mine"})
    assert Portfolio.objects.get(pk=portfolio.pk).name == "Acme Care"


def test_changed_settings_raise_the_version(act, sponsor, portfolio):
    changed = change_portfolio(
        act(sponsor), portfolio.pk, {"name": "Care", "time_zone": "Europe/Berlin"}
    )
    assert newest_event(portfolio).what == {
        "changed": ["name", "time_zone"], "was": {"time_zone": "UTC"},
    }  # fmt: skip
    with pytest.raises(EditedMeanwhile):
        change_portfolio(
            act(sponsor), portfolio.pk, {"name": "X"}, seen_version=changed.revision - 1
        )


@pytest.mark.django_db(transaction=True)
def test_a_new_value_scale_asks_for_a_ranking(act, sponsor, portfolio, rung):
    change_portfolio(
        act(sponsor), portfolio.pk, {"value_scale": [Decimal(n) for n in (0, 1, 2, 3, 4, 5)]}
    )
    assert ("assessments.recompute_ranking", (portfolio.pk,)) in rung()


@pytest.mark.django_db(transaction=True)
def test_another_time_zone_has_its_verdicts_judged_at_once(act, sponsor, owner, portfolio, rung):
    use_case = make.make_use_case(portfolio, stage="building")
    over = make.make_lighthouse(use_case, owner, abandoned_at=make.NOW)
    running = make.make_lighthouse(use_case, owner)
    before = len(rung())
    changed = change_portfolio(act(sponsor), portfolio.pk, {"time_zone": "Pacific/Auckland"})
    assert rung()[before:] == [
        ("assessments.recompute_ranking", (portfolio.pk,)),  # ratings age by the portfolio's days
        ("portfolio.settle", (running.pk,)),
    ]
    running.refresh_from_db()
    over.refresh_from_db()
    assert (running.settle_wanted, over.settle_wanted) == (changed.revision, 0)


@pytest.mark.django_db(transaction=True)
def test_the_same_time_zone_judges_nothing_again(act, sponsor, owner, portfolio, rung):
    make.make_lighthouse(make.make_use_case(portfolio, stage="building"), owner)
    before = len(rung())
    change_portfolio(act(sponsor), portfolio.pk, {"time_zone": portfolio.time_zone, "name": "X"})
    assert rung()[before:] == []


@pytest.mark.django_db(transaction=True)
def test_another_time_zone_waits_for_who_records_and_hinders_nobody(sponsor, owner, portfolio):
    use_case = make.make_use_case(portfolio, stage="building")
    lighthouse = make.make_lighthouse(use_case, owner)
    happened = []

    def change_zone():
        try:
            change_portfolio(Actor(user=sponsor), portfolio.pk, {"time_zone": "Pacific/Auckland"})
            happened.append("zone")
        finally:
            connection.close()

    changing = threading.Thread(target=change_zone)
    with transaction.atomic():
        Lighthouse.objects.get_for_change(lighthouse.pk)
        changing.start()
        changing.join(0.5)
        assert changing.is_alive()
        # Who holds the lighthouse gets to the portfolio: the other one does not hold it yet.
        give_forecast(
            Actor(user=owner), lighthouse.pk, ships_on=date(2026, 12, 1), now=make.NOW
        )  # fmt: skip
        happened.append("forecast")
    changing.join(10)
    assert happened == ["forecast", "zone"]


@pytest.mark.django_db(transaction=True)
def test_two_sponsors_who_remove_each_other_leave_one(sponsor, portfolio):
    second = make.make_member(portfolio, "second@acme.example", "Sara Second", "sponsor")
    pairs = [(sponsor, second), (second, sponsor)]
    both_here = threading.Barrier(2, timeout=10)
    outcomes = []

    def removes(who, whom):
        try:
            row = membership(whom, portfolio)
            both_here.wait()
            remove_member(Actor(user=who), row.pk)
            outcomes.append("removed")
        except (NotAllowed, LastSponsor, Membership.DoesNotExist) as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=removes, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=15)
    assert sorted(outcomes)[-1] == "removed"
    assert len(outcomes) == 2
    assert Membership.objects.filter(portfolio=portfolio, role="sponsor").count() == 1
