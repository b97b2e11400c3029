"""Finds amounts of money in the text of a price: the value, the currency, and what it pays for.

An amount only counts if its number is unambiguous and its currency certain: "$1,200.50" counts, "€1.250" doesn't, and
"¥" can be yen or yuan. `price-parser` parses the numbers, given the decimal separator.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from price_parser import Price

_CURRENCIES = """
USD $ us$ usd dollar dollars bucks
EUR € eur euro euros
GBP £ gbp
CAD c$ ca$
AUD a$ au$ aud
NZD nz$ nzd
HKD hk$ hkd
SGD s$ sg$ sgd
TWD nt$ twd
BRL r$ brl
MXN mx$ mxn
INR ₹ inr
CHF chf
JPY jp¥ jpy yen 円
CNY cn¥ cny rmb yuan 元
KRW ₩ krw
RUB ₽ rub
TRY ₺
ILS ₪ ils
PLN zł pln
SEK sek
NOK nok
DKK dkk
CZK czk
UAH ₴ uah
VND ₫ vnd
NGN ₦ ngn
THB ฿ thb
ZAR zar
AED aed
"""
"""Currency codes, each with the symbols and words that mean only that currency. A plain dollar is a US dollar. "cad"
and "try" are left out because they are words, "¥", "kr" and "Rs" because several currencies use them."""

CURRENCIES = {word: line.split()[0] for line in _CURRENCIES.strip().splitlines() for word in line.split()[1:]}
"""Currencies (ISO 4217) by their unambiguous symbols and words, folded."""

DOUBTED = "¥|￥|kr|rs|₨|¢|cents?|pence|sats?|btc|eth|pounds?|pesos?|rupees?"
"""Symbols and words for money whose currency is ambiguous or unknown."""

SHORTEST_FIRST = ("day", "week", "month", "quarter", "year")
"""Periods of subscriptions."""

ONCE = "once"
"""The "period" of a one-time payment."""


class Amount(NamedTuple):
    """An amount above 0. `per` is a period, a unit of use ("1M tokens"), `ONCE`, or None if not stated."""

    value: Decimal
    currency: str
    per: str | None


class Money(NamedTuple):
    """All amounts in a text. If not `is_whole`, the text mentions further money that can't be read with certainty."""

    amounts: tuple[Amount, ...]
    is_whole: bool


_CALENDAR = {
    "day": r"days?|daily",
    "week": r"weeks?|wk|weekly",
    "month": r"months?|mo|mos|mth|mnth|monthly|月",
    "quarter": r"quarters?|quarterly",
    "year": r"years?|yr|yrs|annum|annual|annually|yearly|年",
}
_ADVERB = {
    "day": "daily",
    "week": "weekly",
    "month": "monthly|p/m",
    "quarter": "quarterly",
    "year": "annually"
    r"|yearly",
}
_USE = (
    "token request call query message image minute second hour credit page generation video song character word task "
    "run resolution conversation document transaction execution operation build email contact lead search step record "
    "row job file gb mb tb"
)
_ALSO = {
    "min": "minute",
    "sec": "second",
    "hr": "hour",
    "h": "hour",
    "queries": "query",
    "img": "image",
    "tok": "token",
}
_UNITS = {unit: unit for unit in _USE.split()} | {f"{unit}s": unit for unit in _USE.split()} | _ALSO
_MANY = {"k": "1K", "thousand": "1K", "1000": "1K", "1,000": "1K", "1k": "1K", "m": "1M", "mm": "1M", "million": "1M"}
_MANY |= {"1m": "1M", "1 m": "1M", "1 million": "1M", "1,000,000": "1M", "1000000": "1M", "mtok": "1M", "100": "100"}
_MANY |= {"1 thousand": "1K", "1 k": "1K", "1": "", "10": "10"}

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:'\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d+(?:[.,]\d+)?"
_SIGNS = "|".join(re.escape(sign) for sign in sorted(CURRENCIES, key=len, reverse=True) if not sign.isascii())
_DOLLARS = r"(?:us|ca|au|nz|hk|sg|nt|mx|c|a|s|r)?\$"
_WORDS = "|".join(sorted((word for word in CURRENCIES if word.isascii() and word.isalpha()), key=len, reverse=True))
_BEFORE = rf"(?<!\w)(?:{_DOLLARS}|jp¥|cn¥|{_SIGNS}|(?:{_WORDS})(?=[\s\d]))"
_AFTER = rf"(?:{_DOLLARS}|{_SIGNS}|(?:{_WORDS})\b)"
_RANGE = rf"(?:\s?(?:-|to)\s?(?:{_NUMBER})(?![\d.,]*\s?(?:{_AFTER}|\d)))?"
_AMOUNT = re.compile(
    rf"(?P<sign>{_BEFORE})\s?(?P<number>{_NUMBER})(?![\d']|[.,]\d)(?!\s?(?:m|mm|bn|b|million"
    rf"|billion)\b)(?P<kilo>k\b)?(?P<to>{_RANGE})(?:\s?usd\b)?"
    rf"|(?<![\w.,'$])(?<!\d\s)(?P<low>{_NUMBER})(?P<kilo2>k)?(?:\s?(?:-|to)\s?(?:{_NUMBER}))?\s?(?P<unit>{_AFTER})"
)
_LEFT_OVER = re.compile(rf"[$]|{_SIGNS}|¥|￥|₨|¢|\d\s?(?:{DOUBTED}|{_WORDS})\b|\b(?:kr|rs)\.?\s?\d|\b(?:{_WORDS})\s?\d")

