"""One candidate across the criteria, or one criterion across the candidates: one's own ratings,
others' beside, and for one candidate the score explained."""

from collections import defaultdict
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assessments.actions.rating import Judgement, mine_of, rate
from assessments.forms.rating import PointsForm, RatingForm
from assessments.models import Criterion, Rating, Round, SealedRating
from assessments.pages import rating as pages
from assessments.pages.links import address_of
from assessments.pages.ranking import place_of
from assessments.pages.rounds import until_words
from assessments.ranking import Sheet
from assessments.rules import scoring
from portfolio import rights
from portfolio.doors.html import portfolio_or_404, refuse_form, use_case_or_404
from portfolio.doors.paging import cut_page
from portfolio.errors import RuleBroken
from portfolio.models import UseCase
from portfolio.rules.rights import Right

CANDIDATES_A_PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
def ratings(request, reference):
    """One candidate; with `only` from htmx one criterion is saved as one leaves its row."""
    use_case = use_case_or_404(request, reference)
    criteria = list(Criterion.objects.in_portfolio(use_case.portfolio_id).in_force())
    by_hand = [row for row in criteria if not row.is_derived]
    may_rate = Right.RATE in request.may
    only = request.POST.get("only", "") if request.htmx else ""
    form, status = None, 200
    rounds = list(Round.objects.open_to(use_case.pk, request.user.pk)) if may_rate else []
    cells = {criterion.pk: row for row in rounds for criterion in row.criteria.all()}
    blind = {pk: row.pk for pk, row in cells.items()}
    mine = mine_of(use_case.pk, request.user.pk, blind)
    if request.method == "POST":
        rights.require(request.actor, Right.RATE, use_case)
        asked = [row for row in by_hand if only in ("", row.slug)]
        form = RatingForm(request.POST, criteria=asked, mine=mine)
        if form.is_valid():
            try:
                rate(request.actor, use_case.pk, form.judgements(), now=timezone.now())
            except (RuleBroken, ValidationError) as refusal:
                refuse_form(form, refusal)
            else:
                if not only:
                    return redirect("assessments:ratings", use_case.reference)
                mine = mine_of(use_case.pk, request.user.pk, blind)
        status = 422 if form.errors else 200
    elif may_rate:
        form = RatingForm(criteria=by_hand, mine=mine)
    rated = sum(row.pk in mine for row in by_hand)
    everyone = defaultdict(list)
    for row in Rating.objects.of(use_case.pk).of_criteria_in_force().with_names().in_order():
        everyone[row.criterion_id].append(row)
    ages = pages.Ages.here(use_case.portfolio, timezone.now())
    if only:
        found = [row for row in by_hand if row.slug == only]
        if not found:
            raise Http404
        shown = pages.row_of(
            found[0], None, everyone, mine, cells, None, may_rate, request.user.pk, ages
        )
        return answer_row(request, only, shown, form, rated, len(by_hand), status)
    read = Sheet.read(use_case.portfolio_id, timezone.now(), use_case.pk)
    explained = {}
    if len(read.sheet.ids):
        explained = {part.slug: part for part in scoring.explain(read.sheet, 0)}
    context = {
        "use_case": use_case,
        "portfolio": use_case.portfolio,
        "standing": use_case.standing,
        "place": place_of(use_case.standing, use_case.portfolio.shortlist_size),
        "is_stale": use_case.portfolio.is_ranking_stale,
        "axes": pages.axes(
            criteria, explained, everyone, mine, cells, form, may_rate, request.user.pk, ages
        ),
        "form": form,
        "version": max((row.revision for row in mine.values()), default=0),
        "rated": rated,
        "rounds": [(row, until_words(row, timezone.now())) for row in rounds],
        "derived_stale": {
            "annual_value": ages.is_past(use_case.standing.value_as_of),
            "data_readiness": ages.is_past(use_case.standing.data_as_of),
        },
        "sealed": sum(row.pk in cells for row in by_hand),
        "to_rate": len(by_hand),
        "assessors": len({row.assessor_id for rows in everyone.values() for row in rows}),
        "economics_url": address_of("economics:economics", use_case.reference),
        "may": request.may,
        "now": timezone.now(),
    }
    return render(request, "assessments/ratings.html", context, status=status)


