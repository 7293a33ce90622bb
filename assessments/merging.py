"""Plans what of people's judgement goes along when two use cases are merged."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from assessments import standing
from assessments.models import (
    AnswerDraft,
    Criterion,
    DataSource,
    Disqualifier,
    FourTests,
    PersonsNo,
    Rating,
    Request,
    Round,
    SealedRating,
)
from assessments.models.asking import Ending
from assessments.rules.four_tests import Test
from portfolio.merging import Carry, merges
from portfolio.models import UseCase, User
from portfolio.models.base import Versioned
from portfolio.querysets.merging import hanging, rehang
from portfolio.rules.words import Answer, lowered

RATED = ("low", "likely", "high", "evidence", "rated_at", "after_seeing")
REVIEW = ("reviewer", "decision", "feedback")
EVIDENCE = tuple(f"{test.value}_evidence" for test in Test)
CONFIRMED = ("data_confirmed_by", "data_confirmed_at")


def merge_all() -> None:
    merges(carry_ratings, Rating)
    merges(wait_for_rounds, Round, SealedRating)
    merges(carry_requests, Request)
    merges(carry_disqualifiers, Disqualifier)
    merges(carry_answers, FourTests, DataSource, PersonsNo, AnswerDraft)


def wait_for_rounds(survivor: UseCase, gone: UseCase, now: datetime) -> Carry:
    """Nobody may see what is sealed, so nobody can say which of two counts; what closed rounds
    asked stays as it was asked."""
    found = Round.objects.open().holding([survivor.pk, gone.pk]).first()
    if found is None:
        return Carry()
    return Carry(
        refusal=f"The blind round “{found.name}” is open and asks about one of the two. Close it"
        " first; then all that was said is there to be put together."
    )


def carry_ratings(survivor: UseCase, gone: UseCase, now: datetime) -> Carry:
    """Every rating goes along. Who rated the same criterion of both is held to the newer one; the
    other stays in the event, whole. No round is open then: nothing here is sealed."""
    mine = {(row.criterion_id, row.assessor_id): row for row in hanging(Rating, survivor.pk)}
    rows = Criterion.objects.in_portfolio(survivor.portfolio_id)
    slugs = {row.pk: row.slug for row in rows}
    theirs = hanging(Rating, gone.pk)
    twice = {row.assessor_id for row in theirs if (row.criterion_id, row.assessor_id) in mine}
    people = User.objects.with_ids(twice) if twice else {}
    moved, newer, older, told = [], [], 0, []
    for row in theirs:
        same = mine.get((row.criterion_id, row.assessor_id))
        if same is None:
            moved.append(row)
            continue
        said = {"criterion": slugs[row.criterion_id], **_who(people[row.assessor_id])}
        if row.rated_at > same.rated_at:
            newer.append((same, row))
            points = {"before": same.points, "after": row.points}
            told.append({**said, **points, "gave_way": _whole(same, survivor)})
        else:
            older += 1
            points = {"kept": same.points, "other": row.points}
            told.append({**said, **points, "gave_way": _whole(row, gone)})

    def write() -> Iterable[Versioned]:
        rehang(Rating, [row.pk for row in moved], survivor.pk)
        for same, row in newer:
            for name in RATED:
                setattr(same, name, getattr(row, name))
            same.save(update_fields=RATED)
        return [*moved, *(same for same, _ in newer)]

    words = []
    if moved:
        words.append(f"{_count(len(moved), 'rating')} of {gone.reference} go along.")
    if newer or older:
        words.append(
            f"{_count(len(newer) + older, 'rating')} by people who rated both: the newer one counts"
            f" ({len(newer)} of {gone.reference}, {older} of {survivor.reference}), the other stays"
            " in the history."
        )
    return Carry(words, told={"ratings": {"moved": len(moved), "both": told}}, write=write)


def _who(person: User) -> dict[str, str]:
    return {"assessor": person.email, "name": str(person)}


def _whole(row: Rating, of: UseCase) -> dict[str, object]:
    """A rating that counts no longer, as it was."""
    return {
        "of": of.reference,
        "points": row.points,
        "evidence": row.evidence,
        "rated_at": row.rated_at.isoformat(),
    }


def carry_requests(survivor: UseCase, gone: UseCase, now: datetime) -> Carry:
    """Who was asked stays asked, of the one that stays; asked of both for the same, once."""
    asked_here = {_question(row) for row in hanging(Request, survivor.pk) if row.ended_at is None}
    moved: list[Request] = []
    doubled: list[Request] = []
    for row in hanging(Request, gone.pk):
        is_doubled = row.ended_at is None and _question(row) in asked_here
        (doubled if is_doubled else moved).append(row)

    def write() -> Iterable[Versioned]:
        rehang(Request, [row.pk for row in moved], survivor.pk)
        for row in doubled:
            row.ending, row.ended_at = Ending.WITHDRAWN, now
            row.save(update_fields=["ending", "ended_at"])
        return [*moved, *doubled]

    words = [f"{_count(len(moved), 'request')} go along."] if moved else []
    if doubled:
        words.append(f"{_count(len(doubled), 'request')} asked of both are withdrawn from one.")
    return Carry(words, told={"requests": len(moved)} if moved else {}, write=write)


def _question(row: Request) -> tuple[object, ...]:
    """What may be asked only once: a test of anybody, a rating of each person."""
    return (row.test,) if row.test else (row.criterion_id, row.asked_id)


def carry_disqualifiers(survivor: UseCase, gone: UseCase, now: datetime) -> Carry:
    """All go along; where the same one is open on both, its evidence is put to the other's."""
    open_here = {row.kind: row for row in hanging(Disqualifier, survivor.pk) if row.is_open}
    moved, both = [], []
    for row in hanging(Disqualifier, gone.pk):
        if row.is_open and row.kind in open_here:
            both.append((open_here[row.kind], row))
        else:
            moved.append(row)

    def write() -> Iterable[Versioned]:
        rehang(Disqualifier, [row.pk for row in moved], survivor.pk)
        for here, row in both:
            here.evidence = f"{here.evidence}\n\nSaid of {gone.reference}: {row.evidence}"
            here.save(update_fields=["evidence"])
        published = [standing.publish_disqualified(pk) for pk in sorted((survivor.pk, gone.pk))]
        return [*moved, *(here for here, _ in both), *published]

    opened = sorted({lowered(row.words) for row in moved if row.is_open})
    words = [f"{_count(len(moved), 'disqualifier')} go along."] if moved else []
    words += [f"The evidence for “{row.words}” is put together." for row, _ in both]
    warnings = (
        [f"{survivor.reference} is disqualified then: {'; '.join(opened)}."] if opened else []
    )
    return Carry(words, warnings, {"disqualifiers": len(moved)} if moved else {}, write)


