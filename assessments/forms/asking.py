"""What people type when they ask somebody, or end a request."""

from django import forms

from assessments.models import Ending
from assessments.rules.four_tests import Test
from portfolio.duties import TEST_WORDS


class AskForm(forms.Form):
    """Who is asked for what, and by when."""

    about = forms.MultipleChoiceField(
        label="What is asked",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what is asked: a test or a criterion."},
    )
    asked = forms.ChoiceField(label="Who knows")
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    due_on = forms.DateField(
        label="By when",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="They are reminded by e-mail the day before.",
    )

    def __init__(self, *args, criteria, members, **options) -> None:
        super().__init__(*args, **options)
        tests = [(f"test.{test}", f"Test: {TEST_WORDS[test]}") for test in Test]
        rated = [(f"criterion.{row.slug}", f"Rating: {row.name}") for row in criteria]
        self.fields["about"].choices = [*tests, *rated]
        people = [(row.email, str(row)) for row in members]
        self.fields["asked"].choices = [("", "choose"), *people]

    def of_kind(self, kind: str) -> list[str]:
        """The tests, or the criteria, that are asked about."""
        chosen = [one.split(".", 1) for one in self.cleaned_data["about"]]
        return [name for its_kind, name in chosen if its_kind == kind]


class EndForm(forms.Form):
    """How a request ends, with the words that some ends need."""

    ending = forms.ChoiceField(choices=Ending.choices)
    words = forms.CharField(required=False, max_length=2_000)
