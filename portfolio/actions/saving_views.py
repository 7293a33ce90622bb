"""Views of the table under a name: kept, shared, changed, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from portfolio import events, rights
from portfolio.errors import NotAllowed, RuleBroken
from portfolio.models import Portfolio, SavedView
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.rights import Right
from portfolio.rules.table import TableView, parameter_names, read_view

MOST_VIEWS = 200
MOST_PARAMETERS = 500
RELATIONS = ("portfolio", "owner")
BURIED = "view"
NAMED_ALREADY = "You have a view of this name. Choose another name."


@transaction.atomic
def save_view(
    actor: Actor, portfolio_id: int, *, name: str, is_shared: bool, query: str, now: datetime
) -> SavedView:
    """The view under a name; its query is checked and written as the page writes it."""
    portfolio = Portfolio.objects.visible_to(actor).get(pk=portfolio_id)
    rights.require(actor, Right.SAVE_VIEW, portfolio)
    mine = SavedView.objects.in_portfolio(portfolio_id)
    if mine.count_of(actor.user_id) >= MOST_VIEWS:
        raise RuleBroken(f"You have {MOST_VIEWS} views here. Delete one that you no longer use.")
    view = SavedView(
        portfolio=portfolio,
        owner=actor.person,
        name=name.strip(),
        is_shared=is_shared,
        query=tidy_query(query),
        created_at=now,
    )
    _write(view, force_insert=True)
    events.record(portfolio, Kind.VIEW_SAVED, by=actor, what=_told(view), touched=[view])
    return view


@transaction.atomic
def change_view(
    actor: Actor, view_id: int, changes: Mapping[str, Any], *, seen_version: int | None = None
) -> SavedView:
    """The view with exactly these replaced: name, is_shared, query. Its owner's alone."""
    view = SavedView.objects.visible_to(actor).with_people().get_for_change(view_id)
    rights.require(actor, Right.SAVE_VIEW, view.portfolio)
    _expect_own(actor, view)
    view.expect_version(seen_version)
    before = (view.name, view.is_shared, view.query)
    was_told = _told(view)
    if "name" in changes:
        view.name = changes["name"].strip()
    if "is_shared" in changes:
        view.is_shared = changes["is_shared"]
    if "query" in changes:
        view.query = tidy_query(changes["query"])
    if before == (view.name, view.is_shared, view.query):
        return view
    _write(view, update_fields=["name", "is_shared", "query"])
    what = _told(view) or was_told
    events.record(view.portfolio, Kind.VIEW_SAVED, by=actor, what=what, touched=[view])
    return view


@transaction.atomic
def delete_view(actor: Actor, view_id: int, *, seen_version: int | None = None) -> None:
    """The view is gone: its owner's to do, and a sponsor's where it is shared."""
    view = SavedView.objects.visible_to(actor).with_people().get_for_change(view_id)
    portfolio = view.portfolio
    rights.require(actor, Right.SAVE_VIEW, portfolio)
    if view.owner_id != actor.user_id:
        rights.require(actor, Right.REMOVE_SHARED_VIEW, portfolio)
    view.expect_version(seen_version)
    view_key, what = view.pk, _told(view)
    view.delete()
    view.pk = view_key
    revision = events.record(portfolio, Kind.VIEW_DELETED, by=actor, what=what)
    events.bury(view, BURIED, portfolio_id=portfolio.pk, parent_id=None, revision=revision)


def tidy_query(query: str) -> str:
    """The query as the page writes it; refused where it says something that no view can."""
    return written(checked_view(query))


def checked_view(query: str) -> TableView:
    """The view that a query says; refused where it says something that no view can."""
    try:
        parameters = parse_qsl(query.removeprefix("?"), max_num_fields=MOST_PARAMETERS)
    except ValueError as fault:
        raise ValidationError({"query": "This is too long to be a view."}) from fault
    unknown = sorted({name for name, _ in parameters} - parameter_names())
    if unknown:
        raise ValidationError({"query": f"“{unknown[0][:40]}” is not a parameter of a view."})
    view = read_view(parameters)
    if view.objections:
        raise ValidationError({"query": [one.words for one in view.objections]})
    return view


def written(view: TableView) -> str:
    """The view as it stands in an address."""
    return urlencode(view.parameters())


def _write(view: SavedView, **how: Any) -> None:
    view.full_clean(exclude=RELATIONS, validate_constraints=False)
    try:
        with transaction.atomic():
            view.save(**how)
    except IntegrityError as fault:
        if "one_view_of_a_name_per_person" not in str(fault):
            raise
        raise ValidationError({"name": NAMED_ALREADY}) from fault


def _expect_own(actor: Actor, view: SavedView) -> None:
    if view.owner_id != actor.user_id:
        raise NotAllowed("Its owner alone changes a view. Save it under a name of yours.")


def _told(view: SavedView) -> dict[str, Any]:
    """What members may know of it: nothing of a private one."""
    return {"view": view.pk, "name": view.name} if view.is_shared else {}
