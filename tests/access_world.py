"""Two portfolios full of rows, and the names by which the table of access speaks of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from assessments.actions.rounds import Asked, open_round
from assessments.actions.scenarios import save_scenario
from assessments.models import Criterion, Disqualifier, Request
from portfolio import changing, inviting
from portfolio.actions.changing_many import Chosen, Wanted, change_many
from portfolio.actions.discussing import comment
from portfolio.actions.importing import Sent, send_file
from portfolio.actions.invitations import invite
from portfolio.actions.saving_views import save_view
from portfolio.actions.tokens import create_token
from portfolio.importing import running
from portfolio.models import Lookalike, Membership, Milestone, Portfolio, Reading, User
from portfolio.rights import Actor
from portfolio.rules.words import Changing
from tests import make

CAST = ("anonymous", "stranger", "viewer", "contributor", "owner", "sponsor")


@dataclass
class World:
    """The cast, and what `{name}` stands for: in their own portfolio, and in a foreign one."""

    people: dict[str, User | None]
    own: dict[str, object] = field(default_factory=dict)
    foreign: dict[str, object] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)


def build(sponsor, owner, contributor, viewer, stranger, portfolio) -> World:
    """ACME with the cast, OTHER with the stranger as its sponsor; each with one of everything."""
    people = {
        "anonymous": None, "stranger": stranger, "viewer": viewer,
        "contributor": contributor, "owner": owner, "sponsor": sponsor,
    }  # fmt: skip
    world = World(people)
    elsewhere = Portfolio.objects.with_key("OTHER").get()
    other_owner = make.make_member(elsewhere, "oz@other.example", "Oz Owner", "contributor")
    world.own = fill(portfolio, sponsor, owner, viewer)
    world.foreign = fill(elsewhere, stranger, other_owner, other_owner)
    for name, person in people.items():
        if person is not None:
            token, _ = create_token(
                Actor(user=person), name="mine", scope="read", now=timezone.now()
            )
            world.tokens[name] = token.pk
    return world


def fill(portfolio: Portfolio, sponsor: User, owner: User, member: User) -> dict[str, object]:
    """One of everything that an address or a body can name."""
    now, today = timezone.now(), timezone.now().date()
    actor = Actor(user=sponsor)
    candidate = make.make_use_case(portfolio, title="Support triage", by=sponsor)
    building = make.make_use_case(portfolio, title="Contract search", stage="building")
    decided = make.make_use_case(portfolio, title="Invoice matching", stage="decided")
    asked = make.make_use_case(portfolio, title="Call notes", stage="qualified")
    idea = make.make_use_case(portfolio, title="Warranty triage", stage="qualified")
    lighthouse = make.make_sealed(building, owner, start=today - timedelta(days=30))
    lighthouse.shipped_on = today - timedelta(days=10)
    lighthouse.save(update_fields=["shipped_on"])
    unanswered = make.make_lighthouse(asked, owner, acceptance="asked", answered_at=None)
    invitation = invite(
        actor, portfolio.pk, email=f"dana@{portfolio.key.lower()}.example", role="viewer", now=now
    )
    milestone = Milestone.objects.create(
        lighthouse=lighthouse, title="Evaluation set frozen", due_on=today,
)  # fmt: skip
    reading = Reading.objects.create(
        lighthouse=lighthouse, metric=lighthouse.contract.metric, unit=lighthouse.contract.unit,
        value=2, measured_on=today - timedelta(days=1), sample_size=500, entered_by=owner,
        entered_at=now,
    )  # fmt: skip
    disqualifier = Disqualifier.objects.create(
        use_case=candidate, kind="compliance_blocker", evidence="No basis for the transcripts.",
        raised_by=sponsor, raised_at=now,
    )  # fmt: skip
    request = Request.objects.create(
        use_case=candidate, test="data", asked=owner, by=sponsor, made_at=now
    )
    criterion = Criterion.objects.in_portfolio(portfolio.pk).with_slug("headroom").get()
    asked_of = Asked([idea.reference], ["visibility"], [owner.email], today + timedelta(days=7))
    blind = open_round(actor, portfolio.pk, asked_of, now=now)
    said = comment(actor, candidate.pk, "Who else has this?", now=now)
    view = save_view(
        actor, portfolio.pk, name="By score", is_shared=True, query="sort=-score", now=now
    )
    chosen = Chosen([idea.reference])
    legal, sales = (Wanted(Changing.BUSINESS_UNIT, unit) for unit in ("Legal", "Sales"))
    changed = change_many(actor, portfolio.pk, chosen, legal, now=now)
    changing.run(changed.pk, timezone.now)
    queued = change_many(actor, portfolio.pk, chosen, sales, now=now)
    scenario = save_scenario(
        actor, portfolio.pk, name="Headroom first", weights={"headroom": "9"}, is_shared=True,
        now=now,
    )  # fmt: skip
    sent = Sent(ContentFile(b"title,status\nA,idea\nB,live\n", name="one.csv"), "one.csv")
    looked_at = send_file(actor, portfolio, sent, now)
    running.run(looked_at.pk, timezone.now)
    twin = make.make_use_case(portfolio, title="Warranty triage again")
    alike = sorted((twin.pk, idea.pk))
    pair = Lookalike.objects.create(
        portfolio=portfolio, first_id=alike[0], second_id=alike[1], alike="0.800"
    )
    make.make_measured(candidate, owner, misses=5)
    return {
        "key": portfolio.key,
        "guesser": owner.pk,
        "pair": pair.pk,
        "twin": twin.reference,
        "reference": candidate.reference,
        "building": building.reference,
        "decided": decided.reference,
        "idea": idea.reference,
        "asked": asked.reference,
        "part": "outcome",
        "lighthouse": lighthouse.pk,
        "asked_lighthouse": unanswered.pk,
        "milestone": milestone.pk,
        "reading": reading.pk,
        "disqualifier": disqualifier.pk,
        "request": request.pk,
        "criterion": criterion.slug,
        "number": "days_in_stage",
        "round": blind.pk,
        "comment": said.pk,
        "scenario": scenario.pk,
        "import": looked_at.pk,
        "view": view.pk,
        "bulk_change": changed.pk,
        "queued_change": queued.pk,
        "file_kind": "csv",
        "column": "business_unit",
        "invitation": invitation.pk,
        "signed": inviting.link_of(invitation).rstrip("/").rpartition("/")[2],
        "member": Membership.objects.of(member.pk, portfolio.pk).get().pk,
        "owner_email": owner.email,
        "owner_pk": owner.pk,
        "today": today.isoformat(),
        "soon": (today + timedelta(days=20)).isoformat(),
        "yesterday": (today - timedelta(days=1)).isoformat(),
    }


@contextmanager
def undone() -> Iterator[None]:
    """What is done within is taken back: every request meets the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
