"""Who may do what at every address: the one declared table that the generated walk compares.

One line an address: its name, where its ids come from (`at`, where a name is not that of the
argument), and for each method who may, with a body that would be good (`may(SPONSOR, role=...)`).
A `{name}` in a path or body is a row of `tests/access_world.py`; the walk puts the foreign
portfolio's row in its place and expects a refusal. A method that is not named answers 405. An
address that only takes a form leads on (`LED_ON`) to the form's page whoever may see that.
"""

from dataclasses import dataclass, field
from typing import Any

NOBODY: frozenset[str] = frozenset()
SPONSOR = frozenset({"sponsor"})
OWNER = SPONSOR | {"owner"}
NAMED = frozenset({"owner"})  # who is asked to own it
CONTRIBUTOR = OWNER | {"contributor"}
MEMBER = CONTRIBUTOR | {"viewer"}
SIGNED_IN = MEMBER | {"stranger"}
OPENERS = frozenset({"sponsor", "stranger"})  # who may open portfolios
ANYBODY = SIGNED_IN | {"anonymous"}


@dataclass(frozen=True)
class Way:
    """One method: who may, a body that is good, and whether it only leads on to a page."""

    who: frozenset[str]
    body: Any = field(default_factory=dict)
    leads: bool = False


@dataclass(frozen=True)
class Row:
    """One address: where its ids come from, and its methods."""

    at: dict[str, str]
    ways: dict[str, Way]


def may(who: frozenset[str], listed: list | None = None, **body) -> Way:
    return Way(who, listed if listed is not None else body)


def row(*, at: dict[str, str] | None = None, **ways: Way | frozenset[str]) -> Row:
    return Row(at or {}, {name: w if isinstance(w, Way) else Way(w) for name, w in ways.items()})


LED_ON = Way(MEMBER, leads=True)
REASON = "It runs already."
PERIOD = {"planned_weeks": 12}

