"""What people type about portfolios, members, invitations and tokens."""

from django import forms

from portfolio.models import ApiToken, Portfolio
from portfolio.models.people import known_time_zones
from portfolio.rules.rights import Role
from portfolio.templatetags.words import zone

ROLE_WORDS = {
    Role.SPONSOR: "Sponsor: decides everything, members included",
    Role.CONTRIBUTOR: "Contributor: proposes, answers tests, rates, can own a lighthouse",
    Role.VIEWER: "Viewer: reads and follows",
}
ROLES = [(role.value, words) for role, words in ROLE_WORDS.items()]
CURRENCIES = [
    ("USD", "USD · US dollar"), ("EUR", "EUR · euro"), ("GBP", "GBP · pound sterling"),
    ("CHF", "CHF · Swiss franc"), ("SEK", "SEK · Swedish krona"), ("NOK", "NOK · Norwegian krone"),
    ("DKK", "DKK · Danish krone"), ("PLN", "PLN · złoty"), ("CAD", "CAD · Canadian dollar"),
    ("AUD", "AUD · Australian dollar"), ("NZD", "NZD · New Zealand dollar"),
    ("JPY", "JPY · yen"), ("INR", "INR · Indian rupee"), ("SGD", "SGD · Singapore dollar"),
    ("BRL", "BRL · real"), ("ZAR", "ZAR · rand"),
]  # fmt: skip
LIFETIMES = [(30, "30 days"), (90, "90 days"), (365, "a year"), (0, "until I revoke it")]


def currencies(current: str) -> list[tuple[str, str]]:
    """The usual ones, and the one in use where it is another."""
    known = {code for code, _ in CURRENCIES}
    return CURRENCIES if current in known or not current else [(current, current), *CURRENCIES]


def time_zones() -> list[tuple[str, str]]:
    """Every zone of the world, those that name a place first."""
    names = sorted(name for name in known_time_zones() if "/" in name and name[:3] != "Etc")
    return [("UTC", "UTC"), *((name, zone(name)) for name in names)]


class SettingsForm(forms.Form):
    name = forms.CharField(max_length=120)
    currency = forms.ChoiceField(
        help_text="All money is read in it. Changing it does not convert what is there."
    )
    time_zone = forms.ChoiceField(
        label="Time zone", help_text="Days begin and verdicts fall due by its clock."
    )
    shortlist_size = forms.TypedChoiceField(
        label="Shortlist", coerce=int, choices=[(n, f"the first {n}") for n in (3, 4, 5)]
    )
    fresh_days = forms.IntegerField(
        label="Days until a rating is stale",
        min_value=7,
        max_value=3_650,
        help_text="After that a fresh look is asked for; every 30 days more its range widens.",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, current: str = "", **options) -> None:
        super().__init__(*args, **options)
        self.fields["currency"].choices = currencies(current)
        self.fields["time_zone"].choices = time_zones()


class NewPortfolioForm(forms.Form):
    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autofocus": True}))
    key = forms.CharField(
        max_length=10,
        help_text=Portfolio._meta.get_field("key").help_text,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )
    currency = forms.ChoiceField(choices=CURRENCIES, initial="USD")
    time_zone = forms.ChoiceField(
        label="Time zone",
        initial="UTC",
        help_text="Days begin and verdicts fall due by its clock.",
    )

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.fields["time_zone"].choices = time_zones()


class InviteForm(forms.Form):
    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(choices=ROLES, initial=Role.CONTRIBUTOR.value)


class RoleForm(forms.Form):
    """One member's role, in the table of members."""

    role = forms.ChoiceField(choices=[(role.value, role.value) for role in Role])
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ComeInForm(forms.Form):
    name = forms.CharField(
        label="Your name",
        max_length=120,
        help_text="As others shall see it beside what you do.",
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )
    password = forms.CharField(
        label="Choose a password",
        max_length=128,
        strip=False,
        help_text="At least 8 characters; a few words in a row are best.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class TokenForm(forms.Form):
    name = forms.CharField(
        label="What is it for?",
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": "the weekly BI export"}),
    )
    scope = forms.ChoiceField(
        label="What may it do?", choices=ApiToken.Scope.choices, initial=ApiToken.Scope.READ
    )
    reach = forms.ChoiceField(label="Where?", initial="here")
    days = forms.TypedChoiceField(
        label="How long?", coerce=int, choices=LIFETIMES, initial=90, empty_value=0
    )

    def __init__(self, *args, portfolio_name: str, **options) -> None:
        super().__init__(*args, **options)
        self.fields["reach"].choices = [
            ("here", f"only in {portfolio_name}"),
            ("everywhere", "in every portfolio of mine"),
        ]