def carry_answers(survivor: UseCase, gone: UseCase, now: datetime) -> Carry:
    """The survivor's answers stand; what it has not answered is filled from the other's."""
    both = standing.gather([survivor.pk, gone.pk])
    mine, theirs = both[survivor.pk], both[gone.pk]
    filled = [name for name in (*REVIEW, *EVIDENCE) if _is_gap(mine.tests, theirs.tests, name)]
    if _is_gap(mine.tests, theirs.tests, "outputs"):
        filled += ["outputs", "sampled_percent"]
    sources = [] if mine.sources else list(theirs.sources)
    if sources and theirs.tests.data_confirmed_by_id:
        filled += CONFIRMED
    states = mine.states()
    noes = [
        row
        for test, row in theirs.noes.items()
        if test not in mine.noes and states[Test(test)].answer is Answer.UNKNOWN
    ]
    drafted = {(row.user_id, row.part) for row in hanging(AnswerDraft, survivor.pk)}
    drafts = [
        row for row in hanging(AnswerDraft, gone.pk) if (row.user_id, row.part) not in drafted
    ]

    def write() -> Iterable[Versioned]:
        for name in filled:
            setattr(mine.tests, name, getattr(theirs.tests, name))
        mine.tests.save()  # always: its version stands for all that the tests show
        touched: list[Versioned] = [*sources, *noes, mine.tests]
        for model, rows in ((DataSource, sources), (PersonsNo, noes), (AnswerDraft, drafts)):
            rehang(model, [row.pk for row in rows], survivor.pk)
        answers = standing.gather(sorted((survivor.pk, gone.pk)))
        published = [standing.publish_tests(each) for each in answers.values()]
        return [*touched, *published]

    words = []
    if filled:
        names = ", ".join(name.replace("_", " ") for name in filled)
        words.append(f"The four tests take what is not answered yet: {names}.")
    if sources:
        words.append(f"Data sources that go along: {', '.join(row.name for row in sources)}.")
    elif theirs.sources:
        words.append(f"The data sources stay those of {survivor.reference}.")
    words += [f"A person's no to the test of {row.test} goes along: {row.reason}" for row in noes]
    told = {"answers": filled, "sources": [row.name for row in sources]}
    return Carry(words, told={name: value for name, value in told.items() if value}, write=write)


def _is_gap(mine: FourTests, theirs: FourTests, name: str) -> bool:
    return not getattr(mine, name) and bool(getattr(theirs, name))


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'' if number == 1 else 's'}"
