"""The shape of what people type about candidates and moves."""

from django import forms

from portfolio.rules.pipeline import Stage
from portfolio.rules.words import TaskType

TASK_TYPES = [
    ("", "not said yet"),
    (TaskType.REASONING.value, "reasoning: hard judgement, few calls"),
    (TaskType.ROUTINE.value, "routine: the same thing many times"),
    (TaskType.DOMAIN.value, "domain: needs the company's own knowledge"),
]


class LinesField(forms.CharField):
    """Several lines of text, each one entry of the list."""

    widget = forms.Textarea(attrs={"rows": 2})

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        lines = (super().to_python(value) or "").splitlines()
        return [line.strip() for line in lines if line.strip()]


class UseCaseForm(forms.Form):
    """What a candidate is: its title, the problem, and a scope that is best narrow."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    began = forms.JSONField(widget=forms.HiddenInput, required=False)  # what each field said then
    title = forms.CharField(max_length=250)
    problem = forms.CharField(
        required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    jobs = LinesField(required=False, label="The job to be done")
    segments = LinesField(required=False, label="Who it is for")
    success_metrics = LinesField(required=False, label="What gets better")
    business_unit = forms.CharField(required=False, max_length=250)
    task_type = forms.ChoiceField(required=False, choices=TASK_TYPES, label="Kind of task")
    customer_facing = forms.BooleanField(required=False, label="Customers see what it produces")
    external_key = forms.CharField(required=False, max_length=250, label="Key elsewhere")

    @classmethod
    def about(cls, row, **typed) -> "UseCaseForm":
        """The form as the row fills it in, but for what somebody typed."""
        said = {name: getattr(row, name) for name in cls.base_fields if hasattr(row, name)}
        began = {"seen": row.revision, "began": said}
        return cls(initial={**said, **began, **typed})

    def clean_problem(self) -> str:
        return self.cleaned_data["problem"].replace("\r\n", "\n")  # as browsers send a new line

    def fields_said(self) -> dict:
        hidden = ("seen", "began")
        return {name: value for name, value in self.cleaned_data.items() if name not in hidden}

    def touched(self) -> dict:
        """What was typed over: each field that says something else than when the form began."""
        began = self.cleaned_data.get("began")
        known = began if isinstance(began, dict) else {}
        return {
            name: typed
            for name, typed in self.fields_said().items()
            if name not in known or known[name] != typed
        }

    def at_odds(self, row) -> dict:
        """The fields that somebody saved otherwise since, and that were typed over here too."""
        began = self.cleaned_data.get("began")
        known = began if isinstance(began, dict) else {}
        return {
            name: typed
            for name, typed in self.touched().items()
            if getattr(row, name) not in (typed, known.get(name))
        }


class MoveForm(forms.Form):
    """Where to, and why where that is asked; the version that was seen."""

    to = forms.ChoiceField(choices=[(stage.value, stage.value) for stage in Stage])
    reason = forms.CharField(required=False, max_length=5_000, widget=forms.Textarea)
    override = forms.CharField(required=False, max_length=5)
    version = forms.IntegerField(required=False)

    def asked(self) -> dict:
        """The move as the action takes it; with `override`, the reason is that of the override."""
        said = self.cleaned_data
        overrides = said["override"] == "true"
        return {
            "to": Stage(said["to"]),
            "reason": "" if overrides else said["reason"],
            "override": said["reason"] if overrides else "",
            "seen_version": said["version"],
        }


class RetirementForm(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    retired_on = forms.DateField(
        label="Nobody uses it since", widget=forms.DateInput(attrs={"type": "date"})
    )
    reason = forms.CharField(
        label="Why", max_length=5_000, widget=forms.Textarea(attrs={"rows": 3})
    )
