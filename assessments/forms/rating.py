"""What people type when they rate, and what sponsors type about criteria."""

from decimal import Decimal

from django import forms

from assessments.actions.rating import Judgement
from assessments.rules.criteria import Axis
from portfolio.forms.numbers import PlainNumber

POINTS = ("low", "likely", "high")


class PointField(PlainNumber):
    """0 to 5, one decimal; empty while not rated."""

    def __init__(self, label: str) -> None:
        super().__init__(
            label=label, required=False, min_value=0, max_value=5, max_digits=2, decimal_places=1
        )


class PointsForm(forms.Form):
    """Low, likely, high and evidence of each row named; a row left empty is not rated."""

    def __init__(self, *args, rows, **options) -> None:
        """`rows` holds by name the rating to begin with, or None."""
        super().__init__(*args, **options)
        self.rows = dict(rows)
        for name, rating in self.rows.items():
            for point in POINTS:
                field = PointField(point.capitalize())
                field.initial = getattr(rating, point) if rating else None
                field.widget.attrs["data-point"] = point
                self.fields[f"{point}-{name}"] = field
            self.fields[f"evidence-{name}"] = forms.CharField(
                label="Evidence",
                required=False,
                max_length=5_000,
                initial=rating.evidence if rating else "",
                widget=forms.Textarea(attrs={"rows": 1}),
            )
            self.fields[f"holds-{name}"] = forms.BooleanField(required=False)

    def clean(self):
        given = super().clean()
        for row in self.rows:
            names = [f"{point}-{row}" for point in POINTS]
            if any(name in self.errors for name in names):
                continue
            low, likely, high = (given.get(name) for name in names)
            missing = [name for name in names if given.get(name) is None]
            if len(missing) == len(names):
                if given.get(f"evidence-{row}"):
                    self.add_error(names[1], "Give low, likely and high as well.")
            elif missing:
                self.add_error(missing[0], "Give all three: low, likely and high.")
            elif not low <= likely <= high:
                self.add_error(names[1], "Low, likely and high rise.")
        return given

    def rated(self) -> dict[str, tuple]:
        """(low, likely, high, evidence, still holds) of each row that is rated here."""
        given = self.cleaned_data
        fields = (*POINTS, "evidence", "holds")
        return {
            name: tuple(given[f"{field}-{name}"] for field in fields)
            for name in self.rows
            if given.get(f"likely-{name}") is not None
        }

    def of(self, name: str) -> dict:
        """The bound fields of one row, for its template."""
        return {
            "points": [self[f"{point}-{name}"] for point in POINTS],
            "evidence": self[f"evidence-{name}"],
        }

    def faults_of(self, name: str) -> list[str]:
        """What is wrong with one row."""
        names = [*(f"{point}-{name}" for point in POINTS), f"evidence-{name}"]
        return [words for one in names for words in self.errors.get(one, [])]


class RatingForm(PointsForm):
    """All hand-rated criteria of one candidate at once."""

    def __init__(self, *args, criteria, mine, **options) -> None:
        rows = {criterion.slug: mine.get(criterion.pk) for criterion in criteria}
        super().__init__(*args, rows=rows, **options)

    def judgements(self) -> list[Judgement]:
        return [Judgement(slug, *given) for slug, given in self.rated().items()]


class WeightsForm(forms.Form):
    """The weight of each criterion in use, and the version that it was read at."""

    def __init__(self, *args, criteria, **options) -> None:
        super().__init__(*args, **options)
        self.criteria = list(criteria)
        for criterion in self.criteria:
            self.fields[f"weight-{criterion.slug}"] = PlainNumber(
                label=f"Weight of {criterion.name}", min_value=0, max_digits=6, decimal_places=2,
                initial=f"{criterion.weight.normalize():f}",
            )  # fmt: skip
            self.fields[f"seen-{criterion.slug}"] = forms.IntegerField(
                initial=criterion.revision, widget=forms.HiddenInput
            )

    def weights(self) -> dict[str, Decimal]:
        return {row.slug: self.cleaned_data[f"weight-{row.slug}"] for row in self.criteria}

    def seen(self) -> dict[str, int]:
        return {row.slug: self.cleaned_data[f"seen-{row.slug}"] for row in self.criteria}


class ScaleForm(forms.Form):
    """The six rising amounts of the value scale."""

    def __init__(self, *args, scale, **options) -> None:
        super().__init__(*args, **options)
        for place, amount in enumerate(scale):
            self.fields[f"amount_{place}"] = PlainNumber(
                label=str(place), max_digits=16, decimal_places=2, initial=f"{amount.normalize():f}"
            )

    def amounts(self) -> list[Decimal]:
        return [self.cleaned_data[f"amount_{place}"] for place in range(len(self.fields))]


class CriterionForm(forms.Form):
    name = forms.CharField(max_length=80)
    axis = forms.ChoiceField(choices=[(axis.value, axis.value) for axis in Axis])
    weight = PlainNumber(min_value=0, max_digits=6, decimal_places=2)
    question = forms.CharField(
        label="The question that assessors answer",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    anchor_0 = forms.CharField(label="What 0 looks like", max_length=250, required=False)
    anchor_3 = forms.CharField(label="What 3 looks like", max_length=250, required=False)
    anchor_5 = forms.CharField(label="What 5 looks like", max_length=250, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class NewCriterionForm(CriterionForm):
    slug = forms.SlugField(
        label="Slug",
        max_length=40,
        help_text="How scripts name it, for good: small letters, digits and _, such as ai_fit.",
    )
    field_order = ["name", "slug"]
