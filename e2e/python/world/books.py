"""Exactness: of every call the provider's own books and the gateway's bill say the same, to the
token and to the nano-dollar.

Prices are nano-USD per million tokens and have nine odd digits, so that no rounding goes unseen. A
call's cost is rounded up once.
"""

from decimal import Decimal
from fractions import Fraction
from math import ceil

# Nano-USD per million tokens, by the names that the gateway's usage has.
PRICES = {
    "input": 1_234_567_891,
    "cached_input": 123_456_789,
    "cache_write": 1_543_209_863,
    "cache_write_1h": 2_469_135_781,
    "output": 7_654_321_987,
}
# Every group's factor.
MULTIPLIER = Fraction("1.0625")
# What the provider's books call the gateway's classes.
BOOKED_AS = {"cached_input": "cached"}


def price_list() -> dict[str, str]:
    """The prices in the form that the management API takes."""
    return {name: str(Decimal(nanos).scaleb(-9)) for name, nanos in PRICES.items()}


def nanos(amount: object) -> int:
    """USD as the API prints them, in whole nano-USD."""
    return int(Decimal(str(amount)).scaleb(9).to_integral_exact())


def classes(booked: dict) -> dict[str, int]:
    """The tokens of one of the provider's books' lines, by the gateway's classes."""
    return {name: booked[BOOKED_AS.get(name, name)] for name in PRICES}


def cost(tokens: dict[str, int]) -> int:
    """What a call with these tokens costs, in nano-USD."""
    millionths = sum(tokens[name] * price for name, price in PRICES.items())
    return ceil(millionths * MULTIPLIER / 1_000_000)


def differences(booked: list[dict], calls: list[dict], usage: dict) -> list[str]:
    """Where the provider's usages and the gateway's charged calls and totals disagree.

    `booked` are usages that the provider put on the wire, `calls` is what `/api/v1/calls` shows of
    the same stage, `usage` is what `/v1/usage` shows to its key.
    """
    expected = sorted(_line(classes(tokens), cost(classes(tokens))) for tokens in booked)
    charged = [call for call in calls if nanos(call["cost"]) or call["outcome"] == "completed"]
    found = sorted(
        _line({name: call["usage"][name] for name in PRICES}, nanos(call["cost"]))
        for call in charged
    )
    wrong = []
    if expected != found:
        wrong.append(f"the provider booked {expected}, the gateway billed {found}")
    for call in calls:
        if nanos(call["charged"]) != nanos(call["cost"]):
            wrong.append(f"{call['id']} cost {call['cost']} and was charged {call['charged']}")
        if call in charged and (call["suspect"] or call["usage_source"] != "upstream_final"):
            wrong.append(f"{call['id']}: usage {call['usage_source']}, suspect {call['suspect']}")
    total = sum(cost(classes(tokens)) for tokens in booked)
    if nanos(usage["total_usage"]) != total:
        wrong.append(f"/v1/usage says {usage['total_usage']} USD; the books say {total} nano-USD")
    if usage["requests"]["total"] != len(charged):
        wrong.append(f"/v1/usage counts {usage['requests']['total']} requests of {len(charged)}")
    return wrong


def _line(tokens: dict[str, int], nano_usd: int) -> str:
    used = ", ".join(f"{count} {name}" for name, count in tokens.items() if count)
    return f"{used}: {nano_usd}"
