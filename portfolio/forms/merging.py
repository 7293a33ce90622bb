from django import forms


class MergeForm(forms.Form):
    """What it goes into, and the version that was seen."""

    into = forms.CharField(max_length=24, label="The one that stays")
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
