"""What a sponsor types to open a blind round."""

import re

from django import forms

from assessments.actions.rounds import Asked


class RoundForm(forms.Form):
    """The candidates on top are offered; any other is named by its reference."""

    use_cases = forms.MultipleChoiceField(
        label="Candidates", required=False, widget=forms.CheckboxSelectMultiple
    )
    more = forms.CharField(
        label="Further candidates",
        required=False,
        max_length=2_000,
        help_text="By reference, such as ACME-12, ACME-40.",
    )
    criteria = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    assessors = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Members who may rate.",
    )
    due_on = forms.DateField(
        label="Last day",
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    name = forms.CharField(label="Name", required=False, max_length=120)

    def __init__(self, *args, candidates, criteria, assessors, **options) -> None:
        super().__init__(*args, **options)
        self.fields["use_cases"].choices = [
            (row.reference, f"{row.reference} {row.title}") for row in candidates
        ]
        self.fields["criteria"].choices = [(row.slug, row.name) for row in criteria]
        self.fields["assessors"].choices = [(user.email, str(user)) for user in assessors]

    def asked(self) -> Asked:
        given = self.cleaned_data
        further = re.split(r"[\s,;]+", given["more"])
        return Asked(
            use_cases=[*given["use_cases"], *further],
            criteria=given["criteria"],
            assessors=given["assessors"],
            due_on=given["due_on"],
            name=given["name"],
        )
