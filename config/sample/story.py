"""What became of the sample's candidates: a victory, a failure, one that does well, one that slips.

Days are counted back from today, so that the two running lighthouses are always in their middle.
"""

from config.sample.candidates import CANDIDATES
from config.sample.telling import Teller
from portfolio.rules.pipeline import Stage
from portfolio.rules.words import Verdict


def write(story: Teller) -> None:
    """The whole story, ready to be told."""
    for candidate in CANDIDATES:
        story.candidate(candidate)
    _the_victory(story)
    _the_failure(story)
    _the_healthy_one(story)
    _the_one_in_trouble(story)
    _the_two_that_begin(story)
    _what_was_left_aside(story)
    _the_blind_round(story)


def _the_victory(story: Teller) -> None:
    """Customs declarations: 16 weeks, shipped in week 9, both numbers kept."""
    slug, will = "customs", "will"
    story.draw_up(slug, 178, will, 16)
    story.plan(
        slug, 176, will,
        how_measured="CBP queries ÷ declarations filed, weekly, from CargoWise",
        smallest_sample=200,
        production_environment="CargoWise side panel, Savannah desk",
        reading_plan="Will reads the broker dashboard every Monday",
    )  # fmt: skip
    story.confirm_data(slug, 175, "tomas")
    story.move(slug, 171, "dana", Stage.SELECTED)
    story.move(slug, 160, will, Stage.MOBILISING)
    story.milestone(slug, will, "Evaluation set of 400 declarations frozen", 160, 148, 150)
    story.milestone(slug, will, "Panel in the hands of three declarants", 158, 128, 126)
    story.milestone(slug, will, "All of the Savannah desk", 158, 112, 113)
    story.forecast(slug, will, 158, 110)
    story.forecast(slug, will, 135, 113, "Fewer tariff chapters in the first version")
    story.move(slug, 146, will, Stage.BUILDING)
    story.plan(slug, 115, will, review_working_on=story.day(116))
    story.ship(slug, will, 113)
    story.move(slug, 111, will, Stage.LIVE)
    for days, queried, minutes, sample in (
        (104, "13.1", "13", 410), (97, "11.4", "12.5", 520), (90, "10.2", "12", 560),
        (83, "9.0", "11.5", 590), (76, "8.1", "11", 610), (69, "7.4", "10.5", 640),
        (61, "6.8", "10.5", 655),
    ):  # fmt: skip
        story.reading(slug, will, days, "declarations queried", queried, sample, "CargoWise")
        story.reading(slug, will, days, "minutes per declaration", minutes, sample, "CargoWise")
    story.measure(
        slug, will, 59, "CargoWise, 16 weeks", success_share="0.83", retry_share="0.06",
        review_minutes="4.1",
    )  # fmt: skip
    story.look_back(
        slug, will, 57,
        "Asking declarants which chapters hurt, before choosing a model, saved a month. The "
        "evaluation set and the CargoWise connector are there for the next one. What we would do "
        "earlier: put the panel in front of one declarant in week 3.",
    )  # fmt: skip
    story.declare(slug, 56, Verdict.VICTORY)
    story.move(slug, 55, "dana", Stage.DECIDED)


def _the_failure(story: Teller) -> None:
    """Shipment status: shipped late in its weeks, missed the target and broke its guardrail."""
    slug, priya = "status", "priya"
    story.draw_up(slug, 163, priya, 12)
    story.plan(
        slug, 161, priya,
        how_measured="messages closed without an agent ÷ where-is-my-container messages, weekly",
        smallest_sample=500,
        production_environment="Zendesk, west coast queue",
        reading_plan="Priya reads the Zendesk export every Friday",
    )  # fmt: skip
    story.confirm_data(slug, 160, "tomas")
    story.move(slug, 154, "dana", Stage.SELECTED)
    story.move(slug, 143, priya, Stage.MOBILISING)
    story.milestone(slug, priya, "Carrier feed joined to messages", 143, 130, 121)
    story.milestone(slug, priya, "Answers live for one importer", 143, 112, 96)
    story.forecast(slug, priya, 140, 105)
    story.forecast(slug, priya, 119, 92, "The carrier feed lags by six hours")
    story.forecast(slug, priya, 103, 89)
    story.move(slug, 128, priya, Stage.BUILDING)
    story.plan(slug, 90, priya, review_working_on=story.day(91))
    story.ship(slug, priya, 88)
    story.move(slug, 87, priya, Stage.LIVE)
    wrong = "wrong answers found in the sample"
    for days, answered, found, sample in (
        (84, "24", "4.4", 900), (77, "33", "3.9", 1150), (72, "38", "3.1", 1210),
    ):  # fmt: skip
        story.reading(
            slug, priya, days, "messages answered without an agent", answered, sample,
            "Zendesk export",
        )  # fmt: skip
        story.reading(slug, priya, days, wrong, found, sample, "all sent answers, second reading")
    story.measure(
        slug, priya, 70, "Zendesk export and the provider's bill", volume_per_month="46200",
        success_share="0.38", retry_share="0.19", input_tokens="3100",
    )  # fmt: skip
    story.look_back(
        slug, priya, 66,
        "The answers were as old as the carriers' feed, and no model mends that. We knew of the "
        "lag in week 5 and hoped. Next time the data test asks how fresh a source is, and the "
        "agents' side panel comes before the automatic answer.",
    )  # fmt: skip
    story.declare(slug, 65, Verdict.FAILURE)
    story.move(slug, 64, "dana", Stage.DECIDED)


