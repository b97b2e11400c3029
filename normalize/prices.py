"""Derives comparable values from the text of a price: the pricing model, the lowest amount, the licence.

The text is read strictly, by the tables in ``docs/values.md``: anything ambiguous or unreadable is None.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from normalize.fold import folded
from normalize.licences import is_open, licences_in, the_one
from normalize.money import ONCE, SHORTEST_FIRST, Money, money_in

PricingModel = Literal["free", "usage", "subscription", "one-off", "private"]

MOST_SIGNS = 600
"""Nothing is read from texts with more characters: they are prose, not prices."""


class Pricing(NamedTuple):
    """The values derived from the text of a price; None means *not stated, or uncertain*.

    `has_free_tier`: whether it can be used without paying. `price_min`: the lowest amount above 0, in `price_currency`
    (ISO 4217), for one `price_period` (day to year, or a unit of use such as "1M tokens"; None if not stated or paid
    once). `license`: an SPDX id.
    """

    pricing_model: PricingModel | None = None
    has_free_tier: bool | None = None
    price_min: Decimal | None = None
    price_currency: str | None = None
    price_period: str | None = None
    license: str | None = None


_FREE = r"(?:free|gratis|freeware|no cost|no charge|at no cost|without charge)"
_NOTHING = re.compile(r"(?:us)?[$€£] ?0(?:[.,]00?)?(?![\d.,])(?: ?(?:/|per|a) ?(?:mo|month|yr|year|user|seat)\b)*")
_NOT_FREE = re.compile(
    r"\b(?:no longer|not|isn't|is not|never|nothing is|was|were|previously|formerly|used to be|once) (?:\w+ )?free\b"
    r"|\b(?:no|without(?: a)?) free (?:tier|plan|version|trial|option)s?\b|\b[a-z]+-free\b|\bfree[- ]?(?:form"
    r"|lanc\w*)\b"
)
_TRIAL = re.compile(
    r"\bfree (?:\w+[- ])?(?:\d+[- ](?:day|week|month)s? )?(?:trial|demo|evaluation|consultation|assessment)s?\b"
    r"|\bfree (?:to try|(?:\w+ )?credits?|shipping|updates?|upgrades?|support|setup|onboarding)\b"
    r"|\btry (?:it )?(?:for )?free\b"
    r"|\b(?:lifetime|first) (?:\w+ )?free(?: updates?| support)?\b|\b\d+[- ](?:day|week|month)s?[- ]free\b"
    r"|\bfree (?:for )?(?:the )?(?:first )?(?:\d+|a|an|one|two|three|first) (?:day|week|month|year)s?\b"
)
_FOR_SOME = re.compile(
    r"\bfree (?:access |licen[cs]es? |use )?(?:for|to|with|in) (?:\w+ ){0,3}?(?:students?|teach\w+|educat\w+"
    r"|academi\w+|schools?"
    r"|universit\w+|non-?profits?|ngos?|charit\w+|startups?|open[- ]source|oss|maintainers?|members?|subscri\w+"
    r"|customers?"
    r"|employees?|testers?|partners?|invit\w+|purchase|plus|pro|premium|paid)\b"
    r"|\bfree (?:student|educational|academic)\b"
)
_TIER = re.compile(
    r"\bfreemium\b|\bfree(?:[- ]forever)? (?:\w+ )?(?:tiers?|plans?|versions?|editions?|options?|accounts?"
    r"|quotas?|allowances?"
    r"|usage|starter|basic|hobby|community|limits?)\b|\b(?:tier|plan|version): free\b"
    r"|\b(?:limited|basic|generous|partly|partially) free\b"
    r"|\bfree (?:with (?:\w+ )?(?:limits?|limitations?|restrictions?|caps?|ads)|limited|up to|under|below|starter)\b"
    r"|\bfree (?:for )?(?:up to|one|1|two|three|small|solo|single|personal|individuals?|hobby\w*"
    r"|non-?commercial|private use)\b"
    r"|\bfree (?:use )?(?:for|in|on|within|via|through) (?!now\b|all\b|every|beta|preview|the beta|early)\w+"
    r"|\b(?:start|starts|begin|begins|get started) (?:for )?free\b|\bfree to start\b|\bfree core\b"
)
_WHOLE = re.compile(
    rf"(?:(?:it is|it's|is|100%|completely|totally|entirely|fully|always|currently|forever|and|both|app is) )*{_FREE}"
    r"(?: (?:chrome|browser|desktop|mobile|web|macos|windows|linux|ios|android|python|vs code|forever|for ever"
    r"|for (?:everyone|everybody|all|now|life)|to (?:use|download|install|self-host|run)|download|of charge"
    r"|and|open[- ]source|source[- ]available|open[- ]weights?|weights|software|app|tool|service|library|cli"
    r"|extension|plugin"
    r"|self-hosted|api|beta|(?:in|during) (?:the )?(?:\w+ )?(?:beta|preview|early access)|today|right now"
    r"|currently))*"
)
_WITH_NOTE = re.compile(r"\bfree \((?:only )?for ")
_NEEDS_MORE = re.compile(
    r"\b(?:requires?|needs?|required:) (?:\w+ ){0,4}(?:subscription|plan|licen[cs]e|plus|pro|premium)\b"
)
"""Free only for those who pay for something else."""

_OPEN = re.compile(r"\bopen[- ]?(?:source|sourced|weights?)\b|\bf(?:l)?oss\b")
_PARTLY_OPEN = re.compile(
    r"\bopen[- ]core\b|\bopen[- ]?source (?:sdk|client|cli|core|plugins?|extensions?|components?|version"
    r"|edition|parts?|tier|plan"
    r"|maintainers?|projects?|repos\w*|teams?|developers?)\b|\b(?:for|not|non|no longer|partly|partially"
    r"|was) (?:\w+ )?open[- ]?source"
)
_FOR_OPEN = re.compile(r"\bfor open[- ]?source\b")
_NO = r"(?<!no )(?<!without )(?<!without a )(?<!not )"
_USAGE = re.compile(
    rf"{_NO}\b(?:pay[- ]as[- ]you[- ](?:go|use|grow)|payg|pay[- ]per[- ]\w+|pay for what you use"
    rf"|usage[- ](?:based|priced|pricing)"
    r"|metered|consumption[- ]based|(?:credit|token)s?[- ]based|per[- ](?:\w+[- ])?(?:token|request|call|image"
    r"|minute|second|credit|query)s?"
    r" (?:pricing|billing|fees?|rates?)|(?:priced|charged|billed) (?:per|by) (?:\w+ )?(?:token|request|call"
    r"|image|minute|second|credit|query|hour|use)s?"
    r"|(?:token|usage) (?:pricing|fees?|rates?))\b"
)
_SUBSCRIPTION = re.compile(
    rf"{_NO}\b(?:subscriptions?|subscribe\w*|(?:monthly|annual|yearly) (?:plans?|fees?|billing|payments?))\b"
)
_ONE_OFF = re.compile(
    rf"{_NO}\b(?:one-? ?time (?:purchase|payment|fee|price|licen[cs]e|buy)|one-? ?off (?:purchase|payment|fee"
    rf"|price)|pay once"
    r"|buy once|single (?:purchase|payment)|perpetual licen[cs]e|lifetime (?:licen[cs]e|deal|access|plan|purchase))\b"
)
_PRIVATE = re.compile(
    r"\bcontact (?:us|sales|the (?:team|vendor)|for)\b|\bcontact$|\btalk to (?:us|sales)\b"
    r"|\bcustom (?:\w+ )?(?:pric\w+|quotes?|plans?)\b"
    r"|\benterprise(?: (?:pric\w+|only|plans?|licen[cs]\w+|by mail|contracts?|quotes?|deals?))\b|^enterprise$"
    r"|\bwait-? ?list\b"
    r"|\b(?:private|closed|limited) (?:\w+ )?(?:beta|alpha|preview|access)\b|\binvit\w+[- ]only\b|\bby invit\w+\b"
    r"|\b(?:pric\w+|quotes?|access|available|demos?) (?:on|by|upon) request\b|^(?:on|by|upon) request$"
    r"|\brequest (?:a |an )?(?:quote|demo|access|pricing)\b|\bquote[- ]based\b|\bget a quote\b"
    r"|\b(?:undisclosed|not (?:publicly )?(?:disclosed|available|released))\b|\binternal use only\b"
)
_PAID = re.compile(
    r"\b(?:paid|pay|pays|payment|pro|premium|plans?|pricing|prices?|enterprise|business|teams?|upgrades?|fees?"
    r"|costs?|charges?"
    r"|purchase|buy|billed|billing|subscri\w+|(?<!non-)(?<!non)commercial(?! use)|credits?|then)\b"
)
_CLAUSES = re.compile(
    r";|(?<=free)/|/(?=free)|\s/\s|\s?\|\s?|\n|[•·()\[\]]|,(?!\d)|\s\+\s|\s-\s|\.(?=\s|$)|:\s|\s(?:and|or|then"
    r"|but|plus|with paid) (?!open|later)"
)


class _Free(NamedTuple):
    """What clauses say is free: everything, a tier, or something that can't be read."""

    whole: bool = False
    tier: bool = False
    unread: bool = False


