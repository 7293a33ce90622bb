from assessments.models.asking import Ending, Request
from assessments.models.calibration import Widening
from assessments.models.rating import Criterion, Disqualifier, Rating
from assessments.models.rounds import Round, SealedRating
from assessments.models.scenarios import Scenario
from assessments.models.testing import AnswerDraft, DataSource, FourTests, PersonsNo

__all__ = [
    "AnswerDraft",
    "Criterion",
    "DataSource",
    "Disqualifier",
    "Ending",
    "FourTests",
    "PersonsNo",
    "Rating",
    "Request",
    "Round",
    "Scenario",
    "SealedRating",
    "Widening",
]
