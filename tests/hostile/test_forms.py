"""Every field of every form, with hostile values: the page says which is wrong, and has no fault.

What its kind could let through goes into all of them at once, then into those that were not
refused by their names, and where these were not saved together, into each of them alone, the rest
being as it stood. What no kind lets through goes into all of them, once.
"""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from tests.access_table import PAGES
from tests.access_world import World, undone
from tests.bounds import a_part_of
from tests.hostile.given import FAR, names_of
from tests.make import make_use_case
from tests.test_access_matrix import lines, none_of, path_of

MUCH = "9" * 30
HALF = "HALF"  # stands for half a character while an address is encoded
DAY = re.compile(r"\d{4}-\d\d-\d\d")
REFUSED = re.compile(r'id="id_([^"]+)_error"')  # the fields that a page refuses


@dataclass(frozen=True)
class Form:
    """A form that posts: its fields as they stand, its days, and its buttons that have a name."""

    action: str
    fields: dict[str, str]
    buttons: dict[str, str]
    days: set[str]

    @property
    def key(self) -> str:
        return without_numbers(self.action)


class Forms(HTMLParser):
    """The forms of a page that post."""

    def __init__(self, page: str, path: str) -> None:
        super().__init__()
        self.path = path
        self.found: list[Form] = []
        self.is_plain = False  # whether a button without a name sends it
        self.fields: dict[str, str] | None = None
        self.open = ""
        self.feed(page)

    def handle_starttag(self, tag, given):
        has = dict(given)
        name = has.get("name", "")
        if tag == "form":
            self.fields = {} if has.get("method") == "post" else None
            self.is_plain = False
            if self.fields is not None:
                self.found.append(Form(has.get("action") or self.path, self.fields, {}, set()))
        elif self.fields is None:
            return
        elif tag in ("select", "textarea"):
            self.open = name
            self.fields[name] = ""
        elif tag == "option":
            if "selected" in has or not self.fields[self.open]:
                self.fields[self.open] = has.get("value", "")
        elif tag == "button" and has.get("type") != "button":
            self.is_plain = self.is_plain or not name
            if name:
                self.found[-1].buttons.setdefault(name, has.get("value") or "")
        elif tag == "input" and name:
            self.fields.setdefault(name, has.get("value") or "")
            if has.get("type") == "date" or DAY.fullmatch(self.fields[name]):
                self.found[-1].days.add(name)

    def handle_data(self, text):
        if self.lasttag == "textarea" and self.fields is not None:
            self.fields[self.open] += text

    def handle_endtag(self, tag):
        if tag == "form":
            if self.fields is not None and not self.is_plain:
                self.fields.update(self.found[-1].buttons)
            self.fields = None


def without_numbers(text: str) -> str:
    return re.sub(r"\d+", "0", text)


def forms_of(world: World, client: Client) -> list[Form]:
    """The forms that a sponsor meets; one of those whose addresses differ by number only."""
    found: dict[str, Form] = {}
    for address, row in a_part_of(lines(PAGES), 5):
        if "GET" not in row.ways or "sponsor" not in row.ways["GET"].who:
            continue
        names = names_of(world)
        for thing in ("reference", "idea", "asked") if "reference" in address.arguments else [""]:
            path = path_of(address, row, {**names, "reference": names[thing or "reference"]})
            page = client.get(path)
            if page.status_code == 200 and not page.streaming:
                for form in Forms(page.content.decode(), path).found:
                    found.setdefault(form.key, form)
    return [form for form in found.values() if "/account/" not in form.action]


def to_try(fields: dict[str, str]) -> list[str]:
    """One name of each kind: the rows of a form are alike."""
    return list({without_numbers(name): name for name in fields if name != "csrfmiddlewaretoken"}
                .values())  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A form as it stands on its page, and what went wrong there."""

    client: Client
    action: str
    fields: dict[str, str]
    wrong: list[str]

    def type_into(self, typed: dict[str, str]) -> tuple[list[str], bool]:
        """The fields that are refused where this is typed; whether it was saved."""
        sent = urlencode({**self.fields, **typed}).replace(HALF, "%ED%A0%80")
        with undone():
            answer = self.client.post(self.action, sent, "application/x-www-form-urlencoded")
        if answer.status_code >= 500:
            self.wrong.append(f"{self.action} {typed}: {answer.status_code}")
        return REFUSED.findall(answer.content.decode()), answer.status_code == 302

    def is_tried_with(self, typed: dict[str, str]) -> None:
        """In all of these fields, in those not refused by name, and unless saved in each alone."""
        rest, told, is_saved = typed, [*typed], False
        while told and rest:
            told, is_saved = self.type_into(rest)
            told = [name for name in rest if name in told]
            rest = {name: value for name, value in rest.items() if name not in told}
        for name, value in rest.items() if not is_saved and len(rest) > 1 else ():
            self.type_into({name: value})


@pytest.mark.long
def test_no_field_of_a_form_is_a_fault(world, signed_in):
    client = signed_in("sponsor")
    wrong: list[str] = []
    found = forms_of(world, client)
    for form in found:
        names = to_try(form.fields)
        by_kind = {name: FAR if name in form.days else MUCH for name in names}
        sheet = Sheet(client, form.action, form.fields, wrong)
        sheet.is_tried_with(by_kind)
        sheet.type_into({name: MUCH if name in form.days else HALF for name in names})
        if form.buttons.keys() - form.fields.keys():
            pressed = {**form.fields, **form.buttons}
            Sheet(client, form.action, pressed, wrong).type_into(by_kind)
    none_of(wrong)
    assert len(found) > 3, [form.key for form in found]


def test_a_field_with_a_nul_is_named(portfolio, by_sponsor):
    make_use_case(portfolio)
    address = reverse("assessments:no", args=["ACME-1", "outcome"])
    answer = by_sponsor.post(address, {"reason": "a\x00b"})
    assert answer.status_code == 422
    assert "“reason” holds a character that no text has" in answer.content.decode()


@pytest.mark.parametrize(
    "typed", [{"part": "²"}, {"part": "9" * 5_000}, {"seen": "²"}, {"seen": "x"}]
)
def test_a_split_takes_only_what_was_offered(portfolio, by_sponsor, typed):
    make_use_case(portfolio)
    answer = by_sponsor.post("/use-cases/ACME-1/split/", typed)
    assert answer.status_code == 422