_PER = r"\s*+(?:/|\bper\b|\ban?\b|\beach\b|\bevery\b|\bp/)\s*+"
_HEAD = (
    r"(?:user|seat|member|editor|person|developer|dev|agent|head|workspace|team|organi[sz]ation|org|host|device"
    r"|site)s?"
)
_PERIODS = "|".join(f"(?P<{name}>(?:{words}))" for name, words in _CALENDAR.items())
_EACH = re.compile(rf"(?:\s*\+)?(?:(?:{_PER}|\s){_HEAD}\b)?,?{_PER}(?:{_PERIODS})(?![a-z])")
_ADVERBS = "|".join(f"(?P<{name}>{words})" for name, words in _ADVERB.items())
_OFTEN = re.compile(rf"(?:{_PER}{_HEAD}\b)?,?\s*\(?(?:(?:billed|paid|charged|invoiced)\s+)?(?:{_ADVERBS})\b")
_HOW_MANY = "|".join(re.escape(word) for word in sorted(_MANY, key=len, reverse=True))
_OF_USE = re.compile(
    rf"{_PER}(?P<many>(?:{_HOW_MANY})(?![\w,.]))?\s?(?:(?:api|gpu|cpu|input|output|in|out|audio|compute|cached)\s)*"
    rf"(?P<what>[a-z]+)"
)
_OF_TOKENS = re.compile(rf"{_PER}(?:1 ?)?m(?:tok)?\s(?:in|out|input|output)\b")
"""Only tokens are priced per million "in" and "out"."""

_WHEN_ONCE = r"one-? ?time|one-? ?off|once|lifetime|perpetual(?:ly)?|single (?:payment|purchase)"
_ONCE_AFTER = re.compile(rf"[\s,(/-]*(?:for (?:a )?|as a |paid |pay )?(?:{_WHEN_ONCE})\b")
_ONCE_BEFORE = re.compile(rf"\b(?:{_WHEN_ONCE})\b[\w\s:(-]{{0,30}}$")
_OFTEN_BEFORE = re.compile(
    rf"\b(?:{_ADVERBS})\b(?: (?:plans?|fee|subscription|billing|price))?(?: (?:from|at|is|of))?[:\s]*$"
)
_NO_PRICE_BEFORE = re.compile(
    r"\b(?:was|were|previously|formerly|originally|regularly|normally|instead of|down from|worth|saves?|raised|"
    r"valued at)\s*$"
)
_NO_PRICE_AFTER = re.compile(
    r"\s*(?:in |of |worth of |free |api )*(?:credits?|off|discount|bonus|refund|value|valuation|funding)\b"
)
_UNSURE_BEFORE = re.compile(
    r"(?:\b(?:up to|under|below|less than|about|around|approx\.?|roughly|maximum|max|circa|ca\.?)|~|<|≈)\s*$"
)
_LIST = re.compile(
    r"(?:[\s/,|&-]|\bto\b|\bor\b|\band\b|\b(?:pro|plus|team|teams|basic|starter|premium|business|max|ultra"
    r"|enterprise)\b)*"
)