RUNNING = {
    "reference": "building",
    "pk": "lighthouse",
    "milestone_pk": "milestone",
    "reading_pk": "reading",
}
PAGES: dict[str, Row] = {
    # people and access
    "portfolio:open_portfolio": row(
        GET=OPENERS,
        POST=may(OPENERS, key="NEW", name="New", currency="USD", time_zone="UTC"),
    ),
    "portfolio:settings": row(
        GET=MEMBER,
        POST=may(
            SPONSOR, name="N", currency="EUR", time_zone="UTC", shortlist_size="5", fresh_days="90"
        ),
    ),
    "portfolio:members": row(
        GET=MEMBER, POST=may(SPONSOR, email="new@acme.example", role="viewer")
    ),
    "portfolio:member_role": row(
        at={"pk": "member"}, GET=LED_ON, POST=may(SPONSOR, role="contributor")
    ),
    "portfolio:member_removal": row(at={"pk": "member"}, GET=LED_ON, POST=SPONSOR),
    "portfolio:member_opening": row(at={"pk": "member"}, GET=LED_ON, POST=SPONSOR),
    "portfolio:invitation_revocation": row(at={"pk": "invitation"}, GET=LED_ON, POST=SPONSOR),
    "portfolio:invitation_sending": row(at={"pk": "invitation"}, GET=LED_ON, POST=SPONSOR),
    "portfolio:tokens": row(
        GET=MEMBER, POST=may(MEMBER, name="x", scope="read", reach="here", days="30")
    ),
    "portfolio:token_revocation": row(at={"pk": "token"}, GET=LED_ON, POST=MEMBER),
    "portfolio:invitation": row(GET=ANYBODY, POST=ANYBODY),
    # use cases and the pipeline
    "portfolio:work": row(GET=SIGNED_IN),
    "portfolio:search": row(GET=SIGNED_IN),
    "portfolio:overview": row(GET=MEMBER),
    "portfolio:board": row(GET=MEMBER),
    "portfolio:activity": row(GET=MEMBER),
    "portfolio:new_use_case": row(GET=CONTRIBUTOR, POST=CONTRIBUTOR),
    "portfolio:use_case": row(GET=MEMBER),
    "portfolio:edit_use_case": row(GET=CONTRIBUTOR, POST=CONTRIBUTOR),
    "portfolio:split_use_case": row(GET=CONTRIBUTOR, POST=CONTRIBUTOR),
    "portfolio:move": row(GET=MEMBER, POST=may(CONTRIBUTOR, to="parked", reason="Not now.")),
    "portfolio:retire_use_case": row(at={"reference": "decided"}, GET=SPONSOR, POST=SPONSOR),
    "portfolio:numbers": row(GET=MEMBER),
    "portfolio:number": row(GET=MEMBER),
    "portfolio:history": row(GET=MEMBER),
    "portfolio:discussion": row(GET=MEMBER, POST=may(MEMBER, text="It helps.")),
    "portfolio:comment": row(at={"pk": "comment"}, GET=LED_ON, POST=may(SPONSOR, remove="1")),
    "portfolio:duplicates": row(GET=MEMBER),
    "portfolio:merge_use_case": row(
        at={"reference": "twin"}, GET=SPONSOR, POST=may(SPONSOR, into="{reference}")
    ),
    "portfolio:duplicate": row(at={"pk": "pair"}, GET=LED_ON, POST=CONTRIBUTOR),
    # judgement
    "assessments:ranking": row(GET=MEMBER),
    "assessments:ranking_history": row(GET=MEMBER),
    "assessments:what_if": row(GET=MEMBER),
    "assessments:what_if_sheet": row(GET=MEMBER),
    "assessments:save_weights": row(GET=SPONSOR, POST=SPONSOR),
    "assessments:rating_of": row(at={"slug": "criterion"}, GET=MEMBER, POST=CONTRIBUTOR),
    "assessments:calibration": row(GET=MEMBER),
    "assessments:calibration_of": row(at={"person": "guesser"}, GET=MEMBER),
    "assessments:widening": row(
        at={"person": "guesser"}, GET=LED_ON, POST=may(SPONSOR, factor="1.5", seen="0")
    ),
    "assessments:rounds": row(GET=MEMBER),
    "assessments:new_round": row(
        GET=SPONSOR,
        POST=may(
            SPONSOR,
            use_cases="{idea}",
            criteria="reuse",
            assessors="{owner_email}",
            due_on="{soon}",
        ),
    ),
    "assessments:round": row(at={"pk": "round"}, GET=MEMBER),
    "assessments:round_closing": row(at={"pk": "round"}, GET=LED_ON, POST=SPONSOR),
    "assessments:export": row(at={"kind": "file_kind"}, GET=MEMBER),
    "portfolio:cell": row(
        at={"name": "column"}, GET=CONTRIBUTOR, POST=may(CONTRIBUTOR, value="Legal")
    ),
    "portfolio:bulk_changes": row(GET=MEMBER),
    "portfolio:new_bulk_change": row(
        GET=CONTRIBUTOR,
        POST=may(
            CONTRIBUTOR, reference="{reference}", change="business_unit", business_unit="Legal"
        ),
    ),
    "portfolio:bulk_change": row(at={"pk": "bulk_change"}, GET=MEMBER),
    "portfolio:bulk_change_stop": row(at={"pk": "queued_change"}, GET=LED_ON, POST=SPONSOR),
    "portfolio:bulk_change_undo": row(at={"pk": "bulk_change"}, GET=LED_ON, POST=SPONSOR),
    "portfolio:saved_views": row(GET=MEMBER, POST=may(MEMBER, name="Care first")),
    "portfolio:saved_view": row(
        at={"pk": "view"}, GET=MEMBER, POST=may(SPONSOR, name="Care first")
    ),
    "portfolio:view_deletion": row(at={"pk": "view"}, GET=LED_ON, POST=SPONSOR),
    "assessments:compare_candidates": row(GET=MEMBER),
    "assessments:scenarios": row(GET=MEMBER),
    "assessments:new_scenario": row(GET=CONTRIBUTOR, POST=may(CONTRIBUTOR, name="Data first")),
    "assessments:compare_scenarios": row(GET=MEMBER),
    "assessments:scenario": row(at={"pk": "scenario"}, GET=MEMBER),
    "assessments:edit_scenario": row(at={"pk": "scenario"}, GET=CONTRIBUTOR, POST=CONTRIBUTOR),
    "assessments:remove_scenario": row(at={"pk": "scenario"}, GET=LED_ON, POST=SPONSOR),
    "assessments:criteria": row(GET=MEMBER),
    "assessments:weights": row(GET=LED_ON, POST=SPONSOR),
    "assessments:scale": row(GET=LED_ON, POST=SPONSOR),
    "assessments:new_criterion": row(GET=SPONSOR, POST=SPONSOR),
    "assessments:criterion": row(at={"slug": "criterion"}, GET=SPONSOR, POST=SPONSOR),
    "assessments:retirement": row(at={"slug": "criterion"}, GET=LED_ON, POST=SPONSOR),
    "assessments:tests": row(GET=MEMBER),
    "assessments:confirmation": row(GET=LED_ON, POST=CONTRIBUTOR),
    "assessments:test": row(GET=LED_ON, POST=CONTRIBUTOR),
    "assessments:draft": row(GET=LED_ON, POST=CONTRIBUTOR),
    "assessments:no": row(GET=LED_ON, POST=may(CONTRIBUTOR, reason="It was never so.")),
    "assessments:ratings": row(GET=MEMBER, POST=CONTRIBUTOR),
    "assessments:requests": row(
        GET=MEMBER,
        POST=may(CONTRIBUTOR, about="test.data", asked="{owner_email}", due_on="{soon}"),
    ),
    "assessments:request_ending": row(
        at={"pk": "request"}, GET=LED_ON, POST=may(NAMED, ending="declined", words="Ask Vera.")
    ),
    "assessments:disqualifiers": row(GET=LED_ON, POST=CONTRIBUTOR),
    "assessments:disqualifier": row(at={"pk": "disqualifier"}, GET=LED_ON, POST=CONTRIBUTOR),
    # delivery
    "portfolio:lighthouse": row(at=RUNNING, GET=MEMBER),
    "portfolio:draw_up": row(
        at={"reference": "idea"}, GET=LED_ON, POST=may(SPONSOR, owner="{owner_pk}")
    ),
    "portfolio:name_owner": row(at=RUNNING, GET=LED_ON, POST=may(SPONSOR, owner="{owner_pk}")),
    "portfolio:answer_ownership": row(
        at={"reference": "asked", "pk": "asked_lighthouse"},
        GET=LED_ON,
        POST=may(NAMED, accept="yes"),
    ),
    "portfolio:plan": row(at=RUNNING, GET=LED_ON, POST=OWNER),
    "portfolio:facts": row(at=RUNNING, GET=LED_ON, POST=OWNER),
    "portfolio:seal": row(at=RUNNING, GET=LED_ON, POST=OWNER),
    "portfolio:week_update": row(at=RUNNING, GET=LED_ON, POST=OWNER),
    "portfolio:ship_date": row(at=RUNNING, GET=LED_ON, POST=OWNER),
    "portfolio:milestones": row(at=RUNNING, GET=LED_ON, POST=OWNER),
    "portfolio:milestone": row(at=RUNNING, GET=LED_ON, POST=OWNER),
    "portfolio:correction": row(at=RUNNING, GET=LED_ON, POST=OWNER),
    "portfolio:retrospective": row(at=RUNNING, GET=LED_ON, POST=OWNER),
    "portfolio:amendments": row(at=RUNNING, GET=LED_ON, POST=SPONSOR),
    "portfolio:declaration": row(at=RUNNING, GET=LED_ON, POST=SPONSOR),
    # candidates from files
    "portfolio:imports": row(GET=MEMBER, POST=CONTRIBUTOR),
    "portfolio:import_page": row(at={"import_id": "import"}, GET=MEMBER),
    "portfolio:import_columns": row(at={"import_id": "import"}, GET=MEMBER, POST=CONTRIBUTOR),
    "portfolio:import_reading": row(at={"import_id": "import"}, POST=CONTRIBUTOR),
    "portfolio:import_stages": row(at={"import_id": "import"}, GET=MEMBER, POST=CONTRIBUTOR),
    "portfolio:import_start": row(at={"import_id": "import"}, POST=CONTRIBUTOR),
    "portfolio:import_stop": row(at={"import_id": "import"}, POST=CONTRIBUTOR),
    "portfolio:import_problems": row(at={"import_id": "import"}, GET=MEMBER),
    # economics
    "economics:economics": row(GET=MEMBER, POST=may(CONTRIBUTOR, currency="USD")),
    "economics:confirmation": row(GET=LED_ON, POST=CONTRIBUTOR),
    "economics:models": row(GET=SIGNED_IN),
}

