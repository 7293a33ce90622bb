"""Numbers with decimals as people type them."""

import re
from decimal import Decimal, InvalidOperation

from django import forms

THOUSANDS = re.compile(r"-?[1-9]\d{0,2}(?:([, ])\d{3})(?:\1\d{3})*(\.\d+)?\Z")
SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})
POINT_ONLY = "Write the decimals after a point, such as 0.5; a comma marks thousands."
A_NUMBER = "Write a number, such as 12 or 0.5."


class PlainNumber(forms.DecimalField):
    """A number as people write it: 50,000 or 0.05, and for a share also 5 %.

    It is typed as text: a browser's own number field drops a comma without a word, and 1,3 would
    arrive as 13.
    """

    def __init__(self, *, is_share: bool = False, **options) -> None:
        self.is_share = is_share
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(
            **{"max_digits": 18, "decimal_places": 6, "widget": widget, **options},
        )

    def to_python(self, value):
        text = str("" if value is None else value).translate(SPACES).strip().replace("−", "-")
        if not text:
            return None
        is_percent = self.is_share and text.endswith("%")
        number = _number(text.removesuffix("%").rstrip() if is_percent else text)
        return number / 100 if is_percent else number

    def prepare_value(self, value):
        if isinstance(value, Decimal):
            return f"{value.normalize():f}" if value else "0"
        return value


def _number(text: str) -> Decimal:
    """The number that these words can only mean."""
    if "," in text or " " in text:
        if not THOUSANDS.match(text):
            raise forms.ValidationError(POINT_ONLY if "," in text else A_NUMBER)
        text = text.replace(",", "").replace(" ", "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise forms.ValidationError(A_NUMBER) from None
    if "_" in text or not number.is_finite():
        raise forms.ValidationError(A_NUMBER)
    return number
