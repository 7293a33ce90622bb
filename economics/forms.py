"""The unit economics as people type them."""

from django import forms

from economics.actions import Given, GivenStep, Judgement
from economics.rules.inputs import MOST_STEPS, Basis, Range, RouteKind, ValueKind
from economics.rules.prices import CURRENCY, ManualPrice
from economics.rules.questions import GROUPS, QUESTIONS, Question
from portfolio.forms.numbers import PlainNumber

BASES = [(Basis.ASSUMPTION.value, "assumption"), (Basis.MEASUREMENT.value, "measurement")]
KINDS = [
    ("", "not said yet"),
    (ValueKind.CASH.value, "cash: more comes in, or less goes out"),
    (ValueKind.CAPACITY.value, "capacity: hours freed for other work"),
    (ValueKind.AVOIDED.value, "avoided cost: what would have been paid later"),
]
ROUTES = [
    (RouteKind.SPLIT.value, "split: each model takes its share, together all of it"),
    (RouteKind.CASCADE.value, "cascade: all go to the first, some on to the next"),
]


class ThreePointsForm(forms.Form):
    """Low, likely and high; one value alone stands for all three."""

    likely = PlainNumber(label="likely", required=False)
    low = PlainNumber(label="low", required=False)
    high = PlainNumber(label="high", required=False)

    def __init__(self, *args, is_share: bool = False, **options) -> None:
        super().__init__(*args, **options)
        for name in ("likely", "low", "high"):
            self.fields[name].is_share = is_share

    def clean(self):
        cleaned = super().clean()
        likely, low, high = (cleaned.get(name) for name in ("likely", "low", "high"))
        if likely is None and (low is not None or high is not None) and "likely" not in self.errors:
            self.add_error("likely", "A range needs its likely value too.")
        return cleaned

    def range(self) -> Range | None:
        likely = self.cleaned_data.get("likely")
        if likely is None:
            return None
        low, high = self.cleaned_data.get("low"), self.cleaned_data.get("high")
        return Range(likely if low is None else low, likely, likely if high is None else high)

    @staticmethod
    def points(given: Range) -> dict:
        """The initial values: one alone where all three are equal."""
        if given.is_point:
            return {"likely": given.likely}
        return {"likely": given.likely, "low": given.low, "high": given.high}


class InputForm(ThreePointsForm):
    """One input: its three points, what they rest on and where they are from."""

    basis = forms.ChoiceField(choices=BASES, required=False, label="rests on")
    source = forms.CharField(max_length=250, required=False, label="from")

    def given(self) -> Given | None:
        found = self.range()
        if found is None:
            return None
        basis = Basis(self.cleaned_data.get("basis") or Basis.ASSUMPTION)
        return Given(found, basis, self.cleaned_data.get("source", ""))

    @property
    def is_open(self) -> bool:
        """Whether more than the one value was given, so that it is shown."""
        names = ("low", "high", "source")
        if self.is_bound:
            return bool(self.errors) or any(self.data.get(self.add_prefix(name)) for name in names)
        return any(self.initial.get(name) not in (None, "") for name in names)


class StepForm(ThreePointsForm):
    """One model of the route."""

    provider = forms.CharField(max_length=60, required=False)
    model = forms.CharField(max_length=120, required=False)
    manual_input = PlainNumber(label="input", required=False)
    manual_cached = PlainNumber(label="cached input", required=False)
    manual_output = PlainNumber(label="output", required=False)
    manual_reason = forms.CharField(max_length=500, required=False, label="reason")

    MANUAL = ("manual_input", "manual_cached", "manual_output", "manual_reason")

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, is_share=True, **options)

    def clean(self):
        cleaned = super().clean()
        if self.is_by_hand():
            for name in ("manual_input", "manual_output"):
                if cleaned.get(name) is None and name not in self.errors:
                    self.add_error(name, "A manual price says what input and output tokens cost.")
        if not self.is_blank() and cleaned.get("likely") is None and "likely" not in self.errors:
            self.add_error("likely", "Say which share it takes: 1 is all of it.")
        return cleaned

    def is_by_hand(self) -> bool:
        return any(self.cleaned_data.get(name) not in (None, "") for name in self.MANUAL)

    def is_blank(self) -> bool:
        """Whether nothing was typed that names a model or a price."""
        typed = self.cleaned_data
        return not typed.get("provider") and not typed.get("model") and not self.is_by_hand()

    def given(self) -> GivenStep:
        typed = self.cleaned_data
        manual = None
        if self.is_by_hand():
            manual = ManualPrice(
                typed["manual_input"], typed["manual_output"], typed["manual_reason"],
                typed["manual_cached"],
            )  # fmt: skip
        share = self.range()
        assert share is not None
        return GivenStep(typed["provider"], typed["model"], share, manual)

    @property
    def is_open(self) -> bool:
        """Whether a manual price was given, so that it is shown."""
        if self.is_bound:
            return any(self.data.get(self.add_prefix(name)) for name in self.MANUAL)
        return any(self.initial.get(name) not in (None, "") for name in self.MANUAL)

    @property
    def is_range(self) -> bool:
        if self.is_bound:
            return any(self.data.get(self.add_prefix(name)) for name in ("low", "high"))
        return any(self.initial.get(name) is not None for name in ("low", "high"))


