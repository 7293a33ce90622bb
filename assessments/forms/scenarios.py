"""What people type when they keep a set of weights."""

from django import forms

from assessments.forms.what_if import WhatIfForm


class ScenarioForm(WhatIfForm):
    """A name, whether the others see it, and the weights."""

    def __init__(self, *args, **options) -> None:
        super().__init__(*args, **options)
        self.fields["name"] = forms.CharField(max_length=80, label="Name")
        self.fields["is_shared"] = forms.BooleanField(
            required=False,
            label="Everybody in the portfolio sees it",
            help_text="Otherwise it is yours alone.",
        )
        self.fields["seen"] = forms.IntegerField(required=False, widget=forms.HiddenInput)
        self.order_fields(["name", "is_shared"])