def _the_healthy_one(story: Teller) -> None:
    """Support triage: week 11 of 16, live for three weeks, nearly there, guardrails kept."""
    slug, marcus = "triage", "marcus"
    story.draw_up(slug, 80, marcus, 16)
    story.plan(
        slug, 78, marcus,
        how_measured="median of the week from opening to first human reply, from the BI export",
        smallest_sample=150,
        production_environment="Zendesk, all tier-1 queues",
        reading_plan="Marcus reads the BI export every Tuesday",
    )  # fmt: skip
    story.confirm_data(slug, 76, "tomas")
    story.move(slug, 73, "dana", Stage.SELECTED)
    story.move(slug, 64, marcus, Stage.MOBILISING)
    story.milestone(slug, marcus, "Evaluation set of 600 tickets frozen", 64, 54, 55)
    story.milestone(slug, marcus, "Drafts shown to two team leads", 62, 41, 42)
    story.milestone(slug, marcus, "Half of the queues", 62, 27, 27)
    story.milestone(slug, marcus, "Night shift trained", 30, 4, 5)
    story.milestone(slug, marcus, "Spanish tickets added", 12, -9)
    story.forecast(slug, marcus, 62, 20)
    story.forecast(slug, marcus, 48, 21)
    story.forecast(slug, marcus, 34, 24, "Routing was quicker than thought")
    story.move(slug, 50, marcus, Stage.BUILDING)
    story.plan(slug, 26, marcus, review_working_on=story.day(27))
    story.ship(slug, marcus, 24)
    story.move(slug, 23, marcus, Stage.LIVE)
    for days, hours, csat, twice, sample in (
        (22, "5.2", "4.3", "19", 780), (15, "3.1", "4.3", "14", 960), (8, "1.9", "4.4", "11", 1120),
        (1, "1.2", "4.4", "9", 1180),
    ):  # fmt: skip
        story.reading(
            slug, marcus, days, "first response time", hours, sample, "BI export",
            name=f"triage-{days}",
        )  # fmt: skip
        story.reading(slug, marcus, days, "CSAT", csat, sample // 4, "survey after closing")
        story.reading(slug, marcus, days, "tickets routed twice", twice, sample, "BI export")
    story.reading(
        slug, marcus, 15, "first response time", "3.4", 960, "BI export, with the weekend",
        corrects="triage-15", entered=14,
    )  # fmt: skip
    story.measure(
        slug, marcus, 6, "Zendesk, three weeks live", volume_per_month="43500",
        success_share="0.66", retry_share="0.17",
    )  # fmt: skip


def _the_one_in_trouble(story: Teller) -> None:
    """Dispute letters: week 10 of 12, not shipped, the date recedes as fast as time passes."""
    slug, ines = "disputes", "ines"
    story.draw_up(slug, 72, ines, 12)
    story.plan(
        slug, 70, ines,
        how_measured="money recovered ÷ money overbilled, by month of invoice, from SAP",
        smallest_sample=50,
        production_environment="SAP workflow of the audit team",
    )  # fmt: skip
    story.move(slug, 66, "dana", Stage.SELECTED)
    story.move(
        slug, 59, "dana", Stage.MOBILISING,
        override="Finance promised the cleaned rate extract within the week; we start meanwhile.",
    )  # fmt: skip
    story.milestone(slug, ines, "Contract rates in one table", 58, 44, 23)
    story.milestone(slug, ines, "Evaluation set of 150 disputes frozen", 58, 37, 20)
    story.milestone(slug, ines, "First letter signed by an auditor", 56, 22)
    story.milestone(slug, ines, "Whole audit team", 56, 8)
    story.forecast(slug, ines, 57, 15)
    story.forecast(slug, ines, 43, 3, "Rates still come in four spreadsheets")
    story.forecast(slug, ines, 29, -9, "The owner of the rate data changed teams")
    story.forecast(slug, ines, 15, -20, "Rates are clean now; letters quote the wrong clause")
    story.forecast(slug, ines, 3, -30, "One more round on clauses, then SAP's change window")
    story.move(slug, 35, ines, Stage.BUILDING)


def _the_two_that_begin(story: Teller) -> None:
    """Proof of delivery is in its third week; claims intake waits for its owner's word."""
    story.draw_up("proof", 19, "marcus", 14)
    story.plan(
        "proof", 17, "marcus",
        how_measured="notes with a typed field ÷ all notes of Newark, weekly, from the TMS",
        smallest_sample=1000,
    )  # fmt: skip
    story.move("proof", 16, "dana", Stage.SELECTED)
    story.confirm_data("proof", 9, "tomas")
    story.move("proof", 4, "marcus", Stage.MOBILISING)
    story.milestone("proof", "marcus", "Evaluation set of 500 photos frozen", 4, -6)
    story.milestone("proof", "marcus", "First depot shift", 4, -33)
    story.forecast("proof", "marcus", 3, -48)
    story.draw_up("claims", 3, "priya", 12, accepted=False)
    story.move("claims", 2, "dana", Stage.SELECTED)


def _what_was_left_aside(story: Teller) -> None:
    story.disqualify(
        "fatigue", 44, "june", "compliance_blocker",
        "The works council has not agreed to video of drivers, and two states forbid it.",
    )  # fmt: skip
    story.disqualify(
        "weights", 38, "tomas", "wrong_tool",
        "Comparing two numbers is a rule in the TMS; a model adds nothing but doubt.",
    )  # fmt: skip
    story.answer(
        "demurrage", 12, "tomas",
        {"data": {"answer": "no", "reason": "A third of the events arrive after the fee is due."}},
    )  # fmt: skip
    story.move(
        "voice", 68, "ines", Stage.PARKED,
        reason="Until the phone system is replaced in spring: today's has no interface.",
    )  # fmt: skip
    story.move(
        "forecast", 58, "dana", Stage.PARKED,
        reason="The planning team brings its statistical forecast live first; compare then.",
    )  # fmt: skip
    story.move(
        "website", 70, "dana", Stage.STOPPED,
        reason="Visitors look for a phone number, and find it. Nobody could name a number to move.",
    )  # fmt: skip


def _the_blind_round(story: Teller) -> None:
    """Two candidates of the middle, and one thing that nobody had noticed they disagree on."""
    detention, codes = ("detention", "tolerance"), ("codes", "tolerance")
    story.blind_round(
        "Detention fees and tariff codes", 13, 7.5, ("codes", "detention"),
        ("tolerance", "compliance"),
        {
            "dana": {
                detention: ("3", "4", "4.5", "A wrong alert costs one phone call."),
                ("detention", "compliance"): ("3.5", "4", "5", ""),
                codes: ("2", "2.5", "3.5", "A wrong code is corrected before the parcel flies."),
                ("codes", "compliance"): ("2.5", "3", "3.5", ""),
            },
            "will": {
                detention: ("1", "1.5", "2", "One missed alert at the port cost us $40k in May."),
                ("detention", "compliance"): ("4", "4.5", "5", "No personal data in it."),
                codes: ("2", "3", "4", ""),
                ("codes", "compliance"): ("2", "3", "4", "Broker licence covers it."),
            },
            "tomas": {
                detention: ("3", "3.5", "4.5", "Planners check every alert today."),
                ("detention", "compliance"): ("4", "4.5", "5", ""),
                codes: ("2.5", "3", "3.5", ""),
                ("codes", "compliance"): ("2.5", "3.5", "4", ""),
            },
        },
    )  # fmt: skip
