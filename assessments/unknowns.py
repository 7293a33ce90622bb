"""What to find out before the next pick, in words, and who could answer (domain section 4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.urls import reverse

from assessments import standing
from assessments.models import Criterion, Rating, Request
from assessments.rules.four_tests import Test, TestState
from portfolio.duties import TEST_WORDS
from portfolio.models import Portfolio, UseCase, User
from portfolio.rights import Actor
from portfolio.rules.words import Acceptance, Answer

FEW = 5
A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Unknown:
    """One thing that could change the pick if somebody found it out."""

    use_case: UseCase
    what: str  # what to find out, as a sentence
    chance: Decimal
    gain: Decimal
    tests: Sequence[str]  # the open ones, or none
    criterion: Criterion | None
    url: str  # where it is answered
    person: User | None  # who could answer
    is_mine: bool  # the reader is that person
    asked: Request | None  # who was asked already

    @property
    def about(self) -> list[str]:
        """What a request for it names, as the form does; a derived value is asked of its test."""
        if self.criterion is None:
            return [f"test.{test}" for test in self.tests]
        if self.criterion.is_derived:
            return [f"test.{Test.DATA}"]
        return [f"criterion.{self.criterion.slug}"]

    @property
    def number(self) -> str:
        """Its name among the numbers of the use case."""
        return f"knowing.{self.criterion.slug if self.criterion else 'tests'}"

    @property
    def question(self) -> str:
        """What a request says of why it is asked."""
        return f"It could change which one we pick next. {self.what}"


def to_find_out(
    portfolio: Portfolio, actor: Actor, told: Iterable[Mapping], most: int = FEW
) -> list[Unknown]:
    """The first of what the simulation published; a dozen queries, however many they are.

    What has left the pipeline's head since, or was answered, is left out.
    """
    told = list(told)
    cases = UseCase.objects.in_portfolio(portfolio.pk).candidates()
    rows = cases.to_judge({one["use_case"] for one in told}).with_lighthouse()
    use_cases = {row.pk: row for row in rows.with_proposer()}
    named = Criterion.objects.in_portfolio(portfolio.pk).in_force()
    criteria = {row.slug: row for row in named}
    waiting = [one["use_case"] for one in told if one["criterion"] is None]
    states = {
        pk: answers.states()
        for pk, answers in standing.gather([pk for pk in waiting if pk in use_cases]).items()
    }
    ratings: dict[tuple[int, int], list[Rating]] = defaultdict(list)
    for rating in Rating.objects.for_use_cases(use_cases).of_criteria_in_force().with_names():
        ratings[rating.use_case_id, rating.criterion_id].append(rating)
    requests: dict[tuple[int, str, int | None], Request] = {}
    for row in Request.objects.for_use_cases(use_cases).open().with_names():
        requests[row.use_case_id, *row.subject_key] = row
    members = {row.pk for row in User.objects.who_can_own(portfolio.pk)}
    found = []
    for one in told:
        use_case, slug = use_cases.get(one["use_case"]), one["criterion"]
        if use_case is None or (slug is not None and slug not in criteria):
            continue
        criterion = criteria[slug] if slug is not None else None
        if criterion is not None:
            held = ratings[use_case.pk, criterion.pk]
            tests: list[str] = []
            what = what_of_criterion(criterion, held)
            asked = requests.get((use_case.pk, "", criterion.pk))
            candidates = [*(row.assessor for row in widest_first(held)), *known_by(use_case)]
            page, anchor = _page_of(criterion), criterion.slug
        else:
            state = states[use_case.pk]
            tests = [test.value for test in Test if state[test].answer is Answer.UNKNOWN]
            if not tests:
                continue
            what = what_of_tests(tests, state)
            asked = next((requests.get((use_case.pk, test, None)) for test in tests), None)
            candidates = list(known_by(use_case))
            page, anchor = "assessments:tests", tests[0]
        person = next((row for row in candidates if row.pk in members), None)
        found.append(
            Unknown(
                use_case=use_case,
                what=what,
                chance=Decimal(one["chance"]),
                gain=Decimal(one["gain"]),
                tests=tests,
                criterion=criterion,
                url=f"{reverse(page, args=[use_case.reference])}#{anchor}",
                person=person,
                is_mine=person is not None and person.pk == actor.user_id,
                asked=asked,
            )
        )
        if len(found) == most:
            break
    return found


def _page_of(criterion: Criterion) -> str:
    """Where what a criterion is worth is said: by rating it, or in what it is derived from."""
    return "assessments:tests" if criterion.is_derived else "assessments:ratings"


def what_of_criterion(criterion: Criterion, held: Sequence[Rating]) -> str:
    """What is not known of a criterion, in a sentence."""
    name = criterion.name
    if criterion.is_derived:
        return f"{name} leaves a range: look at its sources again."
    if not held:
        return f"Nobody has rated {name} yet."
    low, high = min(row.low for row in held), max(row.high for row in held)
    who = f"{len(held)} assessors hold" if len(held) > 1 else f"{held[0].assessor} holds"
    return f"{name} may be worth {_short(low)} to {_short(high)}: {who} that possible."


def what_of_tests(tests: Sequence[str], states: Mapping[Test, TestState]) -> str:
    """What stands between the open tests and their answers, in a sentence or two."""
    missing = [words for test in tests for words in [states[Test(test)].missing] if words]
    names = _listed([TEST_WORDS[test] for test in tests])
    if len(tests) == len(Test):
        return "All four tests are open."
    verb = "is" if len(tests) == 1 else "are"
    first = f" {missing[0][0].words}" if missing else ""
    return f"{names[0].upper()}{names[1:]} {verb} open.{first}"


def widest_first(held: Sequence[Rating]) -> list[Rating]:
    """Who is least sure first: they know what they do not know."""
    return sorted(held, key=lambda row: (row.low - row.high, row.pk))


def known_by(use_case: UseCase) -> list[User]:
    """Who knows a use case: the owner who accepted, then who proposed it."""
    newest = use_case.newest_lighthouse[0] if use_case.newest_lighthouse else None
    owner = newest.owner if newest and newest.acceptance == Acceptance.ACCEPTED else None
    return [row for row in (owner, use_case.proposed_by) if row is not None]


def due_from(today: date) -> date:
    """When an answer that is asked for with one click is due."""
    return today + A_WEEK


def _short(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
