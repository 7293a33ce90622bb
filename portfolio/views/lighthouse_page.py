"""What the lighthouse page shows, shaped for its template."""

from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone

from portfolio import gates, settling
from portfolio.actions.contract import SEALING_STAGES, missing_of
from portfolio.actions.delivery import DELIVERY_STAGES
from portfolio.actions.readings import metrics_of
from portfolio.doors.html import render_page
from portfolio.forms import delivery as forms
from portfolio.models import Forecast, Lighthouse, LighthouseStanding, Reading, UseCase, User
from portfolio.pages import lighthouse_pictures as pictures
from portfolio.pages.frame import told_findings
from portfolio.pages.lighthouse_answer import answer
from portfolio.rules import clock
from portfolio.rules.findings import passes
from portfolio.rules.pipeline import PATH, Stage
from portfolio.rules.rights import Right
from portfolio.rules.words import Verdict

TEMPLATE = "portfolio/lighthouse.html"


class Page:
    """Everything about one lighthouse, read once; `context` is what the template takes."""

    def __init__(self, request, use_case: UseCase, lighthouse: Lighthouse | None, *, is_only: bool):
        self.request, self.use_case, self.lighthouse = request, use_case, lighthouse
        self.may = request.may
        self.is_only = is_only  # asked for by its own address
        self.edited: tuple[int, object] | None = None  # a milestone whose form was refused
        self.corrects = self.asked_correction()
        self.now: datetime = timezone.now()
        self.today = clock.today_in(use_case.portfolio.time_zone, self.now)

    @property
    def is_closed(self) -> bool:
        """Whether it has to be asked for by its own address."""
        return self.is_only and self.lighthouse is not None and not self.lighthouse.is_active

    def asked_correction(self) -> int | None:
        raw = self.request.GET.get("correct", "")
        return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 19 else None

    # --- the whole ------------------------------------------------------------------------------

    def show(self, *, status: int = 200, theirs=(), **typed):
        """The page; `typed` are forms that were refused, by name."""
        context = self.context()
        context.update(typed)
        context["theirs"] = theirs
        context["refused"] = next(iter(typed), "")
        polled = self.lighthouse is not None and not typed
        fragment = "verdict" if polled else None
        return render_page(self.request, TEMPLATE, context, fragment=fragment, status=status)

    def context(self) -> dict:
        earlier = [
            row
            for row in Lighthouse.objects.of_use_case(self.use_case.pk).newest_first()
            if self.lighthouse is None or row.pk != self.lighthouse.pk
        ]
        shared = {
            "use_case": self.use_case,
            "lighthouse": self.lighthouse,
            "earlier": earlier,
            "may": self.may,
            "now": self.now,
            "today": self.today,
            "is_piece": bool(self.request.htmx),
        }
        if self.lighthouse is None:
            return {**shared, **self.empty()}
        return {**shared, **self.full(self.lighthouse)}

    def empty(self) -> dict:
        can = Right.NAME_OWNER in self.may and self.use_case.stage in DELIVERY_STAGES
        people = User.objects.who_can_own(self.use_case.portfolio_id) if can else []
        return {
            "draw_up": forms.DrawUpForm(people=people) if can else None,
            "is_early": self.use_case.stage == Stage.PROPOSED,
            "is_over": self.use_case.stage not in (Stage.PROPOSED, *DELIVERY_STAGES),
        }

    def full(self, lighthouse: Lighthouse) -> dict:
        standing = LighthouseStanding.objects.of(lighthouse.pk)
        is_stale = standing is None or standing.settle_done < lighthouse.settle_wanted
        agreed = settling.agreed_contract(lighthouse)
        readings = list(
            Reading.objects.of(lighthouse.pk).with_people().with_history().newest_first()
        )
        counting = pictures.in_force(lighthouse, agreed, self.today)
        missing = [] if lighthouse.is_sealed else list(missing_of(lighthouse))
        metrics = metrics_of(lighthouse)
        milestones = list(lighthouse.milestones.with_people().by_due())
        forecasts = list(Forecast.objects.of(lighthouse.pk).with_people().newest_first())
        lines = [
            pictures.line(row, metrics, counting, lighthouse, agreed, self.today)
            for row in readings
        ]
        week = clock.week_of(lighthouse.start_date, self.today) if lighthouse.start_date else None
        may_record = Right.RECORD in self.may
        can_own = bool(gates.who_can_own([lighthouse]))
        return {
            "standing": standing,
            "is_stale": is_stale,
            "verdict": gates.verdict_of(lighthouse),
            "answer": answer(
                lighthouse,
                standing,
                is_stale=is_stale,
                today=self.today,
                missing=missing,
                forecasts=forecasts,
                in_force=counting,
                can_own=can_own,
            ),
            "can_own": can_own,
            "week": week,
            "strip": pictures.strip(lighthouse, milestones, forecasts, self.today),
            "charts": pictures.charts(lighthouse, agreed, lines, self.today),
            "guardrails": pictures.guardrails(agreed, counting),
            "lines": lines,
            "milestones": [
                (row, pictures.milestone_state(row, self.today), self.milestone_form(row))
                for row in milestones
            ],
            "forecasts": forecasts,
            "missing": missing,
            "draft": None
            if lighthouse.is_sealed
            else gates.draft_of(lighthouse, list(self.use_case.guardrails.in_force())),
            "metric": gates.metric_of(lighthouse),
            "amendments": list(lighthouse.amendments.in_order()),
            "gate": self.gate(lighthouse),
            "is_asked": Right.ACCEPT_OWNERSHIP in self.may and lighthouse.is_active,
            "may_record": may_record and lighthouse.abandoned_at is None,
            "may_promise": may_record and lighthouse.is_active,
            "may_plan": Right.PLAN_LIGHTHOUSE in self.may and lighthouse.is_active,
            "may_name": Right.NAME_OWNER in self.may and lighthouse.is_active,
            "may_seal": Right.MOVE_DELIVERY in self.may
            and lighthouse.is_active
            and not lighthouse.is_sealed
            and self.use_case.stage in SEALING_STAGES,
            "may_amend": Right.AMEND in self.may and lighthouse.is_active and lighthouse.is_sealed,
            "may_declare": Right.DECLARE in self.may
            and lighthouse.is_active
            and not is_stale
            and standing is not None
            and standing.verdict != Verdict.PENDING,
            **self.correcting(lines, may_record and lighthouse.abandoned_at is None),
            **self.forms(lighthouse, standing, milestones, metrics),
        }

    def correcting(self, lines, may_record: bool) -> dict:
        """The reading that is being corrected, with its form."""
        line = next((line for line in lines if line.row.pk == self.corrects), None)
        if line is None or line.state in ("superseded", "other") or not may_record:
            return {"corrected": None}
        names = ("value", "measured_on", "sample_size", "source")
        initial = {name: forms.typed(getattr(line.row, name)) for name in names}
        return {
            "corrected": line,
            "correction": forms.CorrectionForm(initial=initial, auto_id="correction_%s"),
        }

    def forms(self, lighthouse, standing, milestones, metrics) -> dict:
        """Every form as it stands before anybody types."""
        initial = forms.initial_of
        people = (
            User.objects.who_can_own(self.use_case.portfolio_id)
            if Right.NAME_OWNER in self.may
            else []
        )
        return {
            "acceptance": forms.AnswerForm(),
            "owner": forms.OwnerForm(
                initial={"owner": lighthouse.owner.email, "seen": lighthouse.revision},
                people=people,
                auto_id="owner_%s",
            ),
            "plan": forms.AgreedForm(
                initial={
                    **initial(lighthouse, forms.AgreedForm),
                },
                sets_start=Right.SET_START in self.may,
                auto_id="plan_%s",
            ),
            "facts": forms.FactsForm(
                initial=initial(lighthouse, forms.FactsForm), auto_id="facts_%s"
            ),
            "ship": forms.ShipForm(initial=initial(lighthouse, forms.ShipForm), auto_id="ship_%s"),
            "update": update_form(lighthouse, metrics, milestones, today=self.today),
            "milestone": forms.MilestoneForm(auto_id="milestone_%s"),
            "retrospective": forms.RetrospectiveForm(
                initial=initial(lighthouse, forms.RetrospectiveForm), auto_id="back_%s"
            ),
            "declaration": forms.DeclareForm(
                computed=standing.verdict if standing else Verdict.PENDING.value,
                initial={"seen": lighthouse.revision},
                auto_id="declare_%s",
            ),
            "amendment": forms.AmendForm(
                contract=lighthouse.contract,
                initial=initial(lighthouse.contract, forms.AmendForm),
                auto_id="amend_%s",
            )
            if lighthouse.is_sealed
            else None,
        }

    def milestone_form(self, milestone):
        if self.edited is not None and self.edited[0] == milestone.pk:
            return self.edited[1]
        return forms.MilestoneForm(
            initial={
                "title": milestone.title, "due_on": milestone.due_on, "seen": milestone.revision,
            },
            auto_id=f"m{milestone.pk}_%s",
        )  # fmt: skip

    # --- the next gate --------------------------------------------------------------------------

    def gate(self, lighthouse) -> dict | None:
        """What the next stage asks, with where it is mended."""
        stage = Stage(self.use_case.stage)
        if not lighthouse.is_active and stage is not Stage.LIVE:
            return None
        if stage not in PATH or stage is Stage.DECIDED:
            return None
        target = PATH[PATH.index(stage) + 1]
        if gates.verdict_of(lighthouse) is Verdict.FAILURE and stage is Stage.BUILDING:
            target = Stage.DECIDED
        found = gates.look(target, [self.use_case.pk])[self.use_case.pk]
        told = told_findings(self.use_case.reference, found)
        return {
            "stage": target.value,
            "is_open": passes(found),
            "findings": [self.on_this_page(one) for one in told],
        }

    def on_this_page(self, finding: dict) -> dict:
        """The finding; what is mended somewhere on this page leads to its place here."""
        if finding["mend_url"] != address(self.use_case):
            return finding
        return {**finding, "mend_url": "#owner", "mend_words": "see the owner"}


def update_form(lighthouse, metrics, milestones, typed=None, today: date | None = None):
    """The week's form for this lighthouse."""
    return forms.UpdateForm(
        typed,
        initial={"measured_on": today},
        metrics=metrics,
        milestones=[row for row in milestones if row.done_on is None],
        forecasts=lighthouse.shipped_on is None,
        auto_id="update_%s",
    )


def address(use_case: UseCase, lighthouse: Lighthouse | None = None) -> str:
    """The tab, or the address of one lighthouse that stays its own."""
    if lighthouse is None:
        return reverse("portfolio:lighthouse", args=[use_case.reference])
    return reverse("portfolio:lighthouse", args=[use_case.reference, lighthouse.pk])
