"""Values as people read them: formatting only, so nothing here decides anything."""

from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

NOTHING = "–"
SYMBOLS = {
    "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "BRL": "R$", "AUD": "A$",
    "CAD": "C$", "NZD": "NZ$",
}  # fmt: skip
STEPS = [(Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "k")]
MINUTE, HOUR, DAY = 60, 3_600, 86_400

# Words that a slug alone does not say well.
SPELLED = {
    "not_ready": "not ready",
    "ai_fit": "AI fit",
    "at_least": "at least",
    "at_most": "at most",
    "not_shipped": "not shipped by the verdict day",
    "not_measured": "not measured",
    "target_missed": "target missed",
    "guardrail_broken": "guardrail broken",
    "pending": "verdict pending",
    "review": "human in the loop",
    "economics": "unit economics",
}


def _decimal(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _trimmed(value: Decimal) -> str:
    """The same number without trailing zeros, with thousands marked."""
    words = f"{value:,f}"
    return words.rstrip("0").rstrip(".") if "." in words else words


def _significant(value: Decimal, digits: int) -> Decimal:
    """The value to so many significant digits, never coarser than whole units."""
    places = max(0, digits - 1 - value.adjusted()) if value else 0
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


def _with_currency(amount: Decimal, body: str, currency: str) -> str:
    minus = "−" if amount < 0 else ""
    symbol = SYMBOLS.get(currency)
    if symbol:
        return f"{minus}{symbol}{body}"
    return f"{minus}{currency}\u00a0{body}" if currency else f"{minus}{body}"


@register.filter
def money(value: object, currency: str = "") -> str:
    """An amount at a glance, to three digits: $146k, €1.24M, $0.058."""
    amount = _decimal(value)
    if amount is None:
        return NOTHING
    size = abs(amount)
    for step, letter in STEPS:
        # Rounding comes before the choice of the step: 999,600 is 1M, not 1,000k.
        scaled = _significant(size / step, 3)
        if scaled >= 1:
            return _with_currency(amount, _trimmed(scaled) + letter, currency)
    return _with_currency(amount, _trimmed(_significant(size, 3)), currency)


@register.filter
def money_plain(value: object, currency: str = "") -> str:
    """An amount in full: $146,200, $0.0584; cents are written whole."""
    amount = _decimal(value)
    if amount is None:
        return NOTHING
    body = _trimmed(abs(amount))
    whole, _, cents = body.partition(".")
    return _with_currency(amount, f"{whole}.{cents}0" if len(cents) == 1 else body, currency)


@register.filter
def money_whole(value: object, currency: str = "") -> str:
    """An amount in full to whole units: $146,200; below 100 as `money` has it."""
    amount = _decimal(value)
    if amount is None or abs(amount) < 100:
        return money(value, currency)
    size = abs(amount).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    return _with_currency(amount, _trimmed(size), currency)


@register.filter
def whole(value: object) -> str:
    """A count to whole units: 12,346."""
    amount = _decimal(value)
    return number(None if amount is None else amount.quantize(Decimal(1), ROUND_HALF_EVEN))


@register.filter
def number(value: object, unit: str = "") -> str:
    """A number as it was given, without idle zeros: 0.5, 1,204; with its unit where given."""
    amount = _decimal(value)
    if amount is None:
        return NOTHING
    words = _trimmed(amount).replace("-", "−")
    if not unit:
        return words
    return f"{words}\u00a0{unit}"


@register.filter
def score(value: object) -> str:
    """A score with one decimal, as the ranking shows it."""
    amount = _decimal(value)
    if amount is None:
        return NOTHING
    return f"{amount.quantize(Decimal('0.1'), rounding=ROUND_HALF_EVEN):f}"


@register.simple_tag
def origin(reference: str, number: str, words: str, query: str = "") -> str:
    """Words of a number that open to where it comes from; plain where there is none."""
    if words == NOTHING:
        return words
    asked = f"?{query}" if query else ""
    return format_html(
        '<a href="/use-cases/{}/numbers/{}/{}">{}</a>', reference, number, asked, words
    )


@register.filter
def share(value: object) -> str:
    """A share of one as a percentage: 0.41 is 41 %; a small one keeps a decimal."""
    amount = _decimal(value)
    if amount is None:
        return NOTHING
    percent = amount * 100
    places = Decimal("0.1") if 0 < abs(percent) < 10 else Decimal(1)
    return f"{_trimmed(percent.quantize(places, rounding=ROUND_HALF_EVEN))}\u00a0%".replace(
        "-", "−"
    )


@register.filter
def chance(value: object) -> str:
    """A chance from 0 to 1 as a whole percentage, which is 0 or 100 only where it is certain."""
    amount = _decimal(value)
    if amount is None:
        return NOTHING
    percent = (amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN)
    if percent == 0 < amount:
        return "<\u00a01\u00a0%"
    if percent == 100 and amount < 1:
        return ">\u00a099\u00a0%"
    return f"{percent:f}\u00a0%"


@register.filter
def percent(value: object) -> str:
    """A share of one as a bare whole number of percent, as in "52 to 48"."""
    amount = _decimal(value)
    if amount is None:
        return NOTHING
    return f"{(amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN):f}"


@register.filter
def three_points(low: object, high: object) -> str:
    """Low to high in words: "2 to 4", or one number where they are equal."""
    first, last = _decimal(low), _decimal(high)
    if first is None or last is None:
        return NOTHING
    return number(first) if first == last else f"{number(first)} to {number(last)}"


@register.filter
def shares(low: object, high: object) -> str:
    """Low to high of a share, each as a percentage: 30 % to 50 %."""
    first, last = share(low), share(high)
    return first if first == last else f"{first} to {last}"


@register.filter
def day(value: date | datetime | None, today: date | None = None) -> str:
    """A day as one says it: 3 March; with its year where it is not today's."""
    if not value:
        return NOTHING
    words = f"{value.day} {value:%B}"
    return f"{words} {value.year}" if today is not None and today.year != value.year else words


@register.filter
def day_year(value: date | datetime | None) -> str:
    """A day with its year: 3 March 2026."""
    return f"{value.day} {value:%B} {value.year}" if value else NOTHING


def clock(value: datetime | None) -> str:
    """A time of day: 14:05."""
    return f"{value:%H:%M}" if value else NOTHING


def _count(amount: int, one: str, many: str) -> str:
    return f"{amount} {one if amount == 1 else many}"


def ago(value: datetime | None, now: datetime | None = None) -> str:
    """How long before `now`: "40 s ago", "3 h ago", "yesterday", then the day itself."""
    if value is None or now is None:
        return day(value)
    seconds = int((now - value).total_seconds())
    if seconds < 0:
        return "in a moment" if seconds > -MINUTE else f"on {day(value, now.date())}"
    if seconds < 5:
        return "just now"
    if seconds < MINUTE:
        return f"{seconds}\u00a0s ago"
    if seconds < HOUR:
        return f"{seconds // MINUTE}\u00a0min ago"
    if seconds < DAY:
        return f"{seconds // HOUR}\u00a0h ago"
    days = seconds // DAY
    if days < 14:
        return "yesterday" if days == 1 else f"{days} days ago"
    return f"on {day(value, now.date())}"


@register.filter
def days_away(value: date | None, today: date) -> str:
    """A day seen from today: "today", "in 3 days", "2 days late"."""
    if not value:
        return NOTHING
    days = (value - today).days
    if days == 0:
        return "today"
    if days == 1:
        return "tomorrow"
    if days > 0:
        return f"in {_count(days, 'day', 'days')}" if days < 15 else day(value, today)
    return f"{_count(-days, 'day', 'days')} late"


@register.filter
def due_state(value: date | None, today: date) -> str:
    """The tone of a due day: "late", "today" or "ahead"."""
    if not value or value > today:
        return "ahead"
    return "today" if value == today else "late"


@register.filter
def spelled(slug: object) -> str:
    """A slug or an enum's value in words: on_track is "on track"."""
    plain = str(getattr(slug, "value", slug) or "")
    return SPELLED.get(plain, plain.replace("_", " ").replace("-", " "))


@register.filter
def listed(words: object) -> str:
    """Several words as a sentence has them: "a, b and c"."""
    found = [str(word) for word in words or []]
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} and {found[-1]}"


