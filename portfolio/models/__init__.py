from portfolio.models.delivery import (
    Amendment,
    Contract,
    Forecast,
    Lighthouse,
    LighthouseStanding,
    Milestone,
    Reading,
)
from portfolio.models.discussion import Comment
from portfolio.models.events import Event, Tombstone
from portfolio.models.history import MeasuredAssumption, PastPlace
from portfolio.models.intake import Import, ImportProblem, RememberedMapping
from portfolio.models.likeness import Likeness, Lookalike
from portfolio.models.people import ApiToken, Invitation, Membership, Portfolio, User
from portfolio.models.pipeline import (
    GateOverride,
    Guardrail,
    Ranking,
    Simulation,
    Standing,
    SuccessMetric,
    UseCase,
)
from portfolio.models.running import KeptAnswer, Pulse
from portfolio.models.table import BulkChange, BulkChangeRow, SavedView

__all__ = [
    "Amendment",
    "ApiToken",
    "BulkChange",
    "BulkChangeRow",
    "Comment",
    "Contract",
    "Event",
    "Forecast",
    "GateOverride",
    "Guardrail",
    "Import",
    "ImportProblem",
    "Invitation",
    "KeptAnswer",
    "Lighthouse",
    "LighthouseStanding",
    "Likeness",
    "Lookalike",
    "MeasuredAssumption",
    "Membership",
    "Milestone",
    "PastPlace",
    "Portfolio",
    "Pulse",
    "Ranking",
    "Reading",
    "RememberedMapping",
    "SavedView",
    "Simulation",
    "Standing",
    "SuccessMetric",
    "Tombstone",
    "UseCase",
    "User",
]
