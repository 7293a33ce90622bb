"""What a sponsor types to have somebody's ranges widened."""

from django import forms

from assessments.rules.calibration import LEAST_FACTOR, MOST_FACTOR
from portfolio.forms.numbers import PlainNumber

OUTSIDE = f"Give a factor from {LEAST_FACTOR} to {MOST_FACTOR}."


class WideningForm(forms.Form):
    factor = PlainNumber(
        min_value=LEAST_FACTOR,
        max_value=MOST_FACTOR,
        max_digits=2,
        decimal_places=1,
        label="Factor",
        error_messages={"min_value": OUTSIDE, "max_value": OUTSIDE},
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