class EconomicsForm(forms.Form):
    """The whole of it: every input, the route and its steps, the exchange rate."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    rows = forms.IntegerField(widget=forms.HiddenInput, required=False)
    value_kind = forms.ChoiceField(choices=KINDS, required=False, label="Kind of value")
    route_kind = forms.ChoiceField(
        choices=ROUTES, required=False, label="How models share the work"
    )
    usd_rate = PlainNumber(label="What one US dollar is worth", required=False)
    usd_rate_on = forms.DateField(
        required=False,
        label="on",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    usd_rate_source = forms.CharField(max_length=250, required=False, label="from")

    LEAST_ROWS = 2

    def __init__(self, typed=None, *, row=None, assumptions=(), steps=(), currency: str) -> None:
        given = {one.name: one for one in assumptions}
        self.given = given
        self.needs_rate = currency != CURRENCY
        initial = {}
        if row is not None:
            initial = {
                "seen": row.revision, "value_kind": row.value_kind, "route_kind": row.route_kind,
                "usd_rate": row.usd_rate, "usd_rate_on": row.usd_rate_on,
                "usd_rate_source": row.usd_rate_source,
            }  # fmt: skip
        super().__init__(typed, initial=initial)
        self.inputs = {
            name: self._input(typed, QUESTIONS[name], given.get(name)) for name in QUESTIONS
        }
        count = self._rows(typed, len(steps))
        self.steps = [
            StepForm(
                typed,
                prefix=f"steps-{place}",
                initial=_of_step(steps[place]) if place < len(steps) else {},
            )
            for place in range(count)
        ]

    def _input(self, typed, question: Question, found) -> InputForm:
        initial = {}
        if found is not None:
            initial = {
                **InputForm.points(found.range), "basis": found.basis, "source": found.source,
            }  # fmt: skip
        form = InputForm(typed, prefix=question.name, initial=initial, is_share=question.is_share)
        form.question, form.found = question, found
        return form

    def _rows(self, typed, there: int) -> int:
        """One row more than there are steps, so that there is always a next one."""
        if typed is None:
            return min(MOST_STEPS, max(self.LEAST_ROWS, there + 1))
        try:
            asked = int(typed.get("rows") or 0)
        except ValueError:
            asked = 0
        return min(MOST_STEPS, max(self.LEAST_ROWS, asked))

    @property
    def groups(self):
        return [
            (group, [self.inputs[question.name] for question in group.questions])
            for group in GROUPS
        ]

    def is_valid(self) -> bool:
        parts = [super().is_valid(), *(form.is_valid() for form in self.inputs.values())]
        return all([*parts, *(form.is_valid() for form in self.steps)])

    def judgement(self) -> Judgement:
        """What was typed, for the action. Only when valid."""
        steps = [form.given() for form in self.steps if not form.is_blank()]
        typed = self.cleaned_data
        kind = RouteKind(typed["route_kind"] or RouteKind.SPLIT) if steps else None
        inputs = {name: form.given() for name, form in self.inputs.items()}
        return Judgement(
            inputs={name: given for name, given in inputs.items() if given is not None},
            route_kind=kind,
            steps=steps,
            value_kind=ValueKind(typed["value_kind"]) if typed["value_kind"] else None,
            usd_rate=typed["usd_rate"] if self.needs_rate else None,
            usd_rate_on=typed["usd_rate_on"] if self.needs_rate else None,
            usd_rate_source=typed["usd_rate_source"] if self.needs_rate else "",
        )

    def refuse(self, faults: dict[str, list[str]]) -> None:
        """Put the rules' objections to where they belong."""
        for name, words in faults.items():
            if name in self.inputs:
                self.inputs[name].add_error("likely", words)
            elif (field := name.removeprefix("route.")) in self.fields:
                self.add_error(field, words)
            elif name.startswith("route.steps."):
                self._refuse_step(name, words)
            elif name == "route":
                self.add_error("route_kind", words)
            else:
                self.add_error(None, words)

    def _refuse_step(self, name: str, words: list[str]) -> None:
        _, _, place, *field = name.split(".")
        typed = [form for form in self.steps if not form.is_blank()]
        where = ".".join(field)
        fields = {"manual_price": "manual_input", "manual_price.reason": "manual_reason"}
        form = typed[int(place)]
        known = fields.get(where, where)
        form.add_error(known if known in form.fields else "model", words)


def _of_step(step) -> dict:
    return {
        "provider": step.provider, "model": step.model, **ThreePointsForm.points(step.share),
        "manual_input": step.manual_input, "manual_cached": step.manual_cached,
        "manual_output": step.manual_output, "manual_reason": step.manual_reason,
    }  # fmt: skip
