"""The shape of calibration in the API."""

from decimal import Decimal

from rest_framework import serializers

from assessments.calibrating import Person, Told
from assessments.models import Widening
from assessments.rules import calibration
from assessments.rules.calibration import LEAST_FACTOR, MOST_FACTOR, Day, Finding, Judgement, Kind
from assessments.serializers.fields import members
from portfolio.serializers.fields import PlainDecimal, StrictSerializer, plain

_PLACES = Decimal("0.0001")


def rounded(value) -> str | None:
    """A fraction with four decimals at most, as text."""
    if value is None:
        return None
    return plain((Decimal(value.numerator) / Decimal(value.denominator)).quantize(_PLACES))


class JudgedSerializer(serializers.Serializer):
    """What the cases of one kind say; shares and the error are null while nothing is claimed."""

    n = serializers.IntegerField()
    held = serializers.IntegerField(help_text="Ranges that held it, or days kept.")
    finding = serializers.ChoiceField(choices=members(Finding))
    share = serializers.CharField(allow_null=True)
    share_low = serializers.CharField(allow_null=True, help_text="Of the 95 % interval (Wilson).")
    share_high = serializers.CharField(allow_null=True)
    median_error = serializers.CharField(
        allow_null=True,
        help_text="Assumptions: how far the truth lies above likely, as a share of it. Forecasts:"
        " days late. Time to value: points too high.",
    )
    factor = PlainDecimal(allow_null=True, help_text="The widening that the cases suggest.")
    held_then = serializers.IntegerField(allow_null=True, help_text="Held if widened by it.")
    words = serializers.CharField()

    def to_representation(self, found: Judgement) -> dict:
        is_claimed = found.is_claimed
        return {
            "n": found.n,
            "held": found.held,
            "finding": found.finding.value,
            "share": rounded(found.share) if is_claimed else None,
            "share_low": rounded(found.low) if is_claimed else None,
            "share_high": rounded(found.high) if is_claimed else None,
            "median_error": rounded(found.off),
            "factor": None if found.factor is None else plain(found.factor),
            "held_then": found.held_then,
            "words": calibration.words(found),
        }


class WideningSerializer(serializers.Serializer):
    """By what factor a person's ratings are widened; null where they count as said."""

    factor = PlainDecimal(allow_null=True)
    set_by = serializers.EmailField(allow_null=True)
    set_at = serializers.DateTimeField(allow_null=True)
    revision = serializers.IntegerField()

    def to_representation(self, row: Widening | None) -> dict:
        if row is None or row.pk is None:
            return {"factor": None, "set_by": None, "set_at": None, "revision": 0}
        return {
            "factor": plain(row.factor),
            "set_by": row.set_by.email if row.set_by else None,
            "set_at": row.set_at,
            "revision": row.revision,
        }


class FactorSerializer(StrictSerializer):
    """The factor; without one it is what the person's cases suggest."""

    factor = PlainDecimal(
        max_digits=2, decimal_places=1, min_value=LEAST_FACTOR, max_value=MOST_FACTOR,
        required=False,
    )  # fmt: skip


class KindsSerializer(serializers.Serializer):
    """By kind."""

    assumption = JudgedSerializer()
    forecast = JudgedSerializer()
    time_to_value = JudgedSerializer()


class CalibratedSerializer(serializers.Serializer):
    """One person: all ranges together, and each kind."""

    id = serializers.IntegerField()
    email = serializers.EmailField()
    name = serializers.CharField()
    ranges = JudgedSerializer(help_text="Assumptions and ratings together.")
    kinds = KindsSerializer()
    widening = WideningSerializer()

    def to_representation(self, person: Person) -> dict:
        return {
            "id": person.user.pk,
            "email": person.user.email,
            "name": person.user.name,
            "ranges": JudgedSerializer(person.ranges).data,
            "kinds": {
                kind.value: JudgedSerializer(found).data
                for kind, found in zip(Kind, person.kinds, strict=True)
            },
            "widening": WideningSerializer(person.widening).data
            if person.widening
            else WideningSerializer().to_representation(None),
        }


class CalibrationSerializer(serializers.Serializer):
    """Everybody of whom something came true, by name."""

    least = serializers.IntegerField(help_text="Nothing is claimed of fewer cases.")
    people = CalibratedSerializer(many=True)


class CaseSerializer(serializers.Serializer):
    """What was said and what came true: a range with its truth, or two days."""

    kind = serializers.ChoiceField(choices=members(Kind))
    use_case = serializers.CharField()
    about = serializers.CharField(help_text="The input, where it is an assumption; else empty.")
    said_on = serializers.DateField(allow_null=True, help_text="Null: before the start.")
    true_on = serializers.DateField()
    low = PlainDecimal(allow_null=True)
    likely = PlainDecimal(allow_null=True)
    high = PlainDecimal(allow_null=True)
    came_true = PlainDecimal(allow_null=True)
    ships_on = serializers.DateField(allow_null=True, help_text="The day forecast.")
    shipped_on = serializers.DateField(allow_null=True)
    held = serializers.BooleanField(help_text="In the range, or by the day said.")
    source = serializers.CharField(help_text="Of the measurement; may be empty.")

    def to_representation(self, told: Told) -> dict:
        case = told.case
        is_day = isinstance(case, Day)
        points = {name: None if is_day else plain(getattr(case, name))
                  for name in ("low", "likely", "high")}  # fmt: skip
        return {
            "kind": told.kind.value,
            "use_case": told.use_case.reference,
            "about": told.about,
            "said_on": told.said_on,
            "true_on": told.true_on,
            **points,
            "came_true": None if is_day else plain(case.true),
            "ships_on": case.said if is_day else None,
            "shipped_on": case.true if is_day else None,
            "held": case.fits,
            "source": told.source,
        }


class WholeCalibratedSerializer(CalibratedSerializer):
    """One person with every case."""

    cases = CaseSerializer(many=True)

    def to_representation(self, person: Person) -> dict:
        return {
            **super().to_representation(person),
            "cases": CaseSerializer(person.told, many=True).data,
        }