@lru_cache(maxsize=4096)
def pricing_of(words: str | None) -> Pricing:
    """Return the values derived from `words`, the site's text of a price. Uncertain values are None."""
    text = folded((words or "")[: 2 * MOST_SIGNS])
    if not text or len(text) > MOST_SIGNS:
        return Pricing()
    text = _NOTHING.sub(" ; free ; ", text)
    money = money_in(text)
    licences = licences_in(text)
    free = _free_in(text)
    open_to_all = _is_open(text, licences)
    kinds = _kinds(text, money)
    model = _model(text, money, free, open_to_all, kinds)
    amount, currency, period = _lowest(money)
    tier = _free_tier(
        text, free, is_free=model == "free" or open_to_all, is_read=model is not None or amount is not None
    )
    return Pricing(model, tier, amount, currency, period, the_one(licences))


def _clauses(text: str) -> list[str]:
    return [clause.strip(" .!:-") for clause in _CLAUSES.split(text) if clause]


def _free_in(text: str) -> _Free:
    """Return what the clauses of `text` say is free."""
    whole = tier = unread = False
    text = _WITH_NOTE.sub("free for ", text)
    for clause in _clauses(_TRIAL.sub(" ", _NOT_FREE.sub(" ", text))):
        if not re.search(rf"\b(?:{_FREE}|freemium)\b", clause):
            continue
        if _WHOLE.fullmatch(clause):
            whole = True
        elif _FOR_SOME.search(clause):
            continue
        elif _TIER.search(clause):
            tier = True
        else:
            unread = True
    if _NEEDS_MORE.search(text):
        return _Free(unread=whole or tier or unread)
    return _Free(whole, tier, unread)


