"""What the lighthouse page shows, shaped for its template."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone

from portfolio import gates, settling
from portfolio.actions.delivery import DELIVERY_STAGES, SEALING_STAGES, missing_of
from portfolio.actions.readings import metrics_of
from portfolio.charts.metric import Level, Measured, metric_chart
from portfolio.charts.scales import day_words
from portfolio.charts.weeks import Prediction, Promise, week_strip
from portfolio.doors.html import render_page
from portfolio.forms import delivery as forms
from portfolio.models import Forecast, Lighthouse, LighthouseStanding, Reading, UseCase, User
from portfolio.pages.frame import told_findings
from portfolio.rules import clock, verdicts
from portfolio.rules.contract import Contract as Agreed
from portfolio.rules.findings import passes
from portfolio.rules.pipeline import PATH, Stage
from portfolio.rules.rights import Right
from portfolio.rules.words import Verdict
from portfolio.templatetags.words import day_year, listed, number

TEMPLATE = "portfolio/lighthouse.html"


@dataclass(frozen=True)
class Answer:
    """The page's answer: what matters first, and the rest of it."""

    lead: str
    rest: str = ""


@dataclass(frozen=True)
class Line:
    """A reading as the table shows it: state is in_force, counted, superseded or late."""

    row: Reading
    metric: str
    unit: str
    state: str


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
        in_force = self.in_force(lighthouse, agreed)
        missing = [] if lighthouse.is_sealed else list(missing_of(lighthouse))
        metrics = metrics_of(lighthouse)
        milestones = list(lighthouse.milestones.with_people().by_due())
        forecasts = list(Forecast.objects.of(lighthouse.pk).with_people().newest_first())
        lines = [self.line(row, metrics, in_force) for row in readings]
        week = clock.week_of(lighthouse.start_date, self.today) if lighthouse.start_date else None
        may_record = Right.RECORD in self.may
        return {
            "standing": standing,
            "is_stale": is_stale,
            "verdict": gates.verdict_of(lighthouse),
            "answer": self.answer(
                lighthouse, standing, is_stale, week, missing, forecasts, in_force
            ),
            "week": week,
            "strip": self.strip(lighthouse, milestones, forecasts),
            "charts": self.charts(lighthouse, agreed, lines, metrics),
            "guardrails": self.guardrails(agreed, in_force),
            "lines": lines,
            "milestones": [
                (row, self.milestone_state(row), self.milestone_form(row)) for row in milestones
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
        if line is None or line.state == "superseded" or not may_record:
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

    # --- the answer -----------------------------------------------------------------------------

    def answer(self, lighthouse, standing, is_stale, week, missing, forecasts, in_force) -> Answer:
        if lighthouse.abandoned_at is not None:
            on = day_year(lighthouse.abandoned_at)
            return Answer(f"Abandoned on {on}", "without a verdict.")
        if lighthouse.declared_at is not None:
            return self.declared(lighthouse, standing)
        if lighthouse.acceptance != "accepted":
            return self.unowned(lighthouse)
        if standing is not None and standing.verdict != Verdict.PENDING and not is_stale:
            return Answer(
                f"{standing.verdict.capitalize()}, as the clock and the readings say.",
                " ".join([*standing.reason_words, "A sponsor has yet to declare it."]),
            )
        due = lighthouse.verdict_due
        if due is not None and self.today > due:
            return Answer("The last day has ended;", "the verdict is being computed.")
        if not lighthouse.is_sealed:
            return self.unsealed(lighthouse, missing)
        if week is None:
            return Answer(
                f"It starts on {day_year(lighthouse.start_date)}.",
                f"The verdict is read on {day_year(due)}.",
            )
        lead = f"Week {week} of {lighthouse.planned_weeks}."
        return Answer(
            lead, f"{self.shipping(lighthouse, forecasts)} {self.reaching(lighthouse, in_force)}"
        )

    def declared(self, lighthouse, standing) -> Answer:
        declared, computed = lighthouse.declared_verdict, lighthouse.computed_at_declaration
        who = f"{lighthouse.declared_by} on {day_year(lighthouse.declared_at)}"
        if declared == computed:
            reasons = " ".join(standing.reason_words) if not lighthouse.would_now_read else ""
            return Answer(f"{declared.capitalize()},", f"declared by {who}. {reasons}".strip())
        return Answer(
            f"{declared.capitalize()},",
            f"declared by {who} against the computed {computed}: “{lighthouse.declared_reason}”",
        )

    def unowned(self, lighthouse) -> Answer:
        owner = str(lighthouse.owner)
        if lighthouse.acceptance == "declined":
            why = f": “{lighthouse.decline_reason}”" if lighthouse.decline_reason else "."
            return Answer("Nobody owns it.", f"{owner} declined{why} Name somebody else.")
        return Answer("Nobody owns it yet.", f"{owner} is asked, and has not answered.")

    def unsealed(self, lighthouse, missing) -> Answer:
        if not missing:
            return Answer(
                "The success contract is complete.",
                "It is sealed when the use case moves to mobilising.",
            )
        words = listed([found.words for found in missing])
        return Answer("The success contract is not sealed.", f"It still misses {words}.")

    def shipping(self, lighthouse, forecasts) -> str:
        if lighthouse.shipped_on is not None:
            return f"In production since {day_year(lighthouse.shipped_on)}."
        if not forecasts:
            return "Not in production, and nobody has said when it will be."
        promised = forecasts[0].ships_on
        late = promised > lighthouse.verdict_due
        return f"Not in production yet; the last forecast says {day_year(promised)}" + (
            ", after the verdict." if late else "."
        )

    def reaching(self, lighthouse, in_force) -> str:
        contract = lighthouse.contract
        side = "at or above" if contract.direction == "higher" else "at or below"
        target = f"{side} {number(contract.target, contract.unit)}"
        due = day_year(lighthouse.verdict_due)
        reading = in_force.get(None)
        if reading is None:
            if lighthouse.shipped_on is None:
                return f"On {due} {contract.metric} must be {target}."
            return f"No reading counts yet; on {due} {contract.metric} must be {target}."
        stands = number(reading.value, contract.unit)
        if contract.as_agreed().meets(reading.value):
            return f"{contract.metric.capitalize()} stands at {stands}, which meets the target."
        return f"{contract.metric.capitalize()} stands at {stands}; by {due} it must be {target}."

    # --- readings and pictures ------------------------------------------------------------------

    def in_force(self, lighthouse, agreed: Agreed | None) -> dict:
        """The reading in force by guardrail id, none for the success metric."""
        if agreed is None:
            return {}
        judged = verdicts.judge(
            agreed, settling.measured(lighthouse, agreed), lighthouse.shipped_on, self.today
        )
        found = dict(judged.guardrails_in_force)
        return {**found, None: judged.in_force} if judged.in_force else found

    def line(self, row: Reading, metrics, in_force) -> Line:
        known = {measured.guardrail_id: measured for measured in metrics}
        measured = known.get(row.guardrail_id)
        name = measured.metric if measured else (row.guardrail.metric if row.guardrail else "")
        unit = measured.unit if measured else (row.guardrail.unit if row.guardrail else "")
        state = "counted"
        if row.is_superseded:
            state = "superseded"
        elif any(reading.id == row.pk for reading in in_force.values()):
            state = "in_force"
        elif row.is_late:
            state = "late"
        return Line(row, name, unit, state)

    def guardrails(self, agreed: Agreed | None, in_force) -> list[dict]:
        """Each sealed guardrail with what it stands at and whether it holds."""
        shown = []
        for guardrail in agreed.guardrails if agreed else ():
            reading = in_force.get(guardrail.id)
            shown.append(
                {
                    "metric": guardrail.metric,
                    "limit_number": f"guardrail.{guardrail.id}",
                    "kind": guardrail.kind.value,
                    "limit": guardrail.limit,
                    "unit": guardrail.unit,
                    "value": reading.value if reading else None,
                    "number": f"reading.{reading.id}" if reading else "",
                    "holds": guardrail.allows(reading.value) if reading else None,
                }
            )
        return shown

    def strip(self, lighthouse, milestones, forecasts):
        if lighthouse.start_date is None:
            return None
        return week_strip(
            start=lighthouse.start_date,
            planned_weeks=lighthouse.planned_weeks,
            verdict_due=lighthouse.verdict_due,
            today=self.today,
            milestones=[
                Promise(row.title, row.due_on, self.milestone_state(row)) for row in milestones
            ],
            forecasts=[Prediction(row.made_on, row.ships_on) for row in reversed(forecasts)],
            shipped_on=lighthouse.shipped_on,
        )

    def charts(self, lighthouse, agreed: Agreed | None, lines, metrics) -> list[dict]:
        """A picture of the success metric, and one of each guardrail that was read."""
        if agreed is None or lighthouse.start_date is None:
            return []
        levels = [
            Level("baseline", agreed.baseline, f"baseline {self.said(agreed.baseline, agreed)}"),
            Level("target", agreed.target, f"target {self.said(agreed.target, agreed)}"),
        ]
        drawn = [self.chart(lighthouse, agreed.metric, agreed.unit, levels, lines, None, 240)]
        for guardrail in agreed.guardrails:
            kind = guardrail.kind.value.replace("_", " ")
            words = f"{kind} {number(guardrail.limit, guardrail.unit)}"
            level = Level("guardrail", guardrail.limit, words)
            if any(line.metric.casefold() == guardrail.metric.casefold() for line in lines):
                drawn.append(
                    self.chart(
                        lighthouse,
                        guardrail.metric,
                        guardrail.unit,
                        [level],
                        lines,
                        guardrail.id,
                        150,
                    )
                )
        return drawn

    def said(self, value, agreed: Agreed) -> str:
        return number(value, agreed.unit)

    def chart(self, lighthouse, metric, unit, levels, lines, guardrail_id, height) -> dict:
        own = [line for line in lines if line.metric.casefold() == metric.casefold()]
        measured = [
            Measured(
                line.row.measured_on,
                line.row.value,
                f"{day_words(line.row.measured_on)}: {number(line.row.value, unit)}"
                + (", corrected since" if line.state == "superseded" else ""),
                line.state,
            )
            for line in reversed(own)
        ]
        drawn = metric_chart(
            measured,
            levels,
            first=lighthouse.start_date,
            last=lighthouse.verdict_due,
            verdict_due=lighthouse.verdict_due,
            today=self.today,
            height=height,
        )
        latest = next((line for line in own if line.state != "superseded"), None)
        stands = f"latest reading {number(latest.row.value, unit)}" if latest else "no reading yet"
        said = listed([level.words for level in levels])
        return {
            "title": metric,
            "chart": drawn,
            "label": f"{metric}: {said}; {stands}.",
            "is_guardrail": guardrail_id is not None,
            "latest": latest,
        }

    def milestone_state(self, milestone) -> str:
        if milestone.done_on is not None:
            return "done"
        return "overdue" if milestone.due_on < self.today else "open"

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
        return {
            "stage": target.value,
            "is_open": passes(found),
            "findings": told_findings(self.use_case.reference, found),
        }


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
