"""The words of prices, from the whole field: one test for each value that they give, and for what stays None."""

from __future__ import annotations

from decimal import Decimal
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.money import SHORTEST_FIRST
from normalize.prices import Pricing, pricing_of

# words: model, may be used free, amount, currency, period, licence
SAID: dict[str, tuple[Any, ...]] = {
    # all of it is free
    "Free": ("free", True),
    "Free / Open-source (Apache 2.0)": ("free", True, None, None, None, "Apache-2.0"),
    "Open Source (MIT)": ("free", True, None, None, None, "MIT"),
    "Free (Apache 2.0 weights) / Hosted or via an API (pay-per-token)": ("free", True, None, None, None, "Apache-2.0"),
    "AGPL-3.0 / Cloud from $20/mo": ("free", True, "20", "USD", "month", "AGPL-3.0-only"),
    "MIT / Apache 2.0": ("free", True),
    "Open weights": ("free", True),
    "free forever": ("free", True),
    "Free browser extension": ("free", True),
    "Free during the beta": ("free", True),
    "Free (non-commercial license only)": ("free", True),
    "$0": ("free", True),
    # a part of it is free
    "Pay-per-token via a studio (free tier available) / enterprise pricing": ("usage", True),
    "Pay-as-you-go / Free tier for hosted models": ("usage", True),
    "Free in our apps; Private API preview for select partners": ("private", True),
    "Free tier; Pro $20/mo": ("subscription", True, "20", "USD", "month"),
    "Free; Pro $20/mo": ("subscription", True, "20", "USD", "month"),
    "$0 – $20/mo": ("subscription", True, "20", "USD", "month"),
    "$40/mo; free for one seat": ("subscription", True, "40", "USD", "month"),
    "Free (limited), Pro €12/mo": ("subscription", True, "12", "EUR", "month"),
    "Freemium": (None, True),
    "Free for personal use": (None, True),
    "Free, with paid plans": (None, True),
    "Free/Pro $20": (None, True, "20", "USD"),
    "Free tier (500 requests/month)": (None, True),
    "Free up to 40 files a month; then €0.10 each": (None, True, "0.10", "EUR"),
    # nothing is: trials, students, credits, what was
    "Free trial, then $20/mo": ("subscription", False, "20", "USD", "month"),
    "14-day free trial": (),
    "Free to try": (),
    "Free for 7 days, then $10/wk": ("subscription", False, "10", "USD", "week"),
    "Free for students": (),
    "Free (for students only)": (),
    "Free for open source projects; $12/user/mo": ("subscription", False, "12", "USD", "month"),
    "Free with a Pro subscription": ("subscription", False),
    "Free, requires a Pro subscription": ("subscription", None),
    "$100 in free credits, then pay-as-you-go": ("usage", False),
    "Was free; now $20/mo": ("subscription", False, "20", "USD", "month"),
    "No free tier; $20/mo": ("subscription", False, "20", "USD", "month"),
    "Ad-free for $5/mo": ("subscription", False, "5", "USD", "month"),
    "Not free": (),
    "(was free)": (),
    "Open-source core; cloud $25/mo": ("subscription", None, "25", "USD", "month"),
    # subscriptions
    "$20/mo": ("subscription", False, "20", "USD", "month"),
    "From $10/month, billed annually": ("subscription", False, "10", "USD", "month"),
    "$120 billed annually": ("subscription", False, "120", "USD", "year"),
    "€15 per user / month": ("subscription", False, "15", "EUR", "month"),
    "$15/seat/mo": ("subscription", False, "15", "USD", "month"),
    "$1,200.50/yr": ("subscription", False, "1200.50", "USD", "year"),
    "€1.250,50 per year": ("subscription", False, "1250.50", "EUR", "year"),
    "$10k/yr": ("subscription", False, "10000", "USD", "year"),
    "$10-$30/mo": ("subscription", False, "10", "USD", "month"),
    "$10–30/mo": ("subscription", False, "10", "USD", "month"),
    "20-30 USD/mo": ("subscription", False, "20", "USD", "month"),
    "$12 / $36 / $92 per month": ("subscription", False, "12", "USD", "month"),
    "Pro $20, Team $40 per user/month": ("subscription", False, "20", "USD", "month"),
    "$20/mo or $200/yr": ("subscription", False, "20", "USD", "month"),
    "$20/mo (was $40)": ("subscription", False, "20", "USD", "month"),
    "USD 10 per month": ("subscription", False, "10", "USD", "month"),
    "US$20/mo": ("subscription", False, "20", "USD", "month"),
    "CA$20 monthly": ("subscription", False, "20", "CAD", "month"),
    "Monthly: £8": ("subscription", False, "8", "GBP", "month"),
    "Subscription": ("subscription", False),
    # by use
    "$0.50 / 1M tokens": ("usage", False, "0.50", "USD", "1M tokens"),
    "$3/M input, $15/M output": ("usage", False, "3", "USD", "1M tokens"),
    "$0.002 per request": ("usage", False, "0.002", "USD", "request"),
    "$0.06/min": ("usage", False, "0.06", "USD", "minute"),
    "$5 per 1,000 credits": ("usage", False, "5", "USD", "1K credits"),
    "Usage-based": ("usage", False),
    # once
    "One-time $49": ("one-off", False, "49", "USD"),
    "$99 lifetime": ("one-off", False, "99", "USD"),
    "$29 once – no 100% refund": ("one-off", False, "29", "USD"),
    "No subscription, $49 one-time": ("one-off", False, "49", "USD"),
    # not in public
    "Contact sales": ("private", False),
    "Custom pricing": ("private", False),
    "Waitlist": ("private", False),
    "Private beta": ("private", False),
    # several kinds, or amounts that don't compare
    "$20/mo plus usage-based overages": (None, False, "20", "USD", "month"),
    "$5/mo + $0.10/min": (),
    "$20/mo or $199 lifetime": (),
    "$20 / €18 per month": ("subscription", False),
    "$49; cloud $5/mo": ("subscription", False),
    # not for sure
    "$20": (None, False, "20", "USD"),
    "20/mo": (),
    "¥1,200/月": (),
    "kr 99/mo": (),
    "2 cents per request": (),
    "$1.250": (),
    "$.002": (),
    "1 200 €": (),
    "~$20": (),
    "up to $50": (),
    "$1M ARR": (),
    "Paid": (),
    "TBD": (),
    "": (),
    "Source available (BUSL-1.1)": (None, None, None, None, None, "BUSL-1.1"),
}


