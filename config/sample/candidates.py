"""The sample's two dozen candidates: what was proposed, answered, rated and worked out for each.

Days are counted back from today. A part that is not given is what nobody has answered yet.
"""

from dataclasses import dataclass, field
from typing import Any

# The criteria that are rated by hand, in the order in which `rated` lists their likely values.
BY_HAND = (
    "stakeholder_pull", "headroom", "visibility", "reuse",
    "ai_fit", "time_to_value", "tolerance", "compliance", "narrowness", "review_path",
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    slug: str
    title: str
    problem: str
    unit: str
    by: str
    days: float  # proposed so many days ago
    jobs: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    task_type: str = "routine"
    customer_facing: bool = False
    outcome: dict[str, Any] | None = None
    sources: tuple[dict[str, Any], ...] = ()
    review: dict[str, Any] | None = None
    economics: dict[str, Any] | None = None
    rated: str = ""  # ten digits, one for each of BY_HAND
    assessors: tuple[str, ...] = ("dana", "priya", "tomas")
    evidence: dict[str, str] = field(default_factory=dict)
    qualified: float | None = None  # entered `qualified` so many days ago


def outcome(
    statement: str, metric: str, unit: str, direction: str, baseline: str, target: str,
    segment: str, *guardrails: tuple[str, str, str, str],
) -> dict[str, Any]:  # fmt: skip
    """Test 1; a guardrail is metric, unit, kind and limit."""
    return {
        "statement": statement, "metric": metric, "unit": unit, "direction": direction,
        "baseline": baseline, "target": target, "segment": segment,
        "guardrails": [
            {"metric": name, "unit": of, "kind": kind, "limit": limit}
            for name, of, kind, limit in guardrails
        ],
    }  # fmt: skip


def source(name: str, system: str, use: str = "retrieve", **answers: Any) -> dict[str, Any]:
    """A data source that is usable as it stands, but for what `answers` says."""
    return {
        "name": name, "system": system, "use": use, "required": True, "schema_consistent": True,
        "clean": True, "access_cleared": True, "usable": "yes", **answers,
    }  # fmt: skip


def review(reviewer: str, outputs: str, decision: str, feedback: str, **more: Any) -> dict:
    return {
        "reviewer": reviewer, "outputs": outputs, "decision": decision, "feedback": feedback,
        **more,
    }  # fmt: skip


def economics(
    volume: int | tuple, success: str | tuple, value: str, *, tokens: tuple, out: int,
    reviewed: str, minutes: str, fixed: str, build: str, models: tuple, calls: int = 1,
    kind: str = "avoided", rate: str = "38", measured: tuple[str, ...] = (), cached: str = "0.4",
) -> dict[str, Any]:  # fmt: skip
    """The unit economics; a tuple is low, likely, high. `models` is (provider, model, share)s."""
    return {
        "inputs": {
            "volume_per_month": volume, "success_share": success, "value_per_success": value,
            "calls": calls, "input_tokens": tokens, "cached_share": cached, "output_tokens": out,
            "retry_share": ("0.02", "0.05", "0.15"), "tool_cost": "0.0008",
            "review_share": reviewed, "review_minutes": minutes, "hourly_rate": rate,
            "fixed_per_month": fixed, "estimated_build_cost": build, "discount_rate": "0.1",
            "ramp_months": 3,
        },
        "models": models, "kind": kind, "measured": measured,
    }  # fmt: skip


SMALL = (("openai", "gpt-5-mini", "1"),)
SMALL_THEN_LARGE = (("openai", "gpt-5-mini", "1"), ("anthropic", "claude-sonnet-4-5", "0.2"))
LARGE = (("anthropic", "claude-sonnet-4-5", "1"),)

CANDIDATES = (
    # --- what has been delivered, or is being ------------------------------------------------
    Candidate(
        "customs", "Customs declaration drafts",
        "Declarants copy goods descriptions from invoices into tariff codes. Every sixth "
        "declaration comes back from customs with a query.",
        "Customs", "will", 205,
        ("draft customs declarations",), ("declarants in Savannah",), ("declarations queried",),
        "domain",
        outcome=outcome(
            "Cut declarations that customs queries from 16 % to 8 % for the Savannah desk",
            "declarations queried", "%", "lower", "16", "8", "declarants in Savannah",
            ("minutes per declaration", "min", "at_most", "14"),
        ),
        sources=(
            source("filed declarations since 2022", "CargoWise", "learn"),
            source("tariff rulings", "CBP CROSS"),
        ),
        review=review(
            "the declarant who files it", "all", "accept, edit or discard each line in the form",
            "edited lines go to the evaluation set every Friday",
        ),
        economics=economics(
            (7000, 9000, 10000), ("0.7", "0.8", "0.9"), "6.5", tokens=(2500, 4200, 9000), out=700,
            reviewed="1", minutes="3.5", fixed="3800", build="165000", models=LARGE, calls=2,
            measured=("volume_per_month", "input_tokens"),
        ),
        rated="4533454455", evidence={"headroom": "CBP queried 16 % of last year's entries"},
        qualified=185,
    ),
    Candidate(
        "status", "Shipment status replies",
        "One in four messages asks where a container is. Agents look it up in three systems and "
        "type the answer.",
        "Customer care", "priya", 188,
        ("answer where-is-my-container messages",), ("importers on the west coast",),
        ("messages answered without an agent",), "routine", customer_facing=True,
        outcome=outcome(
            "Answer 55 % of where-is-my-container messages without an agent, up from 0 %",
            "messages answered without an agent", "%", "higher", "0", "55",
            "importers on the west coast",
            ("wrong answers found in the sample", "%", "at_most", "2"),
        ),
        sources=(
            source("container events", "carrier EDI feed"),
            source("sent replies", "Zendesk", "evaluate"),
        ),
        review=review(
            "care team lead", "sampled", "approve or correct in the queue",
            "corrections are discussed on Mondays", sampled_percent=10,
        ),
        economics=economics(
            (30000, 38000, 45000), ("0.4", "0.55", "0.6"), "1.9", tokens=(900, 1500, 2600), out=220,
            reviewed="0.1", minutes="1.5", fixed="4200", build="140000", models=SMALL, calls=2,
        ),
        rated="5442443344", qualified=170,
    ),
    Candidate(
        "triage", "Support ticket triage",
        "Tickets wait 7 to 9 hours until somebody reads, sorts and routes them; a third is routed "
        "twice.",
        "Customer care", "priya", 118,
        ("triage support tickets",), ("tier-1 agents",), ("first response time",),
        outcome=outcome(
            "Cut first response from 8 h to 1 h for tickets of tier 1",
            "first response time", "h", "lower", "8", "1", "tier-1 agents",
            ("CSAT", "points", "at_least", "4.2"),
            ("tickets routed twice", "%", "at_most", "12"),
        ),
        sources=(
            source("tickets", "Zendesk"),
            source("routing decisions since 2024", "Zendesk", "learn"),
        ),
        review=review(
            "team lead on shift", "low_confidence", "approve, edit or reject in the queue",
            "edits go to the evaluation set weekly",
        ),
        economics=economics(
            (36000, 42000, 52000), ("0.5", "0.62", "0.7"), "1.6", tokens=(800, 1200, 2500), out=300,
            reviewed="0.08", minutes="1.5", fixed="2400", build="118000", models=SMALL_THEN_LARGE,
            measured=("input_tokens", "output_tokens"),
        ),
        rated="5534554455", assessors=("dana", "priya", "tomas", "june"),
        evidence={"stakeholder_pull": "Priya's leads asked for it in four reviews running"},
        qualified=92,
    ),
    Candidate(
        "disputes", "Invoice dispute letters",
        "Carriers overbill on one invoice in nine. Writing the dispute takes 40 minutes, so small "
        "ones are paid.",
        "Finance", "mei", 104,
        ("draft carrier dispute letters",), ("freight auditors",), ("overbilling recovered",),
        "reasoning",
        outcome=outcome(
            "Recover 60 % of overbilled freight, up from 22 %",
            "overbilling recovered", "%", "higher", "22", "60", "freight auditors",
            ("disputes that carriers reject", "%", "at_most", "15"),
        ),
        sources=(
            source("carrier invoices", "SAP", clean=False),
            source("contract rates", "rate desk spreadsheets", schema_consistent=False),
        ),
        review=review(
            "the auditor who signs", "all", "sign, edit or drop the letter",
            "each carrier's answer is noted against the draft",
        ),
        economics=economics(
            (2400, 3000, 3600), ("0.45", "0.6", "0.7"), "31", tokens=(4000, 7000, 15000), out=1100,
            reviewed="1", minutes="6", fixed="5200", build="150000", models=LARGE, calls=3,
            kind="cash",
        ),
        rated="5423334344", assessors=("dana", "mei", "tomas"), qualified=80,
    ),
    Candidate(
        "proof", "Proof-of-delivery reading",
        "Drivers photograph delivery notes. Two clerks type quantities and damages from 1,400 "
        "photos a day.",
        "Operations", "marcus", 74,
        ("read delivery notes",), ("billing clerks",), ("notes typed by hand",),
        outcome=outcome(
            "Cut delivery notes typed by hand from 100 % to 30 % at the Newark depot",
            "notes typed by hand", "%", "lower", "100", "30", "billing clerks",
            ("quantities read wrongly", "%", "at_most", "1.5"),
        ),
        sources=(source("delivery photos", "driver app"), source("typed notes", "TMS", "evaluate")),
        review=review(
            "billing clerk", "low_confidence", "confirm or retype the field",
            "retyped fields are added to the evaluation set nightly",
        ),
        economics=economics(
            (26000, 30000, 34000), ("0.6", "0.7", "0.8"), "0.85", tokens=(1100, 1600, 2200),
            out=180, reviewed="0.25", minutes="0.7", fixed="1900", build="88000", models=SMALL,
        ),
        rated="4424544545", assessors=("dana", "marcus", "tomas"), qualified=40,
    ),
    Candidate(
        "claims", "Claims intake summaries",
        "A cargo claim arrives as up to 60 pages. An adjuster reads for an hour before knowing "
        "whether papers are missing.",
        "Claims", "ines", 66,
        ("summarise cargo claims",), ("claims adjusters",), ("days to first decision",), "domain",
        outcome=outcome(
            "Bring the first decision on a cargo claim from 11 days to 4",
            "days to first decision", "days", "lower", "11", "4", "claims adjusters",
            ("decisions reopened", "%", "at_most", "5"),
        ),
        sources=(source("claim files", "SharePoint"), source("policies", "SharePoint")),
        review=review(
            "the adjuster of the claim", "all", "accept or rewrite the summary",
            "rewritten summaries are kept with the original",
        ),
        economics=economics(
            (900, 1100, 1300), ("0.65", "0.75", "0.85"), "42", tokens=(30000, 52000, 90000),
            out=1500, reviewed="1", minutes="5", fixed="2600", build="96000", models=LARGE, calls=2,
            kind="capacity",
        ),
        rated="4433445434", assessors=("dana", "priya", "june"), qualified=30,
    ),
    # --- ready: the shortlist of today -------------------------------------------------------
    Candidate(
        "quotes", "Rate quote drafts",
        "A quote takes four hours because three tariffs are compared by hand; half of the asks go "
        "to whoever answers first.",
        "Sales", "sofia", 52,
        ("draft rate quotes",), ("inside sales",), ("hours to quote",), "routine",
        outcome=outcome(
            "Send a quote in 0.5 h rather than 4 h for lanes with a tariff",
            "hours to quote", "h", "lower", "4", "0.5", "inside sales",
            ("quotes corrected after sending", "%", "at_most", "3"),
        ),
        sources=(source("tariffs", "rate desk"), source("won and lost quotes", "Salesforce")),
        review=review(
            "the salesperson who sends it", "all", "send, edit or start over",
            "edited prices are reviewed weekly by the rate desk",
        ),
        economics=economics(
            (8000, 9500, 12000), ("0.3", "0.42", "0.5"), "24", tokens=(3000, 5200, 9000), out=600,
            reviewed="1", minutes="2.5", fixed="3400", build="132000", models=SMALL_THEN_LARGE,
            kind="cash", measured=("volume_per_month",),
        ),
        rated="5543543445", assessors=("dana", "sofia", "tomas", "priya"),
        evidence={
            "stakeholder_pull": "Sofia will lend two of her people for the sixteen weeks",
            "headroom": "61 % of lost quotes were lost to a faster one",
        },
        qualified=24,
    ),
    Candidate(
        "bookings", "Booking e-mails into orders",
        "Seven people key bookings from e-mails into the TMS, with one field in twelve wrong.",
        "Operations", "marcus", 60,
        ("turn booking e-mails into orders",), ("booking desk",), ("bookings keyed by hand",),
        outcome=outcome(
            "Cut bookings keyed by hand from 100 % to 35 % for the ten largest shippers",
            "bookings keyed by hand", "%", "lower", "100", "35", "booking desk",
            ("wrong fields per order", "fields", "at_most", "0.5"),
        ),
        sources=(
            source("booking mailbox", "Exchange"),
            source("orders", "TMS", "evaluate", clean=False),
        ),
        review=review(
            "booking clerk", "all", "release, edit or return the order", "edits are logged by field"
        ),
        economics=economics(
            (15000, 18000, 21000), ("0.5", "0.65", "0.75"), "2.9", tokens=(1500, 2400, 5000),
            out=420, reviewed="1", minutes="1", fixed="2800", build="110000", models=SMALL, calls=2,
        ),
        rated="5545544454", assessors=("dana", "marcus", "tomas", "will"), qualified=33,
    ),
    Candidate(
        "codes", "Tariff code suggestions for e-commerce parcels",
        "Small parcels need a code each; the descriptions are two words long.",
        "Customs", "will", 47,
        ("suggest tariff codes",), ("parcel classifiers",), ("parcels classified an hour",),
        "domain",
        outcome=outcome(
            "Raise parcels classified from 45 to 110 an hour",
            "parcels classified an hour", "parcels", "higher", "45", "110", "parcel classifiers",
            ("codes changed at audit", "%", "at_most", "4"),
        ),
        sources=(
            source("classified parcels", "CargoWise", "learn"),
            source("shop descriptions", "shopper feeds", clean=False),
        ),
        review=review(
            "classifier", "all", "confirm or pick another",
            "changes feed the example set daily",
        ),
        economics=economics(
            (60000, 85000, 110000), ("0.6", "0.72", "0.8"), "0.55", tokens=(500, 800, 1400), out=60,
            reviewed="1", minutes="0.3", fixed="2100", build="74000", models=SMALL,
        ),
        rated="4334454455", assessors=("dana", "will", "tomas"),
        evidence={"reuse": "Uses the connector and the evaluation set of the customs lighthouse"},
        qualified=20,
    ),
    Candidate(
        "detention", "Detention fee alerts",
        "Containers wait past their free days because nobody reads the terminals' notices.",
        "Operations", "ines", 44,
        ("read terminal notices",), ("drayage planners",), ("detention fees",),
        outcome=outcome(
            "Cut detention fees from 71 to 40 thousand dollars a month at the Los Angeles docks",
            "detention fees", "thousand USD", "lower", "71", "40", "drayage planners",
            ("false alerts a day", "alerts", "at_most", "6"),
        ),
        sources=(
            source("terminal notices", "mailboxes and portals", schema_consistent=False),
            source("container events", "carrier EDI feed"),
        ),
        review=review(
            "drayage planner", "all", "book, snooze or dismiss the alert",
            "dismissed alerts carry a reason",
        ),
        economics=economics(
            (11000, 14000, 17000), ("0.12", "0.18", "0.25"), "17", tokens=(900, 1400, 3000),
            out=150, reviewed="0.4", minutes="1", fixed="2300", build="69000", models=SMALL,
            kind="cash",
        ),
        rated="3423444345", assessors=("dana", "ines", "tomas"), qualified=15,
    ),
    Candidate(
        "rfp", "Tender answers from earlier tenders",
        "Tenders ask 200 questions; 150 of them were answered in the last one.",
        "Sales", "sofia", 39,
        ("draft tender answers",), ("bid managers",), ("days per tender",), "domain",
        outcome=outcome(
            "Answer a tender in 5 days rather than 12",
            "days per tender", "days", "lower", "12", "5", "bid managers",
            ("answers that legal sends back", "%", "at_most", "5"),
        ),
        sources=(source("answered tenders", "SharePoint", schema_consistent=False),),
        review=review(
            "bid manager", "all", "accept, edit or write anew", "accepted answers join the library"
        ),
        economics=economics(
            (2200, 2600, 3000), ("0.5", "0.6", "0.7"), "14", tokens=(6000, 9000, 16000), out=500,
            reviewed="1", minutes="5", fixed="1800", build="58000", models=LARGE, kind="capacity",
        ),
        rated="3333554445", assessors=("dana", "sofia", "june"), qualified=11,
    ),
    Candidate(
        "onboarding", "Carrier onboarding checks",
        "Insurance papers and licences of new carriers are compared by eye; it takes six days.",
        "Procurement", "june", 26,
        ("check carrier papers",), ("procurement clerks",), ("days to onboard a carrier",),
        outcome=outcome(
            "Onboard a carrier in 2 days rather than 6",
            "days to onboard a carrier", "days", "lower", "6", "2", "procurement clerks",
            ("expired papers let through", "papers", "at_most", "0"),
        ),
        sources=(source("carrier papers", "SharePoint"), source("FMCSA register", "public API")),
        review=review(
            "procurement clerk", "all", "accept or reject each paper", "rejections carry a reason"
        ),
        economics=economics(
            (700, 900, 1200), ("0.7", "0.8", "0.9"), "22", tokens=(5000, 8000, 14000), out=400,
            reviewed="1", minutes="6", fixed="1500", build="62000", models=SMALL_THEN_LARGE,
            kind="capacity",
        ),
        rated="3323443445", assessors=("dana", "june"),
    ),
    # --- not ready: what would answer it is the question -------------------------------------
    Candidate(
        "exceptions", "Shipment exception explanations",
        "When a shipment is late, the planner writes the shipper why. It takes until the next day "
        "because four systems must be read.",
        "Operations", "marcus", 35,
        ("explain late shipments",), ("planners of temperature-controlled freight",),
        ("hours to explain a delay",), "reasoning", customer_facing=True,
        outcome=outcome(
            "Explain a delay within 1 h rather than 18 h",
            "hours to explain a delay", "h", "lower", "18", "1",
            "planners of temperature-controlled freight",
            ("explanations withdrawn", "%", "at_most", "2"),
        ),
        sources=(
            source("temperature logs", "reefer vendor's cloud", access_cleared=None),
            source("planner notes", "TMS"),
        ),
        review=review(
            "planner on duty", "all", "send, edit or hold", "edits are kept by cause of delay"
        ),
        economics=economics(
            (9000, 12000, 15000), ("0.6", "0.7", "0.8"), "9", tokens=(3000, 6000, 12000), out=450,
            reviewed="1", minutes="2", fixed="3600", build="126000", models=SMALL_THEN_LARGE,
            calls=3,
        ),
        rated="5544544354", assessors=("dana", "marcus", "priya", "tomas"),
        evidence={"compliance": "The vendor's contract does not say who may use the logs"},
    ),
    Candidate(
        "experience", "Better carrier experience",
        "Carriers say that working with us is tiring.",
        "Procurement", "june", 29,
        ("help carriers",), ("carriers",), (), "routine", customer_facing=True,
        outcome={
            "statement": "Improve the experience of our carriers", "metric": "carrier satisfaction",
            "unit": "points", "direction": "higher", "segment": "carriers",
        },
        rated="3321333322", assessors=("priya",),
    ),
    Candidate(
        "everything", "An assistant for all of operations",
        "Everybody in operations should be able to ask anything.",
        "Operations", "dana", 57,
        ("plan routes", "answer customers", "settle invoices"),
        ("planners", "dispatchers", "billing clerks"), ("time saved", "satisfaction"),
        "reasoning",
        rated="5351323221", assessors=("priya", "tomas"),
        evidence={"narrowness": "Three jobs for three kinds of people: which one first?"},
    ),
    Candidate(
        "fatigue", "Driver fatigue from cab video",
        "Tired drivers cause accidents; the cameras are there already.",
        "Safety", "marcus", 49,
        ("spot tired drivers",), ("night dispatchers",), ("near misses",), "domain",
        outcome=outcome(
            "Halve near misses at night, from 14 to 7 a month",
            "near misses", "a month", "lower", "14", "7", "night dispatchers",
        ),
        sources=(source("cab video", "camera vendor", access_cleared=False, usable="not_yet"),),
        rated="4432322123", assessors=("dana", "june"),
    ),
    Candidate(
        "weights", "Container weight plausibility",
        "Declared weights are sometimes wrong and the crane stops.",
        "Operations", "will", 42,
        ("check declared weights",), ("port agents",), ("crane stops",),
        outcome=outcome(
            "Cut crane stops for wrong weights from 9 to 4 a month",
            "crane stops", "a month", "lower", "9", "4", "port agents",
        ),
        sources=(source("declared weights", "TMS"), source("crane weights", "terminal API")),
        rated="2212243443", assessors=("dana", "tomas"),
    ),
    Candidate(
        "translation", "Translate every e-mail",
        "A third of the mail is not in English.",
        "Customer care", "priya", 21,
        ("translate e-mail",), ("care agents",), ("mails waiting for a translator",),
        outcome=outcome(
            "Cut mails that wait for a translator from 900 to 50 a week",
            "mails waiting for a translator", "a week", "lower", "900", "50", "care agents",
        ),
        sources=(source("mailbox", "Exchange"),),
        review=review("care agent", "sampled", "send or correct", "corrections are kept",
                      sampled_percent=5),
        economics=economics(
            (80000, 120000, 150000), "0.9", "0.04", tokens=(600, 900, 2000), out=900,
            reviewed="0.05", minutes="2", fixed="1200", build="30000", models=LARGE,
        ),
        rated="3323554454", assessors=("priya", "tomas"),
    ),
    Candidate(
        "demurrage", "Demurrage forecast",
        "Which containers will be late next week? Planners guess.",
        "Operations", "ines", 18,
        ("forecast demurrage",), ("drayage planners",), ("demurrage fees",), "reasoning",
        outcome=outcome(
            "Cut demurrage fees from 52 to 30 thousand dollars a month",
            "demurrage fees", "thousand USD", "lower", "52", "30", "drayage planners",
        ),
        sources=(source("container events", "carrier EDI feed"),),
        rated="3332323343", assessors=("ines", "tomas"),
    ),
    Candidate(
        "contracts", "Contract clause search",
        "Legal searches 3,000 carrier contracts by hand for one clause.",
        "Legal", "june", 13,
        ("find contract clauses",), ("legal counsel",), ("hours per search",), "domain",
        outcome=outcome(
            "Find a clause in 10 minutes rather than 3 hours",
            "hours per search", "h", "lower", "3", "0.17", "legal counsel",
        ),
        sources=(source("carrier contracts", "SharePoint", clean=None, usable=""),),
        review=review("counsel", "all", "open the clause and judge", ""),
        economics=economics(
            120, "0.8", "190", tokens=(20000, 40000, 80000), out=600, reviewed="1", minutes="8",
            fixed="900", build="26000", models=(("openai", "gpt-5-legal", "1"),), kind="capacity",
        ),
        rated="2333544434", assessors=("june",),
    ),
    Candidate(
        "minutes", "Minutes of the morning call",
        "Somebody types what was decided in the 7:30 call, or nobody does.",
        "Operations", "marcus", 3,
        ("write minutes",), ("depot managers",), (),
    ),
    # --- out of the pipeline -----------------------------------------------------------------
    Candidate(
        "voice", "Voice bot for drivers",
        "Drivers call dispatch at night for an address.",
        "Operations", "ines", 84,
        ("answer drivers by voice",), ("night drivers",), ("calls to dispatch",),
        customer_facing=False, rated="3332322232", assessors=("dana", "ines"),
    ),
    Candidate(
        "forecast", "Demand forecast by lane",
        "Sales wants to know next quarter's volumes.",
        "Sales", "sofia", 76,
        ("forecast demand",), ("key account managers",), ("forecast error",), "reasoning",
        rated="3331233333", assessors=("dana", "tomas"),
    ),
    Candidate(
        "website", "Chat window on the home page",
        "A competitor has one.",
        "Marketing", "sofia", 96,
        ("chat with visitors",), ("visitors",), ("visits",), customer_facing=True,
        rated="2131222232", assessors=("dana", "priya"),
    ),
)  # fmt: skip
