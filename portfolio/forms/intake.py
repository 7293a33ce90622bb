from django import forms

from portfolio.actions.importing import IMPORTABLE_STAGES
from portfolio.importing.delimited import DELIMITER_NAMES, ENCODINGS
from portfolio.importing.guessing import Field

FIELD_LABELS = {
    Field.TITLE: "Title",
    Field.PROBLEM: "Problem",
    Field.EXTERNAL_KEY: "External key",
    Field.BUSINESS_UNIT: "Business unit",
    Field.STAGE: "Stage in the source",
    Field.JOBS: "Jobs",
    Field.SEGMENTS: "Segments",
    Field.SUCCESS_METRICS: "Success metrics",
    Field.TASK_TYPE: "Task type",
    Field.CUSTOMER_FACING: "Customers see the outputs",
}
MEANINGS = [
    ("", "Keep as it is"),
    *((field.value, label) for field, label in FIELD_LABELS.items()),
]
STAGES = [(stage.value, stage.value.capitalize()) for stage in IMPORTABLE_STAGES]
KEY_FIELDS = (Field.EXTERNAL_KEY, Field.TITLE, Field.BUSINESS_UNIT, Field.PROBLEM)
KEYS_SHOWN = 10


class FileForm(forms.Form):
    """The file that somebody wants to bring in."""

    file = forms.FileField(
        label="File",
        help_text="CSV or XLSX, up to 50 MB and 100,000 rows. Jira's export works as it is.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xlsm,text/csv"}),
    )


class ReadingForm(forms.Form):
    """How a file is read, where what was found out is wrong."""

    encoding = forms.ChoiceField(choices=list(ENCODINGS.items()), required=False)
    delimiter = forms.ChoiceField(
        choices=[(sign, name.capitalize()) for sign, name in DELIMITER_NAMES.items()],
        required=False,
    )
    sheet = forms.ChoiceField(required=False)
    heading_row = forms.IntegerField(label="Heading row", min_value=1, max_value=1_000)

    def __init__(self, *args, running, **options) -> None:
        super().__init__(
            *args,
            initial={
                "encoding": running.encoding,
                "delimiter": running.delimiter,
                "sheet": running.sheet,
                "heading_row": running.header_row or 1,
            },
            **options,
        )
        sheets = running.survey.get("sheets", [])
        if sheets or running.sheet:
            names = sheets or [[running.sheet, False]]
            self.fields["sheet"].choices = [
                (name, f"{name} (hidden)" if hidden else name) for name, hidden in names
            ]
            del self.fields["encoding"], self.fields["delimiter"]
        else:
            del self.fields["sheet"]


class ColumnsForm(forms.Form):
    """What each column is to a use case."""

    def __init__(self, *args, running, **options) -> None:
        super().__init__(*args, **options)
        self.running = running
        for place, name in enumerate(running.columns):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=name,
                choices=MEANINGS,
                required=False,
                initial=running.mapping.get(name, ""),
            )

    def rows(self):
        """Each column with its field, its letter, how full it is and what stands in it.

        Those that become something come first, in the order of the fields.
        """
        found = self.running.survey
        order = [value for value, _ in MEANINGS[1:]]
        rows = [
            {
                "name": name,
                "letter": found.get("letters", {}).get(name, ""),
                "filled": found.get("filled", {}).get(name),
                "samples": found.get("samples", {}).get(name, []),
                "field": self[f"column_{place}"],
            }
            for place, name in enumerate(self.running.columns)
        ]
        mapped = [row for row in rows if row["field"].value() in order]
        rest = [row for row in rows if row["field"].value() not in order]
        if mapped and rest:
            rest[0]["begins_rest"] = True
        return [*sorted(mapped, key=lambda row: order.index(row["field"].value())), *rest]

    def clean(self):
        given = super().clean()
        meanings = [value for value in given.values() if value]
        if Field.TITLE not in meanings:
            self.add_error(None, "Say which column is the title: a use case needs one.")
        for field in dict.fromkeys(meanings):
            if meanings.count(field) > 1:
                label = FIELD_LABELS[Field(field)].lower()
                self.add_error(None, f"Two columns are mapped to {label}. Choose one of them.")
        return given

    @property
    def mapping(self) -> dict[str, str]:
        return {
            name: self.cleaned_data.get(f"column_{place}", "")
            for place, name in enumerate(self.running.columns)
        }


class StagesForm(forms.Form):
    """What the source's stages are here, and how a row is known the next time."""

    key_columns = forms.MultipleChoiceField(
        label="What a row is known by", required=False, widget=forms.CheckboxSelectMultiple
    )
    already_there = forms.BooleanField(
        label="They are already there: let them come in at these stages", required=False
    )
    override_reason = forms.CharField(
        label="Reason",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, running, stages, may_override, **options) -> None:
        super().__init__(
            *args,
            initial={
                "key_columns": running.key_columns,
                "already_there": running.already_there,
                "override_reason": running.override_reason,
            },
            **options,
        )
        self.running, self.stages = running, stages
        self.fields["key_columns"].choices = [(name, name) for name in self._key_candidates()]
        for place, name in enumerate(stages):
            self.fields[f"stage_{place}"] = forms.ChoiceField(
                label=name or "Without a stage",
                choices=STAGES,
                initial=running.stages.get(name) or "proposed",
            )
        if not may_override or not stages:
            del self.fields["already_there"], self.fields["override_reason"]

    def rows(self):
        """Each of the source's stages with how often it occurs and its field."""
        for place, (name, times) in enumerate(self.stages.items()):
            yield {"name": name, "times": times, "field": self[f"stage_{place}"]}

    def _key_candidates(self) -> list[str]:
        """The columns that can sensibly tell rows apart, the proposed ones first."""
        running = self.running
        fields = {field: name for name, field in running.mapping.items()}
        mapped = [fields[field] for field in KEY_FIELDS if field in fields]
        filled, distinct = running.survey.get("filled", {}), running.survey.get("distinct", {})
        others = sorted(
            (name for name in running.columns
             if filled.get(name, 0) > 0.98 and distinct.get(name, 0) > 0.5),
            key=lambda name: -distinct[name],
        )  # fmt: skip
        wanted = [*running.key_columns, *running.survey.get("key", []), *mapped, *others]
        known = set(running.columns)
        return [name for name in dict.fromkeys(wanted) if name in known][:KEYS_SHOWN]

    @property
    def chosen(self) -> dict[str, str]:
        return {name: self.cleaned_data[f"stage_{place}"] for place, name in enumerate(self.stages)}