def money_in(text: str) -> Money:
    """Return the amounts in the folded `text`, in order. Old prices, savings and credits are not prices."""
    found: list[tuple[Amount, int, int]] = []
    is_whole = True
    rest = list(text)
    for match in _AMOUNT.finditer(text):
        start, end = match.span()
        rest[start:end] = " " * (end - start)
        if _NO_PRICE_BEFORE.search(text[:start]) or _NO_PRICE_AFTER.match(text[end:]):
            continue
        value = _value(match["number"] or match["low"], match["kilo"] or match["kilo2"])
        if value is None or _UNSURE_BEFORE.search(text[:start]):
            is_whole = False
        elif value:
            currency = CURRENCIES[match["sign"] or match["unit"]]
            found.append((Amount(value, currency, _per(text, start, end)), start, end))
    is_whole = is_whole and not _LEFT_OVER.search("".join(rest))
    return Money(tuple(_with_shared_periods(text, found)), is_whole)


def _value(number: str, kilo: str | None) -> Decimal | None:
    """Return the value of `number`; None if it is ambiguous or too large for a price."""
    if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", number) or len(number) > 14:
        return None  # thousands, or three decimals
    comma = re.search(r",\d+$", number)
    is_decimal_comma = comma is not None and (len(comma[0]) != 4 or "." in number)
    parsed = Price.fromstring(number, decimal_separator="," if is_decimal_comma else ".").amount
    return None if parsed is None else parsed * (1000 if kilo else 1)


def _per(text: str, start: int, end: int) -> str | None:
    """Return what the amount between `start` and `end` of `text` pays for, by the words next to it."""
    after = text[end:]
    if (match := _EACH.match(after)) or (match := _OFTEN.match(after)):
        return _period(match)
    if _OF_TOKENS.match(after):
        return "1M tokens"
    if (use := _OF_USE.match(after)) and use["what"] in _UNITS:
        return _unit(use["many"], _UNITS[use["what"]])
    part = re.split(r"[;|]|\s/\s|\. ", text[:start])[-1]
    if _ONCE_AFTER.match(after) or _ONCE_BEFORE.search(part):
        return ONCE
    before = _OFTEN_BEFORE.search(part)
    return _period(before) if before else None


def _period(match: re.Match[str]) -> str:
    return next(name for name in SHORTEST_FIRST if match[name])


def _unit(many: str | None, unit: str) -> str:
    quantity = _MANY[many] if many else ""
    return f"{quantity} {unit if unit in ('gb', 'mb', 'tb') else unit + 's'}" if quantity else unit


def _with_shared_periods(text: str, found: list[tuple[Amount, int, int]]) -> list[Amount]:
    """Return the amounts; in a list such as "$12 / $36 per month", the last period applies to all."""
    amounts: list[Amount] = []
    following: tuple[str | None, int] = (None, -1)
    for amount, start, end in reversed(found):
        per = amount.per
        if per is None and following[0] is not None and _LIST.fullmatch(text, end, following[1]):
            per = following[0]
        amounts.append(amount._replace(per=per))
        following = (per, start)
    return amounts[::-1]


__all__ = ["CURRENCIES", "ONCE", "SHORTEST_FIRST", "Amount", "Money", "money_in"]
