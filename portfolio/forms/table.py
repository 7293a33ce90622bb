"""The shape of what people type about views of the table."""

from django import forms

from portfolio.changes import Wanted
from portfolio.duties import TEST_WORDS
from portfolio.forms.pipeline import TASK_TYPES
from portfolio.rules.pipeline import Stage
from portfolio.rules.words import Changing

# A candidate goes no further in one step, and no bulk change skips stages.
MOVABLE = (Stage.PROPOSED, Stage.QUALIFIED, Stage.SELECTED, Stage.STOPPED)


class ViewForm(forms.Form):
    """A view's name, who sees it, and the query it stands for."""

    name = forms.CharField(max_length=80, label="Name")
    is_shared = forms.BooleanField(required=False, label="Members see it too")
    query = forms.CharField(required=False, max_length=4_000, widget=forms.HiddenInput)


class ViewChangeForm(forms.Form):
    """What of a view is to change: fields that are not sent stay as they are."""

    name = forms.CharField(required=False, max_length=80)
    sharing = forms.ChoiceField(
        required=False, choices=[("private", "only me"), ("shared", "members")]
    )
    query = forms.CharField(required=False, max_length=4_000)

    def changes(self) -> dict:
        said = self.cleaned_data
        found = {name: said[name] for name in ("name", "query") if name in self.data}
        if said["sharing"]:
            found["is_shared"] = said["sharing"] == "shared"
        return found


class BulkChangeForm(forms.Form):
    """What is to change in many candidates at once: one thing, and its new value."""

    change = forms.ChoiceField(
        label="What is to change",
        choices=[
            ("business_unit", "Business unit"), ("task_type", "Kind of task"), ("owner", "Owner"),
            ("stage", "Stage"), ("park", "Park them"), ("test", "Ask for a test"),
        ],
        widget=forms.RadioSelect,
    )  # fmt: skip
    business_unit = forms.CharField(required=False, max_length=250)
    task_type = forms.ChoiceField(required=False, choices=TASK_TYPES, label="Kind of task")
    owner = forms.ChoiceField(required=False)
    stage = forms.ChoiceField(
        required=False,
        choices=[("", "choose"), *((stage, stage) for stage in MOVABLE)],
        help_text="Each goes by its gate; those that a gate keeps are listed with why.",
    )
    test = forms.ChoiceField(
        required=False,
        choices=[("", "choose"), *TEST_WORDS.items()],
        help_text="Where it is answered yes, nobody is asked.",
    )
    asked = forms.ChoiceField(required=False, label="Who knows")
    due_on = forms.DateField(
        required=False,
        label="By when",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="They are reminded by e-mail the day before.",
    )
    reason = forms.CharField(
        required=False,
        max_length=5_000,
        label="Why, or a note",
        help_text="Asked where they are parked or stopped: it is read when they come back. "
        "With a test it goes along as a note.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *arguments, people, **options) -> None:
        super().__init__(*arguments, **options)
        members = [(person.email, str(person)) for person in people]
        self.fields["owner"].choices = [("", "choose"), *members]
        self.fields["asked"].choices = [("", "choose"), *members]

    def wanted(self) -> Wanted:
        """The change as the action takes it."""
        said = self.cleaned_data
        change = Changing(said["change"])
        value = "" if change is Changing.PARK else said[change.value]
        if change is Changing.TEST:
            return Wanted(change, value, said["reason"], said["asked"], said["due_on"])
        return Wanted(change, value, said["reason"])


class CellForm(forms.Form):
    """A cell's new value, the version that was seen, and why where that is asked."""

    value = forms.CharField(required=False, max_length=250)
    reason = forms.CharField(required=False, max_length=5_000)
    seen = forms.IntegerField(required=False)
