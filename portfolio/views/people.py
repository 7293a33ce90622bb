"""Pages of people and access: opening a portfolio, its settings, members, tokens, invitations."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portfolio import inviting, rights
from portfolio.actions import invitations, portfolios
from portfolio.actions.members import change_role, let_open_portfolios, remove_member
from portfolio.actions.tokens import create_token, revoke_token
from portfolio.doors.html import form_of, portfolio_or_404, refuse_form
from portfolio.errors import EditedMeanwhile, NotAllowed, RuleBroken
from portfolio.forms.people import (
    ComeInForm,
    InviteForm,
    NewPortfolioForm,
    RoleForm,
    SettingsForm,
    TokenForm,
)
from portfolio.models import ApiToken, Invitation, Membership, User
from portfolio.rules.rights import Right

PASSWORD_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


# --- Portfolios -------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def open_portfolio(request):
    if not request.user.may_open_portfolios:
        raise NotAllowed("Ask a sponsor to let you open portfolios.")
    form = NewPortfolioForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            portfolio = portfolios.open_portfolio(request.actor, **form.cleaned_data)
        except (RuleBroken, ValidationError) as refusal:
            refuse_form(form, refusal)
        else:
            messages.success(request, f"{portfolio.name} is open. Invite people, add candidates.")
            return redirect("portfolio:members", portfolio.key)
    status = 422 if form.is_bound else 200
    return render(request, "portfolio/open_portfolio.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request, key):
    portfolio = portfolio_or_404(request, key)
    may_change = Right.MANAGE_SETTINGS in request.may
    theirs = {}
    if request.method == "POST":
        rights.require(request.actor, Right.MANAGE_SETTINGS, portfolio)
        form = SettingsForm(request.POST, current=portfolio.currency)
        if form.is_valid():
            asked = dict(form.cleaned_data)
            try:
                portfolios.change_portfolio(
                    request.actor, portfolio.pk, asked, seen_version=asked.pop("seen")
                )
            except EditedMeanwhile as meanwhile:
                theirs = differences(form, meanwhile.row)
                form.add_error(None, meanwhile.words)
                form.data = request.POST.copy()
                form.data["seen"] = meanwhile.row.revision
            except (RuleBroken, ValidationError) as refusal:
                refuse_form(form, refusal)
            else:
                messages.success(request, "Saved.")
                return redirect("portfolio:settings", portfolio.key)
        status = 422
    else:
        values = {name: getattr(portfolio, name) for name in SettingsForm.base_fields
                  if name != "seen"}  # fmt: skip
        form = SettingsForm(
            initial={**values, "seen": portfolio.revision}, current=portfolio.currency
        )
        status = 200
    context = {"portfolio": portfolio, "form": form, "may_change": may_change, "theirs": theirs,
               "tab": "settings"}  # fmt: skip
    return render(request, "portfolio/settings.html", context, status=status)


def differences(form, row) -> list[tuple[str, str]]:
    """(label, what stands now) of every field that somebody else set otherwise."""
    return [
        (form[name].label, getattr(row, name))
        for name in form.fields
        if name != "seen" and getattr(row, name) != form.cleaned_data[name]
    ]


# --- Members ----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def members(request, key):
    portfolio = portfolio_or_404(request, key)
    form = InviteForm()
    if request.method == "POST":
        rights.require(request.actor, Right.MANAGE_MEMBERS, portfolio)
        form = InviteForm(request.POST)
        if form.is_valid():
            try:
                invitation = invitations.invite(
                    request.actor, portfolio.pk, **form.cleaned_data, now=timezone.now()
                )
            except (RuleBroken, ValidationError) as refusal:
                refuse_form(form, refusal)
            else:
                messages.success(request, f"An invitation to {invitation.email} is on its way.")
                return redirect("portfolio:members", portfolio.key)
    return show_members(request, portfolio, form)


def show_members(request, portfolio, form):
    """The page of members, with a form that may hold what was refused."""
    may_manage = Right.MANAGE_MEMBERS in request.may
    now = timezone.now()
    rows = Membership.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    invitations = []
    if may_manage:
        waiting = Invitation.objects.visible_to(request.actor).in_portfolio(portfolio.pk).waiting()
        invitations = [(row, row.state(now)) for row in waiting.with_inviter()]
    listed = [
        (row, RoleForm(initial={"role": row.role, "seen": row.revision}, auto_id=f"m{row.pk}_%s"))
        for row in rows.with_people().by_name()
    ]
    context = {
        "portfolio": portfolio,
        "members": listed,
        "invitations": invitations,
        "form": form,
        "may_manage": may_manage,
        "may_let_open": may_manage and request.user.may_open_portfolios,
        "now": now,
        "tab": "members",
    }
    status = 422 if form.is_bound else 200
    return render(request, "portfolio/members.html", context, status=status)


def member_or_404(request, key, pk):
    portfolio = portfolio_or_404(request, key)
    rows = Membership.objects.visible_to(request.actor).in_portfolio(portfolio.pk).with_people()
    return portfolio, get_object_or_404(rows, pk=pk)


of_member = form_of("portfolio:members", "key", look_up=member_or_404)


@of_member
def member_role(request, key, pk):
    portfolio, row = member_or_404(request, key, pk)
    rights.require(request.actor, Right.MANAGE_MEMBERS, portfolio)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise ValidationError("Choose one of the roles.")
    row = change_role(
        request.actor, row.pk, form.cleaned_data["role"], seen_version=form.cleaned_data["seen"]
    )
    messages.success(request, f"{row.user} is {row.role} now.")
    return redirect("portfolio:members", portfolio.key)


@of_member
def member_removal(request, key, pk):
    portfolio, row = member_or_404(request, key, pk)
    remove_member(request.actor, row.pk)
    messages.success(request, f"{row.user} is no member any more. What they did stays.")
    if row.user_id == request.user.pk:
        return redirect("portfolio:work")
    return redirect("portfolio:members", portfolio.key)


@of_member
def member_opening(request, key, pk):
    """Lets a member open portfolios of their own."""
    portfolio, row = member_or_404(request, key, pk)
    user = let_open_portfolios(request.actor, row.pk)
    messages.success(request, f"{user} may open portfolios now.")
    return redirect("portfolio:members", portfolio.key)


# --- Invitations ------------------------------------------------------------------------------


def invitation_or_404(request, key, pk):
    portfolio = portfolio_or_404(request, key)
    rows = Invitation.objects.visible_to(request.actor).in_portfolio(portfolio.pk)
    return portfolio, get_object_or_404(rows, pk=pk)


of_invitation = form_of("portfolio:members", "key", look_up=invitation_or_404)


@of_invitation
def invitation_revocation(request, key, pk):
    portfolio, row = invitation_or_404(request, key, pk)
    invitations.revoke_invitation(request.actor, row.pk, now=timezone.now())
    messages.success(request, f"The invitation of {row.email} is revoked.")
    return redirect("portfolio:members", portfolio.key)


@of_invitation
def invitation_sending(request, key, pk):
    portfolio, row = invitation_or_404(request, key, pk)
    invitations.resend_invitation(request.actor, row.pk, now=timezone.now())
    messages.success(request, f"The invitation to {row.email} is on its way again.")
    return redirect("portfolio:members", portfolio.key)


@login_not_required  # who is invited has no account yet; the signed link says who may come in
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request, signed):
    now = timezone.now()
    row = Invitation.objects.behind_link(inviting.invited_by_link(signed))
    if row is None:
        raise Http404
    try:
        invitations.expect_open(row, now)
    except RuleBroken as closed:
        return show_invitation(request, row, signed, closed=closed.words, status=409)
    if request.user.is_authenticated:
        return accept_as_oneself(request, row, signed, now)
    if User.objects.with_email(row.email) is not None:
        return show_invitation(request, row, signed, has_account=True)
    return come_in(request, row, signed, now)


def accept_as_oneself(request, row, signed, now):
    """One click for who is signed in; whoever else is signed in is told for whom it is."""
    if request.user.email != row.email:
        return show_invitation(request, row, signed, is_somebody_else=True, status=409)
    if request.method == "POST":
        invitations.accept_invitation(request.actor, row.pk, now=now)
        messages.success(request, f"Welcome to {row.portfolio.name}.")
        return redirect("portfolio:overview", row.portfolio.key)
    return show_invitation(request, row, signed, is_own=True)


def come_in(request, row, signed, now):
    """A new person names themselves, chooses a password, and is in."""
    form = ComeInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = invitations.come_in(row.pk, **form.cleaned_data, now=now)
        except (RuleBroken, ValidationError) as refusal:
            refuse_form(form, refusal)
        else:
            login(request, user, backend=PASSWORD_BACKEND)
            messages.success(request, f"Welcome to {row.portfolio.name}.")
            return redirect("portfolio:overview", row.portfolio.key)
    status = 422 if form.is_bound else 200
    return show_invitation(request, row, signed, form=form, status=status)


def show_invitation(request, row, signed, *, status=200, **case):
    here = reverse("portfolio:invitation", args=[signed])
    context = {
        "invitation": row,
        "portfolio": row.portfolio,
        "here": here,
        "sign_in": f"{reverse('account_login')}?{urlencode({'next': here})}",
        **case,
    }
    return render(request, "portfolio/invitation.html", context, status=status)


# --- Tokens -----------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request, key):
    portfolio = portfolio_or_404(request, key)
    rights.require(request.actor, Right.MANAGE_TOKENS, portfolio)
    secret, made = "", None
    form = TokenForm(request.POST or None, portfolio_name=portfolio.name)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        made, secret = create_token(
            request.actor,
            name=asked["name"],
            scope=asked["scope"],
            days=asked["days"] or None,
            portfolio=portfolio if asked["reach"] == "here" else None,
            now=timezone.now(),
        )
        form = TokenForm(portfolio_name=portfolio.name)
    now = timezone.now()
    mine = ApiToken.objects.of_user(request.user.pk).live().with_portfolio()
    context = {
        "portfolio": portfolio,
        "form": form,
        "secret": secret,
        "made": made,
        "tokens": [(token, token.is_expired(now)) for token in mine],
        "now": now,
        "base_url": request.build_absolute_uri("/").rstrip("/"),
        "tab": "tokens",
    }
    # The secret is shown by the answer itself: a redirect would have to keep it somewhere.
    status = 422 if form.is_bound and not secret else 200
    return render(request, "portfolio/tokens.html", context, status=status)


def token_or_404(request, key, pk):
    portfolio = portfolio_or_404(request, key)
    return portfolio, get_object_or_404(ApiToken.objects.of_user(request.user.pk), pk=pk)


@form_of("portfolio:tokens", "key", look_up=token_or_404)
def token_revocation(request, key, pk):
    portfolio, row = token_or_404(request, key, pk)
    revoke_token(request.actor, row.pk, now=timezone.now())
    messages.success(request, f"The token “{row.name}” opens nothing any more.")
    return redirect("portfolio:tokens", portfolio.key)
