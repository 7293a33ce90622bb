"""Comments on a use case: anybody who sees it may write, and change or remove their own."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from portfolio import events, rights
from portfolio.errors import NotAllowed, RuleBroken
from portfolio.models import Comment, UseCase
from portfolio.models.events import Kind
from portfolio.rights import Actor
from portfolio.rules.rights import Right

RELATIONS = ("use_case", "by")


class CommentRemoved(RuleBroken):
    """Its author took it back."""

    code = "comment_removed"


@transaction.atomic
def comment(
    actor: Actor, use_case_id: int, text: str, *, about: str = "", now: datetime
) -> Comment:
    """A comment under the actor's name. Its words are in no event: they can be taken back."""
    use_case = UseCase.objects.visible_to(actor).get_for_change(use_case_id)
    rights.require(actor, Right.COMMENT, use_case)
    row = Comment(
        use_case=use_case, about=about.strip(), text=text.strip(), by=actor.person, at=now
    )
    row.full_clean(exclude=RELATIONS)
    row.save()
    _tell(actor, row, Kind.COMMENTED)
    return row


@transaction.atomic
def edit_comment(
    actor: Actor, comment_id: int, text: str, *, now: datetime, seen_version: int | None = None
) -> Comment:
    """One's own comment with other words; it says that it was edited."""
    row = _own(actor, comment_id, seen_version)
    if row.removed_at is not None:
        raise CommentRemoved("This comment was removed. Write a new one.")
    if row.text == text.strip():
        return row
    row.text, row.edited_at = text.strip(), now
    row.full_clean(exclude=RELATIONS)
    row.save(update_fields=["text", "edited_at"])
    _tell(actor, row, Kind.COMMENT_EDITED)
    return row


@transaction.atomic
def remove_comment(
    actor: Actor, comment_id: int, *, now: datetime, seen_version: int | None = None
) -> Comment:
    """One's own comment without its words: that there was one stays."""
    row = _own(actor, comment_id, seen_version)
    if row.removed_at is None:
        row.text, row.removed_at = "", now
        row.save(update_fields=["text", "removed_at"])
        _tell(actor, row, Kind.COMMENT_REMOVED)
    return row


def _own(actor: Actor, comment_id: int, seen_version: int | None) -> Comment:
    """The comment, locked, for its author."""
    row = Comment.objects.visible_to(actor).get_for_change(comment_id)
    rights.require(actor, Right.COMMENT, row.use_case)
    if row.by_id != actor.user_id:
        raise NotAllowed("A comment is changed or removed by who wrote it.")
    row.expect_version(seen_version)
    return row


def _tell(actor: Actor, row: Comment, kind: Kind) -> None:
    what = {"comment": row.pk} | ({"about": row.about} if row.about else {})
    events.record(row.use_case, kind, by=actor, what=what, touched=[row])
