"""What people type about a lighthouse."""

from decimal import Decimal

from django import forms

from portfolio.actions.lighthouses import shown
from portfolio.actions.readings import Measured, NewReading
from portfolio.actions.recording import WeeklyUpdate
from portfolio.actions.verdicts import Limit
from portfolio.forms.numbers import PlainNumber
from portfolio.models import Contract, Lighthouse
from portfolio.rules.clock import FEWEST_WEEKS, MOST_WEEKS
from portfolio.rules.words import Direction, LimitKind, Verdict, as_sentence

LARGEST = 2_147_483_647
SPARE_GUARDRAILS = 2
WEEKS = [(weeks, f"{weeks} weeks") for weeks in range(FEWEST_WEEKS, MOST_WEEKS + 1)]


class Day(forms.DateField):
    """A day, by the browser's own calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **options) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **options)


def words(rows: int = 3, longest: int = 4000, **options) -> forms.CharField:
    """A few sentences."""
    return forms.CharField(
        widget=forms.Textarea(attrs={"rows": rows}), max_length=longest, **options
    )


def sure() -> forms.BooleanField:
    """Ticked once what was asked back is meant; shown only then."""
    return forms.BooleanField(label="It is right as it stands", required=False)


def seen() -> forms.IntegerField:
    return forms.IntegerField(widget=forms.HiddenInput, required=False)


def owners(people) -> list[tuple[str, str]]:
    return [
        ("", "Choose a person"),
        *((person.email, f"{person} · {person.email}") for person in people),
    ]


class OwnerForm(forms.Form):
    owner = forms.ChoiceField(help_text="One accountable person, not a list. They are asked.")
    seen = seen()

    def __init__(self, *args, people=(), **options) -> None:
        super().__init__(*args, **options)
        self.fields["owner"].choices = owners(people)


class DrawUpForm(OwnerForm):
    planned_weeks = forms.TypedChoiceField(
        label="Duration", choices=WEEKS, coerce=int, initial=MOST_WEEKS
    )
    start_date = Day(
        label="Start",
        required=False,
        help_text="Empty: the day on which it is selected.",
    )
    start_reason = words(
        rows=2,
        label="Why this start",
        required=False,
        help_text="Needed where it lies more than 14 days from the day it is selected.",
    )
    seen = None


class AnswerForm(forms.Form):
    reason = words(rows=2, label="If you decline, why", required=False)


class AgreedForm(forms.Form):
    """What the contract seals beside the metric."""

    planned_weeks = forms.TypedChoiceField(label="Duration", choices=WEEKS, coerce=int)
    start_date = Day(label="Start", required=False)
    start_reason = words(
        rows=2,
        label="Why this start",
        required=False,
        help_text="Needed where it lies more than 14 days from the day it was selected.",
    )
    how_measured = words(rows=2, label="How the metric is measured", required=False)
    smallest_sample = forms.IntegerField(
        label="The smallest sample that counts", min_value=1, max_value=LARGEST, required=False
    )
    last_readings = forms.IntegerField(
        label="How many last readings must all meet the target", min_value=1, max_value=100
    )
    no_guardrails = forms.BooleanField(
        label="There is no guardrail, and that is meant", required=False
    )
    seen = seen()

    def __init__(self, *args, sets_start: bool, **options) -> None:
        super().__init__(*args, **options)
        if not sets_start:
            del self.fields["start_date"], self.fields["start_reason"]


class FactsForm(forms.Form):
    """What the gates to building and live ask for."""

    production_environment = forms.CharField(
        label="Where it runs in production", max_length=250, required=False
    )
    reading_plan = words(
        rows=2, label="Who reads the metric, from where, how often", required=False
    )
    review_working_on = Day(label="The review path works since", required=False)
    seen = seen()


class ShipForm(forms.Form):
    shipped_on = Day(label="In production since", error_messages={"required": "Give the day."})
    sure = sure()
    seen = seen()


class MilestoneForm(forms.Form):
    title = forms.CharField(label="What will be there", max_length=200)
    due_on = Day(label="By")
    seen = seen()


class UpdateForm(forms.Form):
    """The week in one form: a value for each metric, milestones reached, a forecast."""

    measured_on = Day(label="Measured on", required=False)
    sample_size = forms.IntegerField(label="Sample", min_value=0, max_value=LARGEST, required=False)
    source = forms.CharField(label="Source", max_length=250, required=False)
    reached = forms.TypedMultipleChoiceField(
        label="Reached this week",
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    ships_on = Day(label="In production on", required=False)
    note = forms.CharField(label="Why, in a sentence", max_length=2000, required=False)
    sure = sure()

    def __init__(
        self, *args, metrics: list[Measured], milestones, forecasts: bool, **options
    ) -> None:
        super().__init__(*args, **options)
        self.metrics = metrics
        for place, measured in enumerate(metrics):
            self.fields[f"value_{place}"] = PlainNumber(
                label=as_sentence(measured.metric), required=False
            )
        if milestones:
            self.fields["reached"].choices = [
                (milestone.pk, milestone.title) for milestone in milestones
            ]
        else:
            del self.fields["reached"]
        if not forecasts:
            del self.fields["ships_on"], self.fields["note"]

    def values(self) -> list[tuple[forms.BoundField, str]]:
        """Each metric's field with its unit."""
        return [
            (self[f"value_{place}"], measured.unit) for place, measured in enumerate(self.metrics)
        ]

    def clean(self):
        asked = super().clean()
        measures = any(
            asked.get(f"value_{place}") is not None for place in range(len(self.metrics))
        )
        if measures and not asked.get("measured_on") and "measured_on" not in self.errors:
            self.add_error("measured_on", "Say on which day it was measured.")
        if asked.get("note") and not asked.get("ships_on") and "ships_on" in self.fields:
            self.add_error("ships_on", "The sentence goes with a forecast: give the day.")
        return asked

    def update(self) -> WeeklyUpdate:
        asked = self.cleaned_data
        return WeeklyUpdate(
            readings=tuple(
                NewReading(
                    measured.metric,
                    asked[f"value_{place}"],
                    asked["measured_on"],
                    asked["source"],
                    asked["sample_size"],
                )
                for place, measured in enumerate(self.metrics)
                if asked[f"value_{place}"] is not None
            ),
            reached=tuple(asked.get("reached", ())),
            ships_on=asked.get("ships_on"),
            note=asked.get("note", ""),
        )


