"""Guesses what the columns of a file and the stages in it mean, to be looked at and changed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portfolio.importing.tables import NUMBER_LIKE, one_line


class Field(StrEnum):
    """What a column can be to a use case."""

    TITLE = "title"
    PROBLEM = "problem"
    JOBS = "jobs"
    SEGMENTS = "segments"
    SUCCESS_METRICS = "success_metrics"
    BUSINESS_UNIT = "business_unit"
    EXTERNAL_KEY = "external_key"
    TASK_TYPE = "task_type"
    CUSTOMER_FACING = "customer_facing"
    STAGE = "stage"


LISTS = frozenset({Field.JOBS, Field.SEGMENTS, Field.SUCCESS_METRICS})
LEAST_SCORE = 5.0
LONGEST_STAGE_LABEL = 45


@dataclass(frozen=True)
class Shape:
    """What a column's values look like: shares from 0 to 1, and the commonest values."""

    filled: float
    distinct: float
    average_length: float
    numeric: float
    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Shape":
        filled = [text for text in texts if text]
        if not filled:
            return cls(0.0, 0.0, 0.0, 0.0)
        different = dict.fromkeys(filled)
        return cls(
            filled=len(filled) / len(texts),
            distinct=len(different) / len(filled),
            average_length=sum(map(len, filled)) / len(filled),
            numeric=sum(bool(NUMBER_LIKE.match(text)) for text in filled) / len(filled),
            values=tuple(different)[:60],
        )


def _rules(*pairs: tuple[str, float]) -> tuple[tuple[re.Pattern[str], float], ...]:
    return tuple((re.compile(pattern), score) for pattern, score in pairs)


# Headings are compared in lower case, without numbering, brackets and marks.
HEADINGS: Mapping[Field, tuple[tuple[re.Pattern[str], float], ...]] = {
    Field.EXTERNAL_KEY: _rules(
        (r"external (key|id|reference)$", 14),
        (r"issue key$", 13),
        (
            r"(use case|record|item|request|project|idea|initiative|candidate|inventory) "
            r"(id|key|ref|reference|number|no|identifier)$",
            12,
        ),
        (r"(id|key|ref|reference|identifier)$", 11),
        (r"(issue|ticket|work item|epic|story) (id|number|no)$", 8),
        (r"(no|nr|number|num)?$", 7),
        (r"use case id\b", 9),
    ),
    Field.TITLE: _rules(
        (r"(ai )?use case (name|title)$", 14),
        (r"title$", 13),
        (
            r"(idea|initiative|project|candidate|tool|product|opportunity|solution) (name|title)$",
            11,
        ),
        (r"(ai )?(use case|initiative|idea|opportunity|candidate)$", 11),
        (r"name( of .*(use case|idea|project))?$", 10),
        (r"(summary|headline|subject|short description)$", 8),
        (r"(project|tool|product|feature|task|what)$", 6),
    ),
    Field.PROBLEM: _rules(
        (r"problems?( statement| description)?$", 14),
        (r".*\bproblem\b.*\bsolved?\b", 13),
        (r".*\bpurpose\b", 10),
        (r"((use case|project|business|long|detailed) )?description$", 11),
        (r"(pain points?|challenge|business need|need|business case|background|abstract)$", 9),
        (r"summary$", 7),
        (r"(details|notes|comments?)$", 5),
    ),
    Field.JOBS: _rules(
        (r"jobs?( to be done)?( of the user)?$", 12),
        (r"(user )?(tasks|jobs)$", 9),
        (r"jtbd$", 12),
    ),
    Field.SEGMENTS: _rules(
        (r"((user|customer|target) )?segments?$", 12),
        (r"(target |end |primary |intended )?(users?|audience|personas?)$", 10),
        (r"user groups?$", 10),
    ),
    Field.SUCCESS_METRICS: _rules(
        (r"success (metrics?|measures?|criteri(a|on))$", 13),
        (r"(kpi|kpis|key performance indicators?)$", 12),
        (r"(outcome |target )?metrics?$", 9),
        (r"measures? of success$", 11),
    ),
    Field.BUSINESS_UNIT: _rules(
        (r"business (unit|area|line|function)$", 14),
        (r"(owning|owner|responsible|sponsoring) (team|unit|department|office)$", 10),
        (r"bureau( component)?$", 10),
        (r"(department|division|directorate)( name)?$", 9),
        (r"(publishing body|publisher|organi[sz]ation)( name)?$", 9),
        (r"(team|function|unit|agency)( name)?$", 8),
        (r".*\b(office|administration)$", 7),
        (r"components?( s)?$", 6),
    ),
    Field.TASK_TYPE: _rules((r"(ai )?task (type|class)$", 12), (r"type of task$", 12)),
    Field.CUSTOMER_FACING: _rules(
        (r"(customer|public|client|externally?|consumer) facing$", 12),
        (r"(is|are|does) (\w+ ){0,4}(customer|public|client|externally?) facing$", 10),
        (r"(customer|public) (visible|sees outputs?)$", 10),
    ),
    Field.STAGE: _rules(
        (
            r"((current|development|dev|project|life ?cycle|pipeline|deployment|use case) )?"
            r"stage( of development)?$",
            13,
        ),
        (r"((current|project|development|deployment|implementation|use case) )?status$", 10),
        (r"((current|project|development) )?phase$", 9),
        (r"state$", 7),
        (r".*\bstage\b", 6),
        (r".*\bstatus\b", 4),
    ),
}

