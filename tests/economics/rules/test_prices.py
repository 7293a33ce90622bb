"""Prices of calls from the public table: dated, tiered, and unknown where they are unknown."""

from datetime import date
from decimal import Decimal

import pytest
from genai_prices.data_snapshot import get_snapshot

from economics.rules import prices
from economics.rules.prices import ManualPrice, Price, UnknownModel, price_of_call

ON = date(2026, 3, 3)


def cost(provider, model, fresh, cached, output, on=ON):
    found = price_of_call(provider, model, on, Decimal(fresh), Decimal(cached), Decimal(output))
    assert isinstance(found, Price)
    return found.per_call


def test_a_call_is_priced_by_its_tokens():
    # 0.25 and 2 dollars a million tokens, 0.025 for what comes from the cache
    assert cost("openai", "gpt-5-mini", 1000, 0, 0) == Decimal("0.00025")
    assert cost("openai", "gpt-5-mini", 1000, 400, "300.5") == Decimal("0.000761")
    assert cost("openai", "gpt-5-mini", 0, 0, 0) == 0


def test_the_price_of_a_large_call_is_not_that_of_two_halves():
    whole = cost("anthropic", "claude-sonnet-4-5", 300_000, 0, 1000)
    halves = 2 * cost("anthropic", "claude-sonnet-4-5", 150_000, 0, 500)
    assert whole > halves


def test_a_price_is_that_of_its_day():
    before = cost("openai", "o3", 1_000_000, 0, 0, on=date(2025, 6, 9))
    after = cost("openai", "o3", 1_000_000, 0, 0, on=date(2025, 6, 10))
    assert (before, after) == (10, 2)


def test_a_price_tells_whose_it_is_and_from_when():
    found = price_of_call("OpenAI", " GPT-5-mini ", ON, Decimal(1), Decimal(0), Decimal(1))
    assert (found.provider, found.model, found.on) == ("openai", "gpt-5-mini", ON)
    assert found.priced_by.startswith("genai-prices ")


@pytest.mark.parametrize(
    ("provider", "model", "near"),
    [
        ("openai", "gpt-5-minii", "gpt-5-mini"),
        ("opena", "gpt-5-mini", "openai"),
        ("anthropic", "claude-sonet-4-5", "claude-sonnet-4-5"),
    ],
)
def test_an_unknown_name_is_answered_with_names_that_may_be_meant(provider, model, near):
    found = price_of_call(provider, model, ON, Decimal(1), Decimal(0), Decimal(1))
    assert isinstance(found, UnknownModel)
    assert near in found.near
    assert near in found.words


@pytest.mark.parametrize("model", ["", "our own model 7", "gpt-nonexistent"])
def test_what_nobody_knows_is_unknown(model):
    found = price_of_call("openai", model, ON, Decimal(1), Decimal(0), Decimal(1))
    assert isinstance(found, UnknownModel)
    assert found.near == ()


def test_a_model_without_a_price_by_the_token_is_unknown_and_never_free():
    tokens = (Decimal(10), Decimal(5), Decimal(10))
    for provider in get_snapshot().providers:
        for model in provider.models[:25]:
            found = price_of_call(provider.id, model.id, ON, *tokens)
            assert isinstance(found, UnknownModel) or found.per_call >= 0
    found = price_of_call("openai", "text-embedding-3-small", ON, *tokens)
    assert isinstance(found, UnknownModel)
    assert "output" in found.words
    assert cost("openai", "text-embedding-3-small", 1_000_000, 0, 0) == Decimal("0.02")


def test_a_form_can_suggest_names():
    assert {"openai", "anthropic"} <= set(prices.known_providers())


def test_the_whole_table_is_read_by_provider_and_name():
    found = prices.offers("", "", ON, 400)
    read = [(not offer.is_priced, offer.provider, offer.model) for offer in found]
    assert len(read) == 400
    assert read == sorted(read)


def test_a_search_names_the_plain_model_before_its_variants():
    assert prices.offers("gpt-5", "openai", ON, 1)[0].model == "gpt-5"


@pytest.mark.parametrize(
    ("cached_price", "expected"), [(None, "0.0012"), ("0.5", "0.0010"), ("0", "0.0008")]
)
def test_without_a_cached_price_the_full_one_is_taken(cached_price, expected):
    manual = ManualPrice(
        Decimal(1),
        Decimal(2),
        "our contract",
        None if cached_price is None else Decimal(cached_price),
    )
    found = prices.price_by_hand(manual, Decimal(1000), Decimal(400), Decimal(100))
    assert found == Decimal(expected)