LIGHTHOUSE = {"pk": "lighthouse"}

API: dict[str, Row] = {
    # people and access
    "api:portfolios": row(GET=SIGNED_IN, POST=may(OPENERS, key="NEW", name="New")),
    "api:portfolio": row(GET=MEMBER, PATCH=may(SPONSOR, name="N")),
    "api:status": row(GET=MEMBER),
    "api:members": row(GET=MEMBER, POST=may(SPONSOR, email="new@acme.example", role="viewer")),
    "api:member": row(
        at={"pk": "member"}, GET=MEMBER, PATCH=may(SPONSOR, role="contributor"), DELETE=SPONSOR
    ),
    "api:invitations": row(
        GET=SPONSOR, POST=may(SPONSOR, email="new@acme.example", role="viewer")
    ),
    "api:invitation": row(at={"pk": "invitation"}, GET=SPONSOR, DELETE=SPONSOR),
    "api:invitation_sending": row(at={"pk": "invitation"}, POST=SPONSOR),
    # use cases
    "api:use_cases": row(GET=SIGNED_IN, POST=may(CONTRIBUTOR, portfolio="{key}", title="T")),
    "api:use_case": row(GET=MEMBER, PATCH=may(CONTRIBUTOR, title="T")),
    "api:move": row(POST=may(CONTRIBUTOR, to="parked", reason="Not now.")),
    "api:split": row(
        POST=may(CONTRIBUTOR, parts=[{"title": "A"}, {"title": "B"}])
    ),
    "api:retirement": row(
        at={"reference": "decided"}, POST=may(SPONSOR, retired_on="{today}", reason="Replaced.")
    ),
    "api:events": row(GET=SIGNED_IN),
    "api:numbers": row(GET=MEMBER),
    "api:number": row(GET=MEMBER),
    "api:comments": row(GET=MEMBER, POST=may(MEMBER, text="It helps.", about="Headroom")),
    "api:comment": row(
        at={"pk": "comment"}, GET=MEMBER, PATCH=may(SPONSOR, text="It helps a lot."),
        DELETE=SPONSOR,
    ),
    "api:search": row(GET=SIGNED_IN),
    "api:duplicates": row(GET=MEMBER),
    "api:merge": row(at={"reference": "twin"}, POST=may(SPONSOR, into="{reference}")),
    "api:duplicate": row(at={"pk": "pair"}, GET=MEMBER, PATCH=may(CONTRIBUTOR, different=True)),
    # candidates from files
    "api:imports": row(GET=MEMBER, POST=CONTRIBUTOR),
    "api:import": row(at={"import_id": "import"}, GET=MEMBER),
    # judgement
    "api:ranking": row(GET=MEMBER),
    "api:calibration": row(GET=MEMBER),
    "api:calibration_of": row(at={"person": "guesser"}, GET=MEMBER),
    "api:widening": row(
        at={"person": "guesser"}, GET=MEMBER, PUT=may(SPONSOR, factor="1.5"), DELETE=SPONSOR
    ),
    "api:rounds": row(
        GET=MEMBER,
        POST=may(
            SPONSOR, use_cases=["{idea}"], criteria=["reuse"], assessors=["{owner_email}"],
            due_on="{soon}",
        ),
    ),
    "api:round": row(at={"pk": "round"}, GET=MEMBER),
    "api:round_closing": row(at={"pk": "round"}, POST=SPONSOR),
    "api:export": row(at={"kind": "file_kind"}, GET=MEMBER),
    "api:bulk_changes": row(
        GET=MEMBER,
        POST=may(
            CONTRIBUTOR, change="business_unit", value="Legal", references=["{reference}"]
        ),
    ),
    "api:bulk_change": row(at={"pk": "bulk_change"}, GET=MEMBER),
    "api:bulk_change_stop": row(at={"pk": "queued_change"}, POST=SPONSOR),
    "api:bulk_change_undo": row(at={"pk": "bulk_change"}, POST=SPONSOR),
    "api:saved_views": row(GET=MEMBER, POST=may(MEMBER, name="Care first")),
    "api:saved_view": row(
        at={"pk": "view"}, GET=MEMBER, PATCH=may(SPONSOR, name="Care first"), DELETE=SPONSOR
    ),
    "api:compare": row(GET=MEMBER),
    "api:what_if": row(POST=may(MEMBER, weights={"headroom": "4"})),
    "api:scenarios": row(
        GET=MEMBER, POST=may(CONTRIBUTOR, name="Data first", weights={"headroom": "4"})
    ),
    "api:scenario": row(
        at={"pk": "scenario"}, GET=MEMBER, PATCH=may(SPONSOR, name="Other"), DELETE=SPONSOR
    ),
    "api:scenario_ranking": row(GET=MEMBER),
    "api:criteria": row(
        GET=MEMBER,
        POST=may(
            SPONSOR, slug="speed", name="Speed", axis="impact", weight="1", question="How fast?",
            anchor_0="not", anchor_3="so", anchor_5="very",
        ),
    ),
    "api:criterion": row(
        at={"slug": "criterion"}, GET=MEMBER, PATCH=may(SPONSOR, weight="4"), DELETE=SPONSOR
    ),
    "api:tests": row(GET=MEMBER, PATCH=may(CONTRIBUTOR, review={"reviewer": "team lead"})),
    "api:ratings": row(
        GET=MEMBER,
        PUT=may(
            CONTRIBUTOR,
            listed=[{"criterion": "headroom", "low": "2", "likely": "3", "high": "4",
                     "evidence": "e"}],
        ),
    ),
    "api:requests": row(
        GET=MEMBER, POST=may(CONTRIBUTOR, test="review", asked="{owner_email}", due_on="{soon}")
    ),
    "api:request": row(
        at={"pk": "request"},
        GET=MEMBER,
        PATCH=may(NAMED, ending="declined", words="Ask Vera."),
    ),
    "api:disqualifiers": row(
        GET=MEMBER, POST=may(CONTRIBUTOR, kind="wrong_tool", evidence="A rule does it.")
    ),
    "api:disqualifier": row(
        at={"pk": "disqualifier"}, GET=MEMBER, PATCH=may(CONTRIBUTOR, resolution="Cleared.")
    ),
    # economics
    "api:unit_economics": row(GET=MEMBER, PUT=may(CONTRIBUTOR, calls=1)),
    "api:confirmation_of_economics": row(POST=CONTRIBUTOR),
    # delivery
    "api:lighthouses": row(
        GET=SIGNED_IN, POST=may(SPONSOR, use_case="{idea}", owner="{owner_email}")
    ),
    "api:lighthouse": row(at=LIGHTHOUSE, GET=MEMBER, PATCH=may(OWNER, reading_plan="Weekly.")),
    "api:contract": row(at=LIGHTHOUSE, GET=MEMBER, POST=OWNER),
    "api:acceptance": row(at={"pk": "asked_lighthouse"}, POST=may(NAMED, accept=True)),
    "api:declare": row(
        at=LIGHTHOUSE, POST=may(SPONSOR, verdict="failure", reason="It was never used.")
    ),
    "api:milestones": row(at=LIGHTHOUSE, GET=MEMBER, POST=may(OWNER, title="M", due_on="{today}")),
    "api:milestone": row(
        at={"pk": "lighthouse", "milestone_pk": "milestone"},
        GET=MEMBER,
        PATCH=may(OWNER, title="Other"),
        DELETE=OWNER,
    ),
    "api:forecasts": row(at=LIGHTHOUSE, GET=MEMBER, POST=may(OWNER, ships_on="{soon}")),
    "api:readings": row(
        at=LIGHTHOUSE,
        GET=MEMBER,
        POST=may(
            OWNER, metric="first response time", value="1", measured_on="{yesterday}",
            source="BI export", sample_size=500, supersedes="{reading}",
        ),
    ),
    "api:amendments": row(at=LIGHTHOUSE, GET=MEMBER, POST=may(SPONSOR, reason=REASON, **PERIOD)),
}  # fmt: skip