NUMBERING = re.compile(r"^(?:\d+[._) ]+|[a-z]\)\s*)")
BRACKETS = re.compile(r"[\[(][^\])]*[\])]")
MARKS = re.compile(r"[\W_]+")
YES = frozenset({"yes", "y", "true", "1", "x", "external", "ja", "oui", "si"})
NO = frozenset({"no", "n", "false", "0", "internal", "nein", "non"})

TASK_TYPES = _rules(
    (r".*\breason", 0.0),
    (r".*\broutine|.*\bat scale", 0.0),
    (r".*\bdomain|.*\bspeciali[sz]ed", 0.0),
)
TASK_TYPE_NAMES = ("reasoning", "routine", "domain")

# In this order: what a word takes back (not in production, pre-deployment, retired) goes first.
STAGES = _rules(
    (r"retired|cancel|reject|declin|won.?t|discontinu|abandon|decommission|stopped|terminat|"
     r"obsolete|duplicate|withdrawn|sunset", 0),
    (r"on.?hold|parked|paused|defer|blocked|postpon|suspend", 1),
    (r"selected|approved|accepted|prioriti[sz]ed|committed|ready for dev", 2),
    (r"qualified|validated|shortlist|vetted", 3),
    (r"mobili[sz]|kick.?off|procure", 4),
    (r"planned|ideation|\bideas?\b|backlog|to.?do\b|\bnew\b|\bopen\b|draft|propos|candidate|"
     r"submitted|intake|discovery|research|explor|investigat|requested|triage|initiat(?!ive)|"
     r"^(now|next|later|concept)$", 5),
    (r"pre.?(deploy|prod)|not (yet )?in (production|use)|pilot|in.?progress|develop|acqui|build|"
     r"implement|\btest|acceptance|\buat\b|review|proof.of.concept|prototyp|\bpoc\b|trial|\bbeta\b",
     6),
    (r"operation|deploy|production|in.mission|in.use|\blive\b|released|launched|shipped|"
     r"maintenance|rolled.out|\bactive\b|^(done|complete|completed|closed|resolved)$", 7),
)  # fmt: skip
STAGE_NAMES = (
    "stopped", "parked", "selected", "qualified", "mobilising", "proposed", "building", "live",
)  # fmt: skip
STAGE_LETTER = re.compile(r"^[a-z]\)\s*", re.IGNORECASE)
STAGE_LABEL_END = re.compile(r"\s+[-–—]\s+|\s*[:(]|\s+–")


def guess_columns(
    shapes: Mapping[str, Shape], remembered: Mapping[str, str] | None = None
) -> dict[str, str]:
    """For each column by name, the field that it most likely is; the others are left out.

    A remembered mapping wins, also where it says that a column is nothing (an empty field).
    No field and no column is given twice.
    """
    known = {name: field for name, field in (remembered or {}).items() if name in shapes}
    mapping = {name: field for name, field in known.items() if field in set(Field)}
    scores = sorted(
        (
            (score_of(name, shape, field), -place, name, field)
            for place, (name, shape) in enumerate(shapes.items())
            if name not in known
            for field in Field
        ),
        key=lambda score: score[:2],
        reverse=True,
    )
    for score, _, name, field in scores:
        if score < LEAST_SCORE:
            break
        if name not in mapping and field not in mapping.values():
            mapping[name] = field
    return {name: mapping[name] for name in shapes if name in mapping}


