"""The discussion of one use case: read it, say something, change or remove what one said."""

from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portfolio import rights
from portfolio.actions import discussing
from portfolio.doors.html import form_of, refuse_form, use_case_or_404
from portfolio.doors.paging import cut_page
from portfolio.errors import EditedMeanwhile, NotAllowed, RuleBroken
from portfolio.forms.discussion import CommentEditForm, CommentForm
from portfolio.models import Comment
from portfolio.rules.rights import Right
from portfolio.views.overview import older_url

COMMENTS_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def discussion(request, reference):
    """What was said, the latest first; with `about` of one subject only."""
    use_case = use_case_or_404(request, reference)
    about = request.GET.get("about", "").replace("\x00", "")[:80]
    form = CommentForm(initial={"about": about})
    if request.method == "POST":
        rights.require(request.actor, Right.COMMENT, use_case)
        form = CommentForm(request.POST)
        if form.is_valid():
            given = form.cleaned_data
            try:
                discussing.comment(
                    request.actor, use_case.pk, given["text"], about=given["about"],
                    now=timezone.now(),
                )  # fmt: skip
            except (RuleBroken, ValidationError) as refusal:
                refuse_form(form, refusal)
            else:
                return redirect(address(use_case, given["about"]))
        about = form.data.get("about", "")[:80]
    return show(request, use_case, about, form)


def comment_or_404(request, reference, pk):
    use_case = use_case_or_404(request, reference)
    rows = Comment.objects.visible_to(request.actor).of(use_case.pk)
    return use_case, get_object_or_404(rows, pk=pk)


@form_of("portfolio:discussion", "reference", look_up=comment_or_404, at="#comment-{pk}")
def one_comment(request, reference, pk):
    """Change or remove one's own."""
    use_case, row = comment_or_404(request, reference, pk)
    if row.by_id != request.user.pk:
        raise NotAllowed("A comment is changed or removed by who wrote it.")
    if "remove" in request.POST:
        discussing.remove_comment(request.actor, row.pk, now=timezone.now())
        return redirect(address(use_case, row.about))
    form = CommentEditForm(request.POST, prefix=f"c{pk}")
    if form.is_valid():
        given = form.cleaned_data
        try:
            discussing.edit_comment(
                request.actor, row.pk, given["text"], now=timezone.now(),
                seen_version=given["seen"],
            )  # fmt: skip
        except EditedMeanwhile as meanwhile:
            refuse_form(form, meanwhile)
            form.data = form.data.copy()  # saving again keeps what was typed
            form.data[form.add_prefix("seen")] = meanwhile.row.revision
        except (RuleBroken, ValidationError) as refusal:
            refuse_form(form, refusal)
        else:
            return redirect(f"{address(use_case, row.about)}#comment-{row.pk}")
    fresh = CommentForm(initial={"about": row.about})
    return show(request, use_case, row.about, fresh, edited={row.pk: form})


def address(use_case, about: str) -> str:
    page = reverse("portfolio:discussion", args=[use_case.reference])
    return f"{page}?{urlencode({'about': about})}" if about else page


def show(request, use_case, about, form, *, edited=None):
    rows = Comment.objects.visible_to(request.actor).of(use_case.pk).with_people()
    try:
        page = cut_page(
            rows.about(about) if about else rows, ("-pk",), COMMENTS_A_PAGE,
            request.GET.get("cursor"),
        )  # fmt: skip
    except ValueError as fault:
        raise Http404 from fault
    forms = edited or {}
    may_comment = Right.COMMENT in request.may
    context = {
        "use_case": use_case,
        "about": about,
        "form": form if may_comment else None,
        "comments": [
            (row, forms.get(row.pk) or edit_form(row) if is_own(row, request) else None)
            for row in page.rows
        ],
        "edited": set(forms),
        "turns": older_url(request, page),
        "may": request.may,
        "now": timezone.now(),
    }
    is_refused = form.is_bound or bool(forms)
    return render(request, "portfolio/discussion.html", context, status=422 if is_refused else 200)


def is_own(row: Comment, request) -> bool:
    return row.by_id == request.user.pk and row.removed_at is None and Right.COMMENT in request.may


def edit_form(row: Comment) -> CommentEditForm:
    begun = {"text": row.text, "seen": row.revision}
    return CommentEditForm(initial=begun, prefix=f"c{row.pk}")
