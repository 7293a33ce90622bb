"""Two or three candidates laid side by side."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments.comparing import FEWEST, MOST, Compared, compare
from assessments.origins.certainty import BEST_OF
from assessments.pages.ranking import place_of
from assessments.pages.testing import TEST_NAMES
from portfolio.charts.scales import LinearScale
from portfolio.doors.html import portfolio_or_404
from portfolio.models import Standing
from portfolio.rules.words import Answer

MOST_OFFERED = 200
MOST_GAPS = 4
LINE = LinearScale(0, 5, 4, 96)


@require_safe
def compare_candidates(request, key):
    """Every criterion of the candidates that the address names, and where they differ most."""
    portfolio = portfolio_or_404(request, key)
    candidates = Standing.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    candidates = candidates.of_candidates().with_use_case()
    named = names_in(request)
    asked = named[:MOST]
    rows, missing = find(candidates, asked)
    context = {
        "portfolio": portfolio,
        "typed": [*asked, *[""] * (MOST - len(asked))],
        "missing": missing,
        "left_out": len(named) - len(asked),
        "offered": candidates.in_rank_order()[:MOST_OFFERED],
        "is_short": bool(asked) and len(rows) < FEWEST,
        "is_alone": len(asked) == 1,
        "table": None,
    }
    if len(rows) >= FEWEST:
        compared = compare(request.actor, portfolio, rows, timezone.now())
        context["table"] = table_of(compared, portfolio)
        context["typed"] = [row.use_case.reference for row in rows]
        context["typed"] += [""] * (MOST - len(rows))
    status = 422 if missing else 200
    return render(request, "assessments/compare_candidates.html", context, status=status)


def names_in(request) -> list[str]:
    """What the address names: each field of the form, and the rows that were ticked."""
    ticked = [one for some in request.GET.getlist("reference") for one in some.split(",")]
    named = [words.strip()[:250] for words in (*request.GET.getlist("of"), *ticked)]
    return [words for words in named if words]


def find(candidates, asked: list[str]) -> tuple[list[Standing], list[str]]:
    """The candidates named, by reference or by words of the title, and the words that name none."""
    rows: list[Standing] = []
    missing = []
    for words in asked:
        row = candidates.with_reference(words).first() or (
            candidates.matching(words).in_rank_order().first()
        )
        if row is None:
            missing.append(words)
        elif row.pk not in [one.pk for one in rows]:
            rows.append(row)
    return rows, missing


def best_of(row: Standing, rows: list[Standing]) -> str:
    """The name under which its share among these opens."""
    beside = (other.use_case.reference for other in rows if other.pk != row.pk)
    return f"{BEST_OF}{'.'.join(beside)}"


def table_of(found: Compared, portfolio) -> dict:
    """What the template lays out."""
    scored = [row for row in found.rows if row.pk in found.shares]
    shares = [
        {"row": row, "share": found.shares[row.pk], "number": best_of(row, scored)}
        for row in sorted(scored, key=lambda row: -found.shares[row.pk])
    ]
    return {
        "rows": [
            {"standing": row, "case": row.use_case,
             "place": place_of(row, portfolio.shortlist_size)}
            for row in found.rows
        ],
        "axes": [
            (axis, [(one.criterion, cells(one.worths, found.rows)) for one in across])
            for axis, across in found.axes
        ],
        "tests": [
            (name, [Answer(getattr(row, test.value)).name.lower() for row in found.rows])
            for test, name in TEST_NAMES.items()
        ],
        "shares": shares,
        "differences": [
            {
                "one": pair.one.use_case,
                "other": pair.other.use_case,
                "gap": pair.one.score - pair.other.score,
                "gaps": [
                    {"criterion": criterion, "gap": gap, "ahead": gap.points > 0,
                     "points": abs(gap.points)}
                    for criterion, gap in pair.gaps[:MOST_GAPS]
                    if abs(gap.points) >= 0.05
                ],
            }
            for pair in found.differences
        ],
        "columns": len(found.rows) + 1,
    }  # fmt: skip


def cells(worths, rows) -> list[dict]:
    """One criterion of each candidate."""
    return [cell(worth, row) for worth, row in zip(worths, rows, strict=True)]


def cell(worth, row) -> dict:
    """One criterion of one candidate, on a line from 0 to 5."""
    return {
        "reference": row.use_case.reference,
        "worth": worth,
        "at": LINE.at(worth.part.expected),
        "low": None if worth.low is None else LINE.at(worth.low),
        "high": None if worth.high is None else LINE.at(worth.high),
    }
