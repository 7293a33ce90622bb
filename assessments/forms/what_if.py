"""Weights that somebody tries out: they come with an address, so that a what-if can be sent on."""

from collections.abc import Mapping
from decimal import Decimal

from django import forms

from assessments.models import Criterion

PREFIX = "w."
SLIDES_TO = 10


class WhatIfForm(forms.Form):
    """A weight for each criterion in use; one that is left empty stays as it is."""

    def __init__(self, *args, criteria, starting: Mapping[str, Decimal], **options) -> None:
        super().__init__(*args, **options)
        self.criteria: list[Criterion] = list(criteria)
        self.starting = starting
        for criterion in self.criteria:
            weight = starting[criterion.slug]
            self.fields[f"{PREFIX}{criterion.slug}"] = forms.DecimalField(
                label=criterion.name, required=False, min_value=0, max_digits=6, decimal_places=2,
                max_value=Decimal("9999.99"), initial=plain(weight),
                widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
            )  # fmt: skip

    @classmethod
    def asked(cls, query, *, starting: Mapping[str, Decimal], **options) -> "WhatIfForm":
        """The form as the address fills it; what the address does not name stands as it starts."""
        if not any(name.startswith(PREFIX) for name in query):
            return cls(starting=starting, **options)
        typed = {name: query.get(name) or start for name, start in written(starting).items()}
        return cls(typed, starting=starting, **options)

    def weights(self) -> dict[str, Decimal]:
        """A weight for each criterion; as they start while what was typed does not fit."""
        given = self.cleaned_data if self.is_valid() else {}
        return {
            slug: weight if (typed := given.get(f"{PREFIX}{slug}")) is None else typed
            for slug, weight in self.starting.items()
        }

    def rows(self) -> list[dict]:
        """Each criterion with its field, its saved weight, and where its slider stands and ends."""
        weights = self.weights()
        return [
            {
                "criterion": one,
                "field": self[f"{PREFIX}{one.slug}"],
                "weight": weights[one.slug],
                "at": plain(weights[one.slug]),
                "most": plain(max(SLIDES_TO, 2 * one.weight, weights[one.slug])),
                "start": plain(self.starting[one.slug]),
                "saved": plain(one.weight),
                "differs": weights[one.slug] != one.weight,
            }
            for one in self.criteria
        ]


def written(weights: Mapping[str, Decimal]) -> dict[str, str]:
    """The weights as the parameters of an address."""
    return {f"{PREFIX}{slug}": plain(weight) for slug, weight in weights.items()}


def plain(weight: Decimal | int) -> str:
    """A weight as a person writes it."""
    return f"{Decimal(weight).normalize():f}"
