"""Judges what one call of a model costs, from a dated public price table that is shipped with us.

The table is a library without network or clock. It knows prices from a day on and by size of the
input, so a call is priced on its own tokens and at its own day, never on summed ones. Where a price
depends on the time of day, that of noon UTC is taken, which is the fuller one so far.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from importlib.metadata import version

import genai_prices
from genai_prices.data_snapshot import find_provider_by_id, get_snapshot
from genai_prices.types import ModelInfo, Provider, TieredPrices

from portfolio.rules.findings import Objection

PRICED_BY = f"genai-prices {version('genai-prices')}"
CURRENCY = "USD"
_MOST_SUGGESTIONS = 3
_CLOSE = 0.75  # a far-fetched suggestion is worse than none
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class Price:
    """What one call costs in US dollars, and of which model's price that is."""

    per_call: Decimal
    provider: str
    model: str  # as the table calls it
    model_name: str
    on: date
    priced_by: str


@dataclass(frozen=True)
class UnknownModel:
    """The table has no price for this: unknown, never zero."""

    provider: str
    model: str
    words: str
    near: tuple[str, ...] = ()  # names that may be meant


@dataclass(frozen=True)
class ManualPrice:
    """A price that a person gives with a reason, for a million tokens."""

    input: Decimal
    output: Decimal
    reason: str
    cached: Decimal | None = None


def price_of_call(
    provider: str,
    model: str,
    on: date,
    input_tokens: Decimal,
    cached_tokens: Decimal,
    output_tokens: Decimal,
) -> Price | UnknownModel:
    """The price of one call; `cached_tokens` are part of the input, at full price if none is known.

    Token counts may be averages and so have fractions.
    """
    found = _find(provider, model)
    if isinstance(found, UnknownModel):
        return found
    its_provider, its_model = found
    at = datetime.combine(on, time(12), tzinfo=UTC)
    prices = its_model.get_prices(at)
    unpriced = [
        side
        for side, tokens, price in (
            ("input", input_tokens, prices.input_mtok),
            ("output", output_tokens, prices.output_mtok),
        )
        if tokens > 0 and price is None
    ]
    if unpriced:
        return UnknownModel(
            provider,
            model,
            f"The price table knows {its_model.name or its_model.id} but not what its "
            f"{' and '.join(unpriced)} costs by the token. Give a manual price with a reason.",
        )
    usage = genai_prices.Usage(
        input_tokens=input_tokens, cache_read_tokens=cached_tokens, output_tokens=output_tokens
    )
    cost = its_model.calc_price(usage, its_provider, genai_request_timestamp=at)
    return Price(
        per_call=cost.total_price,
        provider=its_provider.id,
        model=its_model.id,
        model_name=its_model.name or its_model.id,
        on=on,
        priced_by=PRICED_BY,
    )


def price_by_hand(
    price: ManualPrice, input_tokens: Decimal, cached_tokens: Decimal, output_tokens: Decimal
) -> Decimal:
    """The price of one call at a manual price, in the currency in which it was given."""
    cached = price.input if price.cached is None else price.cached
    fresh_tokens = input_tokens - cached_tokens
    return (
        fresh_tokens * price.input + cached_tokens * cached + output_tokens * price.output
    ) / _MILLION


def object_to_price(position: int, model: str, manual: ManualPrice | None) -> Iterable[Objection]:
    """What keeps a step from having a price: no model named, or a manual price out of nowhere."""
    field = f"route.steps.{position}"
    if manual is None:
        if not model.strip():
            yield Objection(f"{field}.model", "Name the model, or give a manual price.")
        return
    given = (manual.input, manual.output, manual.cached or Decimal(0))
    if any(not price.is_finite() or price < 0 for price in given):
        yield Objection(f"{field}.manual_price", "A price is zero or more.")
    if not manual.reason.strip():
        yield Objection(
            f"{field}.manual_price.reason",
            "Say where a manual price comes from, such as “our contract of May, page 4”.",
        )


@dataclass(frozen=True)
class Offer:
    """A model of the table with what a million of its tokens cost; None where it does not say."""

    provider: str
    model: str
    name: str
    input: Decimal | None
    cached: Decimal | None
    output: Decimal | None
    is_tiered: bool  # these are its lowest prices: larger inputs cost more

    @property
    def is_priced(self) -> bool:
        return self.input is not None and self.output is not None


def offers(asked: str, provider: str, on: date, most: int) -> list[Offer]:
    """Models whose provider, id or name holds every word asked for, priced at that day."""
    at = datetime.combine(on, time(12), tzinfo=UTC)
    words = asked.lower().split()
    provider = provider.strip().lower()
    found: list[tuple[tuple[bool, bool, int, str, str], Offer]] = []
    for shelf in get_snapshot().providers:
        if provider and provider not in (shelf.id.lower(), shelf.name.lower()):
            continue
        for model in shelf.models:
            text = f"{shelf.id} {shelf.name} {model.id} {model.name or ''}".lower()
            if all(word in text for word in words):
                offer = _offer(shelf, model, at)
                starts = bool(words) and model.id.lower().startswith(words[-1])
                length = len(model.id) if words else 0  # the plain model before its variants
                key = (not offer.is_priced, not starts, length, shelf.id, model.id)
                found.append((key, offer))
    return [offer for _, offer in sorted(found, key=lambda pair: pair[0])[:most]]


def _offer(shelf: Provider, model: ModelInfo, at: datetime) -> Offer:
    prices = model.get_prices(at)
    tiers = [prices.input_mtok, prices.cache_read_mtok, prices.output_mtok]
    fresh, cached, output = (t.base if isinstance(t, TieredPrices) else t for t in tiers)
    return Offer(
        shelf.id,
        model.id,
        model.name or model.id,
        fresh,
        cached,
        output,
        is_tiered=any(isinstance(tier, TieredPrices) for tier in tiers),
    )


def known_providers() -> list[str]:
    """The providers that the table knows, for a form to suggest."""
    return sorted(provider.id for provider in get_snapshot().providers)


def _find(provider: str, model: str) -> tuple[Provider, ModelInfo] | UnknownModel:
    provider, model = provider.strip(), model.strip()
    if not model:
        return UnknownModel(provider, model, "Name the model.")
    snapshot = get_snapshot()
    of_provider = find_provider_by_id(snapshot.providers, provider) if provider else None
    if provider and of_provider is None:
        near = _near(provider, [known.id for known in snapshot.providers])
        return UnknownModel(
            provider, model, f"The price table knows no provider “{provider}”.{_ask(near)}", near
        )
    try:
        return snapshot.find_provider_model(model, of_provider, None, None)
    except LookupError:
        # Some models of the table are not found by their own name there.
        shelves = snapshot.providers if of_provider is None else [of_provider]
        known = [(shelf, its_model) for shelf in shelves for its_model in shelf.models]
        for shelf, its_model in known:
            if its_model.id.lower() == model.lower():
                return shelf, its_model
        near = _near(model, [its_model.id for _, its_model in known])
        of = f" of {of_provider.name}" if of_provider is not None else ""
        return UnknownModel(
            provider,
            model,
            f"The price table knows no model “{model}”{of}.{_ask(near)} "
            "Or give a manual price with a reason.",
            near,
        )


def _near(name: str, known: Sequence[str]) -> tuple[str, ...]:
    return tuple(get_close_matches(name.lower(), known, _MOST_SUGGESTIONS, cutoff=_CLOSE))


def _ask(near: Sequence[str]) -> str:
    return f" Did you mean {' or '.join(near)}?" if near else ""