def answer_row(request, name, row, form, rated, to_rate, status):
    """What htmx puts beside a row that was left: saved or not and why, and what others said."""
    context = {
        "name": name,
        "row": row,
        "faults": [*form.non_field_errors(), *form.faults_of(name)],
        "rated": rated,
        "to_rate": to_rate,
        "now": timezone.now(),
    }
    return render(request, "assessments/parts/saved_row.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def rating_of(request, key, slug):
    """One criterion across the candidates; with `round` those of one blind round."""
    portfolio = portfolio_or_404(request, key)
    found = Criterion.objects.in_portfolio(portfolio.pk).in_force()
    criterion = get_object_or_404(found.with_slug(slug))
    if criterion.is_derived:
        raise Http404
    may_rate = Right.RATE in request.may
    candidates = UseCase.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    blind = round_asked(request, portfolio, criterion)
    candidates = (
        candidates.keyed(blind.candidates.all().ids()) if blind else candidates.candidates()
    )
    rounds = Round.objects.over_candidates(criterion.pk, request.user.pk) if may_rate else {}
    only = request.POST.get("only", "") if request.htmx else ""
    try:
        page = cut_page(
            candidates.with_standing(), ("standing__order", "pk"), CANDIDATES_A_PAGE,
            request.GET.get("cursor"),
        )  # fmt: skip
    except ValueError as fault:
        raise Http404 from fault
    shown = {row.reference: row for row in page.rows}
    said = Said.read(criterion, shown.values(), request.user.pk, rounds)
    form, status = None, 200
    if request.method == "POST":
        rights.require(request.actor, Right.RATE, portfolio)
        asked = {name: said.mine.get(row.pk) for name, row in shown.items() if only in ("", name)}
        if only and not asked:
            raise Http404
        form = PointsForm(request.POST, rows=asked)
        if form.is_valid():
            save_rows(request, criterion, shown, form)
            said = Said.read(criterion, shown.values(), request.user.pk, rounds)
        if not form.errors and not only:
            return redirect(request.get_full_path())
        status = 422 if form.errors else 200
    elif may_rate:
        form = PointsForm(rows={name: said.mine.get(row.pk) for name, row in shown.items()})
    keys = candidates.ids()
    ages = pages.Ages.here(portfolio, timezone.now())
    rated = said.count_mine(criterion, keys, request.user.pk, rounds)
    if only:
        row = said.row_of(criterion, shown[only], rounds, None, may_rate, request.user.pk, ages)
        return answer_row(request, only, row, form, rated, len(keys), status)
    context = {
        "portfolio": portfolio,
        "criterion": criterion,
        "criteria": [row for row in found if not row.is_derived],
        "rows": [
            (case, said.row_of(criterion, case, rounds, form, may_rate, request.user.pk, ages))
            for case in page.rows
        ],
        "form": form,
        "rated": rated,
        "to_rate": len(keys),
        "round": blind,
        "query": urlencode({"round": blind.pk}) if blind else "",
        "turns": turns_of(request, page),
        "version": portfolio.revision,
        "now": timezone.now(),
    }
    return render(request, "assessments/rating_of.html", context, status=status)


def round_asked(request, portfolio, criterion) -> Round | None:
    """The blind round that the address names, if it asks for this criterion."""
    asked = request.GET.get("round", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 18):
        return None
    rows = Round.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    return rows.about(criterion.pk).keyed(int(asked)).first()


def turns_of(request, page) -> dict[str, str]:
    """The addresses of the pages beside this one, of the same round."""

    def address(cursor):
        if not cursor:
            return ""
        asked = request.GET.copy()
        asked["cursor"] = cursor
        return f"{request.path}?{asked.urlencode()}"

    return {"next": address(page.next), "previous": address(page.previous)}


def save_rows(request, criterion, shown, form) -> None:
    """Rate the candidates whose row was changed; a refusal is put at its row."""
    for name, given in form.rated().items():
        if not any(field.endswith(f"-{name}") for field in form.changed_data):
            continue
        judgement = Judgement(criterion.slug, *given)
        try:
            rate(request.actor, shown[name].pk, [judgement], now=timezone.now())
        except RuleBroken as refusal:
            form.add_error(f"likely-{name}", refusal.words)
        except ValidationError as refusal:
            form.add_error(f"likely-{name}", refusal.messages)


class Said:
    """What was said of one criterion of the candidates on a page, one's own apart."""

    def __init__(self, everyone, mine) -> None:
        self.everyone = everyone
        self.mine = mine

    @classmethod
    def read(cls, criterion, candidates, user_id, rounds) -> "Said":
        """In two queries: the ratings, and where one rates blind one's own sealed ones."""
        keys = [row.pk for row in candidates]
        everyone = defaultdict(list)
        mine = {}
        for row in Rating.objects.for_use_cases(keys).on(criterion.pk).with_names():
            everyone[row.use_case_id].append(row)
            if row.assessor_id == user_id and row.use_case_id not in rounds:
                mine[row.use_case_id] = row
        if rounds:
            sealed = SealedRating.objects.for_use_cases(keys).in_rounds(rounds.values())
            for row in sealed.by_person(user_id).on(criterion.pk):
                mine[row.use_case_id] = row
        return cls(everyone, mine)

    def row_of(self, criterion, case, rounds, form, may_rate, user_id, ages) -> pages.CriterionRow:
        name = case.reference
        return pages.row_of(
            criterion,
            None,
            {criterion.pk: self.everyone[case.pk]},
            {criterion.pk: self.mine[case.pk]} if case.pk in self.mine else {},
            {criterion.pk: rounds[case.pk]} if case.pk in rounds else {},
            form.of(name) if form else None,
            may_rate,
            user_id,
            ages,
        )

    def count_mine(self, criterion, keys, user_id, rounds) -> int:
        """How many of all these candidates one has rated on the criterion."""
        open_ones = [pk for pk in keys if pk not in rounds]
        rows = Rating.objects.for_use_cases(open_ones).on(criterion.pk).by_person(user_id)
        sealed = SealedRating.objects.for_use_cases(keys).in_rounds(rounds.values())
        return rows.count() + sealed.on(criterion.pk).by_person(user_id).count()
