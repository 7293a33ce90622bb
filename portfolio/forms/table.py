"""The shape of what people type about views of the table."""

from django import forms


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
