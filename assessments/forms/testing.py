"""What people type about the four tests: each question in the reader's words."""

from django import forms

from assessments.rules.four_tests import Disqualification, Outputs, Usable, Use
from portfolio.forms.numbers import PlainNumber
from portfolio.rules.words import Direction, LimitKind

OPEN = ("", "not answered yet")
YES_NO = [OPEN, ("True", "yes"), ("False", "no")]


def as_flag(value: str) -> bool | None:
    return {"True": True, "False": False}.get(value)


class Lines(forms.CharField):
    """Several answers, one a line."""

    widget = forms.Textarea(attrs={"rows": 2})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        return [line.strip() for line in (value or "").splitlines() if line.strip()]


class OutcomeForm(forms.Form):
    statement = forms.CharField(
        label="What changes, in one sentence with a number",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=5_000,
    )
    metric = forms.CharField(label="The metric that will be read", required=False, max_length=120)
    unit = forms.CharField(label="Its unit", required=False, max_length=40)
    direction = forms.ChoiceField(
        label="Better is",
        required=False,
        choices=[OPEN, *((way.value, way.value) for way in Direction)],
    )
    baseline = PlainNumber(label="Baseline: what it reads today", required=False)
    target = PlainNumber(label="Target: what it must reach", required=False)
    segment = forms.CharField(label="The one user segment", required=False, max_length=250)
    other_metrics = Lines(label="Other numbers you will watch", required=False)
    evidence = forms.CharField(
        label="Where these numbers come from",
        required=False,
        widget=forms.Textarea(attrs={"rows": 1}),
        max_length=5_000,
    )


class GuardrailForm(forms.Form):
    metric = forms.CharField(label="Guardrail metric", required=False, max_length=120)
    kind = forms.ChoiceField(
        label="Must stay",
        required=False,
        choices=[(kind.value, kind.value.replace("_", " ")) for kind in LimitKind],
    )
    limit = PlainNumber(label="Limit", required=False)
    unit = forms.CharField(label="Unit", required=False, max_length=40)

    def clean(self):
        given = super().clean()
        if given.get("metric") and given.get("limit") is None and "limit" not in self.errors:
            self.add_error("limit", "Give the limit.")
        if not given.get("metric") and given.get("limit") is not None:
            self.add_error("metric", "Name the metric.")
        return given


class SourceForm(forms.Form):
    name = forms.CharField(label="Name", required=False, max_length=120)
    system = forms.CharField(label="System", required=False, max_length=120)
    use = forms.ChoiceField(
        label="Used to", required=False, choices=[OPEN, *((use.value, use.value) for use in Use)]
    )
    required = forms.BooleanField(label="Required", required=False, initial=True)
    schema_consistent = forms.TypedChoiceField(
        label="Schema consistent?", required=False, choices=YES_NO, coerce=as_flag, empty_value=None
    )
    is_clean = forms.TypedChoiceField(
        label="Clean enough?", required=False, choices=YES_NO, coerce=as_flag, empty_value=None
    )
    access_cleared = forms.TypedChoiceField(
        label="Access cleared?", required=False, choices=YES_NO, coerce=as_flag, empty_value=None
    )
    usable = forms.ChoiceField(
        label="Usable as it stands?",
        required=False,
        choices=[OPEN, *((one.value, one.value.replace("_", " ")) for one in Usable)],
    )

    def clean(self):
        given = super().clean()
        said = [given.get(name) for name in self.fields if name not in ("name", "required")]
        if not given.get("name") and any(one not in (None, "") for one in said):
            self.add_error("name", "Name the source.")
        return given


class DataForm(forms.Form):
    evidence = forms.CharField(
        label="How this was looked at",
        required=False,
        widget=forms.Textarea(attrs={"rows": 1}),
        max_length=5_000,
    )


class ReviewForm(forms.Form):
    reviewer = forms.CharField(label="Who reviews", required=False, max_length=250)
    outputs = forms.ChoiceField(
        label="Which outputs",
        required=False,
        choices=[
            OPEN,
            (Outputs.ALL.value, "all of them"),
            (Outputs.SAMPLED.value, "a sampled share"),
            (Outputs.LOW_CONFIDENCE.value, "only those of low confidence"),
        ],
    )
    sampled_percent = forms.IntegerField(
        label="The share that is sampled, in %", required=False, min_value=1, max_value=100
    )
    decision = forms.CharField(
        label="How they approve, reject or edit",
        required=False,
        widget=forms.Textarea(attrs={"rows": 1}),
        max_length=5_000,
    )
    feedback = forms.CharField(
        label="How their decisions feed back",
        required=False,
        widget=forms.Textarea(attrs={"rows": 1}),
        max_length=5_000,
    )
    evidence = forms.CharField(
        label="Evidence",
        required=False,
        widget=forms.Textarea(attrs={"rows": 1}),
        max_length=5_000,
    )


class DisqualifierForm(forms.Form):
    kind = forms.ChoiceField(
        label="What speaks against it", choices=[(one.value, one.words) for one in Disqualification]
    )
    evidence = forms.CharField(
        label="Evidence", widget=forms.Textarea(attrs={"rows": 2}), max_length=5_000
    )


GuardrailSet = forms.formset_factory(GuardrailForm, extra=1, max_num=50, absolute_max=60)
SourceSet = forms.formset_factory(SourceForm, extra=2, max_num=50, absolute_max=60)