@pytest.mark.parametrize("words", SAID)
def test_words_say(words: str) -> None:
    expected = dict(zip(Pricing._fields, SAID[words], strict=False))
    if (price := expected.get("price_min")) is not None:
        expected["price_min"] = Decimal(price)
    assert pricing_of(words) == Pricing(**expected)


def test_no_words_say_nothing() -> None:
    assert pricing_of(None) == Pricing()


@pytest.mark.parametrize("words", ["Free / Open-source (Apache 2.0)", "From $10/month, billed annually"])
def test_case_spaces_and_dashes_do_not_count(words: str) -> None:
    other = words.upper().replace("-", "\u2011").replace(" ", "\u00a0")
    assert pricing_of(other) == pricing_of(words)


PARTS = st.sampled_from(
    "free tier trial $ € ¥ 0 20 1,200 1.250 / ; ( ) - – per mo month user 1M tokens MIT Apache 2.0 open source pay "
    "contact sales once lifetime no not was for students \x00 \ud800 ﬁ ⅓ k".split(" ")
)


@given(st.one_of(st.text(), st.lists(PARTS).map(" ".join), st.lists(PARTS).map("".join)))
def test_any_text_gives_values_that_fit_together(words: str) -> None:
    said = pricing_of(words)
    assert (said.price_min is None) == (said.price_currency is None)
    assert said.price_period is None or said.price_min is not None
    assert said.price_min is None or said.price_min > 0
    if said.pricing_model == "free":
        assert said.has_free_tier
    if said.price_period in SHORTEST_FIRST:
        assert said.pricing_model != "usage"


@given(st.text(alphabet=st.characters(categories=["L", "Z"], exclude_characters="$€"), max_size=3))
def test_garbage_says_nothing(words: str) -> None:
    assert pricing_of(words) == Pricing()


@pytest.mark.parametrize("part", ["$1 ", "free and ", "1.1", "a ", "per ", "$20 / ", "(", "open-source ", "- ", "mit "])
def test_long_words_are_read_quickly(part: str) -> None:
    start = process_time()
    pricing_of((part * 600)[:600])
    pricing_of((part * 100_000)[:100_000])
    assert process_time() - start < 1