def _is_open(text: str, licences: frozenset[str | None]) -> bool:
    """Return whether the tool itself is open: under an open licence, or called open source or open weights."""
    if _PARTLY_OPEN.search(text):
        return False
    if licences and None not in licences:
        return all(is_open(each) for each in licences if each)
    return bool(_OPEN.search(text)) and not re.search(r"(?<!non-)\bcommercial licen[cs]", text)


def _kinds(text: str, money: Money) -> set[PricingModel]:
    """Return the pricing models that the text names."""
    kinds: set[PricingModel] = set()
    periods = {each.per for each in money.amounts} - {None}
    if _USAGE.search(text) or periods - {ONCE, *SHORTEST_FIRST}:
        kinds.add("usage")
    if _SUBSCRIPTION.search(text) or periods & set(SHORTEST_FIRST):
        kinds.add("subscription")
    if _ONE_OFF.search(text) or ONCE in periods:
        kinds.add("one-off")
    return kinds


def _model(text: str, money: Money, free: _Free, open_to_all: bool, kinds: set[PricingModel]) -> PricingModel | None:
    if open_to_all:
        return "free"
    if kinds:
        return next(iter(kinds)) if len(kinds) == 1 else None
    if any(_PRIVATE.search(clause) for clause in _clauses(text)):
        return None if money.amounts or not money.is_whole else "private"
    if not free.whole or free.unread or money.amounts or not money.is_whole:
        return None
    is_paid_beside = any(_PAID.search(clause) for clause in _clauses(text) if not _WHOLE.fullmatch(clause))
    return None if is_paid_beside or free.tier else "free"


def _lowest(money: Money) -> tuple[Decimal | None, str | None, str | None]:
    """Return the lowest amount with its currency and period; all None if the amounts can't be compared."""
    nothing = (None, None, None)
    currencies = {each.currency for each in money.amounts}
    if not money.is_whole or len(currencies) != 1:
        return nothing
    periods = {each.per for each in money.amounts}
    if len(periods) > 1 and not periods <= set(SHORTEST_FIRST):
        return nothing
    per = min(periods, key=lambda each: SHORTEST_FIRST.index(each) if each in SHORTEST_FIRST else 0)
    lowest = min(each.value for each in money.amounts if each.per == per)
    return lowest, currencies.pop(), None if per == ONCE else per


def _free_tier(text: str, free: _Free, *, is_free: bool, is_read: bool) -> bool | None:
    if free.whole or free.tier or is_free:
        return True
    if free.unread or not is_read or (_OPEN.search(text) and not _FOR_OPEN.search(text)):
        return None
    return False


__all__ = ["Pricing", "PricingModel", "pricing_of"]