# What stands outside the portfolios: {name: {who: status of a GET}}.
OUTSIDE: dict[str, dict[str, int]] = {
    "healthz": {"anonymous": 200, "sponsor": 200},
    "readyz": {"anonymous": 503, "sponsor": 503},  # no worker is heard in a test
    "api:schema": {"anonymous": 401, "sponsor": 200},
    "api:docs": {"anonymous": 200, "sponsor": 200},
    "account_login": {"anonymous": 200, "sponsor": 302},
    "account_logout": {"anonymous": 302, "sponsor": 200},
    "account_signup": {"anonymous": 200, "sponsor": 302},
    "account_inactive": {"anonymous": 200, "sponsor": 200},
    "account_reauthenticate": {"anonymous": 302, "sponsor": 200},
    "account_change_password": {"anonymous": 302, "sponsor": 200},
    "account_set_password": {"anonymous": 302, "sponsor": 302},
    "account_reset_password": {"anonymous": 200, "sponsor": 200},
    "account_reset_password_done": {"anonymous": 200, "sponsor": 200},
    "account_reset_password_from_key_done": {"anonymous": 200, "sponsor": 200},
    "account_reset_password_from_key": {"anonymous": 200, "sponsor": 200},
}
CLOSED = "admin:"  # the whole of it, to everybody in the cast
