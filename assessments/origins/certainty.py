"""Where the chances come from, and what knowing more is worth."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse

from assessments import comparing
from assessments.origins.case import CRITERION, RATINGS, TESTS, Case
from assessments.rules import simulation
from assessments.rules.criteria import Axis
from portfolio.models import Standing
from portfolio.origins import Origin, Part, page
from portfolio.templatetags.words import chance, number, score

DRAWN = (
    f"of {simulation.DRAWS:,} draws, each rating drawn from what its assessors hold possible"
    " (PERT over low, likely and high; one assessor picked at random each time; 0 to 5 where"
    " nobody rated)"
)
SHARES = {
    "p_first": ("Best", f"the share {DRAWN}, in which it comes first"),
    "p_top3": ("Among the best three", f"the share {DRAWN}, in which it is among the first three"),
    "rank_low": (
        "Best rank in 80 %",
        f"the smallest rank that it reaches in at least a tenth {DRAWN}",
    ),
    "rank_high": (
        "Worst rank in 80 %",
        f"the smallest rank that it reaches or beats in at least nine tenths {DRAWN}",
    ),
}
OPEN_TESTS = "tests"  # in place of a criterion
KNOWING = "knowing."
BEST_OF = "best_of."  # and the references beside it, apart by dots


def of_share(case: Case, name: str) -> Origin | None:
    value = getattr(case.standing, name)
    if value is None:
        return None
    run = case.run
    title, formula = SHARES[name]
    is_share = name.startswith("p_")
    return Origin(
        number=name,
        title=title,
        words=chance(value) if is_share else number(value),
        value=value,
        formula=formula,
        at=run.computed_at if run else None,
        as_of=case.oldest(list(Axis)),
        is_stale=case.asked.is_stale(case.oldest(list(Axis))),
        parts=[
            Part("Impact", _ends(case, "impact"), number="impact"),
            Part("Feasibility", _ends(case, "feasibility"), number="feasibility"),
        ],
        notes=[
            "The same ratings give the same answer: each criterion of each candidate has its"
            " own fixed row of random numbers.",
            "It measures the doubt that people wrote down, and no other.",
        ],
        url=page(RATINGS, case.reference),
        url_words="Its ratings",
    )


def _ends(case: Case, axis: str) -> str:
    low, high = (getattr(case.standing, f"{axis}_{end}") for end in ("low", "high"))
    told = score(getattr(case.standing, axis))
    return told if low is None else f"{told}, in 80 % of the draws {score(low)} to {score(high)}"


def of_lead(case: Case) -> Origin | None:
    """How often the first candidate scores above the second."""
    run = case.run
    if run is None or run.p_lead is None or not case.is_first:
        return None
    return Origin(
        number="p_lead",
        title="Ahead of the second",
        words=chance(run.p_lead),
        value=run.p_lead,
        formula=f"the share {DRAWN}, in which the first candidate scores above the second",
        at=run.computed_at,
        as_of=case.oldest(list(Axis)),
        is_stale=case.asked.is_stale(case.oldest(list(Axis))),
        parts=[Part("Score", score(case.standing.score), number="score")],
        notes=["A draw between the two counts half for each."],
        url=page(RATINGS, case.reference),
        url_words="Its ratings",
    )


def of_best(case: Case, beside: str) -> Origin | None:
    """How often it is the best of just these few: of itself and those named beside it."""
    rows = Standing.objects.visible_to(case.asked.actor).in_portfolio(case.portfolio_id)
    rows = rows.of_candidates().with_use_case()
    named = beside.split(".")
    found = [rows.with_reference(words).first() for words in named[: comparing.MOST]]
    these = [case.standing, *(row for row in found if row is not None and row.score is not None)]
    ids = {row.pk for row in these}
    if not comparing.FEWEST <= len(ids) == 1 + len(named) <= comparing.MOST:
        return None
    if case.standing.score is None:
        return None
    shares = comparing.shares_of(case.portfolio_id, list(ids), case.asked.now)
    value = Decimal(str(round(shares[case.standing.pk], 6)))
    key = case.asked.use_case.portfolio.key
    query = urlencode([("of", one) for one in (case.reference, *named)])
    return Origin(
        number=f"{BEST_OF}{beside}",
        title=f"Best of these {len(these)}",
        words=chance(value),
        value=value,
        formula=f"the share {DRAWN}, in which its score is the highest of just these",
        at=case.asked.now,
        as_of=case.oldest(list(Axis)),
        is_stale=case.asked.is_stale(case.oldest(list(Axis))),
        parts=[
            Part("Its score", score(case.standing.score), number="score"),
            *(
                Part(
                    row.use_case.title,
                    score(row.score),
                    note=f"best in {chance(Decimal(str(shares[row.pk])))}",
                    url=reverse("portfolio:number", args=[row.use_case.reference, "score"]),
                )
                for row in these[1:]
            ),
        ],
        notes=["A draw in which two are equal is shared between them."],
        url=f"{reverse('assessments:compare_candidates', args=[key])}?{query}",
        url_words="Side by side",
    )


def of_knowing(case: Case, slug: str) -> Origin | None:
    """What finding out this criterion, or the open tests, would be worth."""
    wanted = None if slug == OPEN_TESTS else slug
    told = case.run.unknowns if case.run else []
    mine = (one for one in told if one["use_case"] == case.asked.use_case.pk)
    found = next((one for one in mine if one["criterion"] == wanted), None)
    if found is None or case.run is None:
        return None
    gain, odds = Decimal(found["gain"]), Decimal(found["chance"])
    return Origin(
        number=f"{KNOWING}{slug}",
        title="What knowing it is worth",
        words=f"{score(gain)} points, {chance(odds)} that it changes the pick",
        value=gain,
        formula="the mean, over what it may turn out to be, of the best expected score then,"
        " less the best expected score now; the chance is how often another candidate is best",
        at=case.run.computed_at,
        as_of=case.oldest(list(Axis)),
        is_stale=case.asked.is_stale(case.oldest(list(Axis))),
        parts=[Part("Score", score(case.standing.score), number="score")]
        if wanted is None
        else [Part(case.name_of(slug), "as it is held now", number=f"{CRITERION}{slug}")],
        notes=[
            "Each unknown is taken alone. An open test comes out yes or no with even odds, all"
            " open tests of a candidate together; what is derived from them then counts as yes."
        ],
        url=page(TESTS if wanted is None else RATINGS, case.reference),
        url_words="Where it is answered",
    )