class CorrectionForm(forms.Form):
    value = PlainNumber(label="It should read")
    measured_on = Day(label="Measured on")
    sample_size = forms.IntegerField(label="Sample", min_value=0, max_value=LARGEST, required=False)
    source = forms.CharField(label="Source", max_length=250, required=False)
    sure = sure()

    def reading(self, metric: str) -> NewReading:
        asked = {name: value for name, value in self.cleaned_data.items() if name != "sure"}
        return NewReading(metric, **asked)


class RetrospectiveForm(forms.Form):
    retrospective = words(
        rows=6,
        longest=20_000,
        label="What was learnt",
        help_text="What held, what did not, what the next one should do differently.",
    )
    seen = seen()


class DeclareForm(forms.Form):
    verdict = forms.TypedChoiceField(coerce=Verdict, widget=forms.RadioSelect)
    reason = words(
        rows=2,
        required=False,
        label="Why, if you overrule",
        help_text="Your name and this reason stay visible for good.",
    )
    seen = seen()

    def __init__(self, *args, computed: str, **options) -> None:
        super().__init__(*args, **options)
        other = Verdict.FAILURE if computed == Verdict.VICTORY else Verdict.VICTORY
        self.fields["verdict"].choices = [
            (computed, f"Confirm: {computed}"),
            (other.value, f"Overrule: {other}"),
        ]
        self.fields["verdict"].initial = computed


class AmendForm(forms.Form):
    """The sealed contract as it stands, to be changed with a reason."""

    statement = words(rows=2, label="The sentence")
    metric = forms.CharField(
        max_length=120, help_text="What was read under another name or unit counts no longer."
    )
    unit = forms.CharField(max_length=40)
    direction = forms.ChoiceField(
        label="Better is", choices=[(one.value, one.value) for one in Direction]
    )
    baseline = PlainNumber()
    target = PlainNumber()
    segment = forms.CharField(max_length=250, required=False)
    how_measured = words(rows=2, label="How it is measured")
    smallest_sample = forms.IntegerField(label="Smallest sample", min_value=1, max_value=LARGEST)
    last_readings = forms.IntegerField(
        label="Last readings that must meet the target", min_value=1, max_value=100
    )
    start_date = Day(label="Start")
    planned_weeks = forms.TypedChoiceField(label="Duration", choices=WEEKS, coerce=int)
    reason = words(label="Why it has to change", help_text="It stands beside the verdict for good.")
    sure = sure()
    seen = seen()

    def __init__(self, *args, contract: Contract, **options) -> None:
        super().__init__(*args, **options)
        rows = [*contract.guardrails, *[{}] * SPARE_GUARDRAILS]
        self.places = range(len(rows))
        for place, row in enumerate(rows):
            given = {"required": False}
            self.fields[f"guardrail_{place}_metric"] = forms.CharField(
                label="Guardrail", max_length=120, initial=row.get("metric"), **given
            )
            self.fields[f"guardrail_{place}_kind"] = forms.ChoiceField(
                label="Must be",
                choices=[("at_least", "at least"), ("at_most", "at most")],
                initial=row.get("kind"),
                **given,
            )
            self.fields[f"guardrail_{place}_limit"] = PlainNumber(
                label="Limit", initial=row.get("limit"), **given
            )
            self.fields[f"guardrail_{place}_unit"] = forms.CharField(
                label="Unit", max_length=40, initial=row.get("unit"), **given
            )

    def guardrails(self) -> list[list[forms.BoundField]]:
        """The fields of each guardrail's row."""
        parts = ("metric", "kind", "limit", "unit")
        return [[self[f"guardrail_{place}_{part}"] for part in parts] for place in self.places]

    def clean(self):
        asked = super().clean()
        for place in self.places:
            limit = f"guardrail_{place}_limit"
            if asked.get(f"guardrail_{place}_metric") and asked.get(limit) is None:
                self.add_error(limit, "A guardrail needs its limit.")
        return asked

    def changes(self) -> dict:
        """Every term as it should stand; the action finds what differs."""
        asked = self.cleaned_data
        terms = {
            name: value
            for name, value in asked.items()
            if name not in ("reason", "seen", "sure") and not name.startswith("guardrail_")
        }
        terms["guardrails"] = [
            Limit(
                asked[f"guardrail_{place}_metric"],
                asked[f"guardrail_{place}_unit"],
                LimitKind(asked[f"guardrail_{place}_kind"] or "at_least"),
                asked[f"guardrail_{place}_limit"],
            )
            for place in self.places
            if asked[f"guardrail_{place}_metric"]
        ]
        return terms


def typed(value: object) -> object:
    """A value as somebody would type it: no idle zeros."""
    return shown(value) if isinstance(value, Decimal) else value


def initial_of(lighthouse: Lighthouse | Contract, form: type[forms.Form]) -> dict:
    """What stands, as the form's first values."""
    names = [name for name in form.base_fields if name not in ("seen", "reason", "sure")]
    return {
        **{name: typed(getattr(lighthouse, name)) for name in names},
        "seen": lighthouse.revision,
    }