def score_of(name: str, shape: Shape, field: Field) -> float:
    """How much the column looks like the field; below LEAST_SCORE it does not."""
    words = heading_words(name)
    score = max((value for rule, value in HEADINGS[field] if rule.match(words)), default=0.0)
    if not score or not shape.filled:
        return 0.0
    match field:
        case Field.TITLE:
            score -= 8 * (shape.average_length > 160) + 8 * (shape.numeric > 0.5)
            score -= 6 * (1 - shape.distinct) + 6 * (1 - shape.filled)
        case Field.PROBLEM:
            score -= 5 * (shape.average_length < 25) + 5 * (shape.distinct < 0.2)
            score += 2 * (shape.average_length > 150)
        case Field.EXTERNAL_KEY:
            score -= 30 * (1 - shape.distinct) + 8 * (1 - shape.filled)
            score -= 8 * (shape.average_length > 60)
        case Field.BUSINESS_UNIT:
            score -= 4 * (1 - shape.filled) + 8 * (shape.numeric > 0.5)
            score -= 6 * (shape.average_length > 100)
        case Field.STAGE:
            known = [value for value in shape.values if guess_stage(value)]
            score -= 8 * (shape.distinct > 0.5 and len(shape.values) > 12)
            score -= 8 * (shape.numeric > 0.5)
            score += 4 * len(known) / max(1, len(shape.values))
        case Field.TASK_TYPE:
            known = [value for value in shape.values if as_task_type(value)]
            score -= 12 * (len(known) < 0.5 * len(shape.values))
        case Field.CUSTOMER_FACING:
            known = [value for value in shape.values if as_yes_or_no(value) is not None]
            score -= 12 * (len(known) < 0.8 * len(shape.values))
        case Field.JOBS | Field.SEGMENTS | Field.SUCCESS_METRICS:
            score -= 8 * (shape.numeric > 0.5) + 6 * (shape.average_length > 250)
    return score


def heading_words(name: str) -> str:
    """The heading's words alone: without numbering, brackets, marks and what follows a line."""
    first = one_line(BRACKETS.sub(" ", name)).casefold()
    return MARKS.sub(" ", NUMBERING.sub("", first)).strip()


def key_preference(shapes: Mapping[str, Shape], mapping: Mapping[str, str]) -> list[str]:
    """The columns to try as a key: identifiers, links, the title, then what differs most."""

    def preference(name: str) -> float:
        shape, words = shapes[name], heading_words(name)
        if not shape.filled or shape.average_length > 2_000:
            return 0.0
        score = shape.distinct * shape.filled
        if mapping.get(name) == Field.EXTERNAL_KEY:
            score += 10
        elif re.search(r"\b(id|key|identifier|reference|url|link|uri)$", words):
            score += 6 * shape.filled * shape.distinct
        elif mapping.get(name) == Field.TITLE:
            score += 5
        elif mapping.get(name) in (Field.BUSINESS_UNIT, Field.PROBLEM):
            score += 2
        elif re.search(r"\b(agency|department|office|bureau|outputs?|date)\b", words):
            score += 0.5
        return score if score > 0.05 else 0.0

    ordered = sorted(shapes, key=preference, reverse=True)
    return [name for name in ordered if preference(name) > 0]


def guess_stage(value: str) -> str:
    """The stage of ours that a source's stage most likely is, or nothing."""
    label = stage_label(value)
    if not label or len(label) > LONGEST_STAGE_LABEL:
        return ""
    # A remark such as "planned (not in production)" is left out of the label, so look there last.
    for text in (label.casefold(), one_line(value).casefold()[:LONGEST_STAGE_LABEL]):
        for rule, place in STAGES:
            if rule.search(text):
                return STAGE_NAMES[int(place)]
    return ""


def guess_stages(
    values: Sequence[str], remembered: Mapping[str, str] | None = None
) -> dict[str, str]:
    """For each of the source's stages, ours; a remembered one wins, an unknown one is proposed."""
    known = remembered or {}
    return {value: known.get(value) or guess_stage(value) or "proposed" for value in values}


def stage_label(value: str) -> str:
    """The short name that a long stage begins with: "Pilot" of "b) Pilot – The use case has …"."""
    plain = STAGE_LETTER.sub("", one_line(value))
    return STAGE_LABEL_END.split(plain, maxsplit=1)[0].strip(" .;,")


def as_yes_or_no(value: str) -> bool | None:
    plain = STAGE_LETTER.sub("", value.strip()).casefold().strip(" .")
    if plain in YES:
        return True
    return False if plain in NO else None


def as_task_type(value: str) -> str:
    """The task type that the words mean, or nothing."""
    plain = MARKS.sub(" ", value.casefold())
    return next(
        (
            name
            for (rule, _), name in zip(TASK_TYPES, TASK_TYPE_NAMES, strict=True)
            if rule.match(plain)
        ),
        "",
    )