@register.filter
def zone(name: str) -> str:
    """A time zone as people read it: America/New York."""
    return name.replace("_", " ")


@register.simple_tag
def moment(value: datetime | None, now: datetime | None = None) -> SafeString | str:
    """A time element that says how long ago, and the exact instant on hover."""
    if value is None:
        return NOTHING
    return format_html(
        '<time datetime="{}" title="{} {}">{}</time>',
        value.isoformat(timespec="seconds"),
        day_year(value),
        clock(value),
        ago(value, now) if now else day(value),
    )


@register.simple_tag
def control(field, described_by: str = "", bare: bool = False, **attributes: str) -> SafeString:
    """A form field's widget, told which texts describe it; `data_x` becomes `data-x`.

    An empty attribute changes nothing; `bare` takes the widget's own placeholder away.
    """
    attrs = {name.replace("_", "-"): value for name, value in attributes.items() if value != ""}
    if bare:
        attrs["placeholder"] = False
    ids = [*described_by.split(), *([f"{field.auto_id}_error"] if field.errors else [])]
    if ids and not field.use_fieldset:
        attrs["aria-describedby"] = " ".join(ids)
    return field.as_widget(attrs=attrs)


@register.filter
def stage_place(stage: object) -> int:
    """How far along the pipeline a stage stands, 0 for the ways out."""
    order = ["proposed", "qualified", "selected", "mobilising", "building", "live", "decided"]
    plain = str(getattr(stage, "value", stage) or "")
    return order.index(plain) + 1 if plain in order else 0
