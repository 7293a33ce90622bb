"""What people type in a discussion."""

from django import forms


class CommentForm(forms.Form):
    text = forms.CharField(
        label="Comment", max_length=5_000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what you want to say."},
    )  # fmt: skip
    about = forms.CharField(max_length=80, required=False, widget=forms.HiddenInput)


class CommentEditForm(forms.Form):
    text = forms.CharField(
        label="Comment", max_length=5_000, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write what you want to say, or remove the comment."},
    )  # fmt: skip
    seen = forms.IntegerField(
        required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput
    )
