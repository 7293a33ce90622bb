"""A number with decimals means the same to whoever types it and to what is kept, or is refused."""

from decimal import Decimal

import pytest
from django import forms

from assessments.forms.calibration import WideningForm
from assessments.forms.rating import CriterionForm, PointField
from assessments.forms.testing import GuardrailForm, OutcomeForm
from economics.forms import EconomicsForm, StepForm, ThreePointsForm
from portfolio.forms.delivery import AmendForm, CorrectionForm
from portfolio.forms.numbers import PlainNumber

FORMS = (
    AmendForm,
    CorrectionForm,
    CriterionForm,
    EconomicsForm,
    GuardrailForm,
    OutcomeForm,
    StepForm,
    ThreePointsForm,
    WideningForm,
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1.3", "1.3"),
        (" 1200 ", "1200"),
        ("50,000", "50000"),
        ("1,234,567.5", "1234567.5"),
        ("50 000", "50000"),
        ("50\u00a0000", "50000"),
        ("-1.5", "-1.5"),
        ("−1.5", "-1.5"),
        (0, "0"),
    ],
)
def test_what_can_mean_one_thing_is_taken(typed, meant):
    assert PlainNumber().clean(typed) == Decimal(meant)


@pytest.mark.parametrize(
    "typed",
    ["1,3", "7,5", "0,125", "0,5", "1,30", "1.234,5", "1,234 567", "1 3", "1_3", "x", "NaN"],
)
def test_what_may_mean_another_is_refused(typed):
    with pytest.raises(forms.ValidationError, match=r"decimals after a point|Write a number"):
        PlainNumber().clean(typed)


def test_a_share_may_be_in_percent():
    assert PlainNumber(is_share=True).clean("62 %") == Decimal("0.62")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_takes_decimals_this_way(form):
    for name, field in form.base_fields.items():
        is_plain = isinstance(field, PlainNumber)
        assert is_plain or not isinstance(field, forms.DecimalField), name
        if is_plain:
            assert 'type="text"' in field.widget.render(name, None), name


def test_a_rating_too():
    with pytest.raises(forms.ValidationError, match="decimals after a point"):
        PointField("Likely").clean("0,5")
