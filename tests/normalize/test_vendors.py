"""Who makes it: told by names and texts, and where they leave doubt. The products here are invented, the makers not."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.vendors import vendor_of

SURE = [
    ("Google Lanternfish", None, None, "Google"),
    ("Hugging Face Lantern Hub", None, None, "Hugging Face"),
    ("Gemini 9.5 Flash Lite", None, None, "Google"),
    ("GPT-9 mini", None, None, "OpenAI"),
    ("FLUX.9", None, None, "Black Forest Labs"),
    ("Lantern", "An agent by Anthropic.", None, "Anthropic"),
    ("Lantern", "A chat app, built by OpenAI", None, "OpenAI"),
    ("Lantern", "OpenAI's first lamp that thinks", None, "OpenAI"),
    ("Lantern", "OpenAI\u2019s first lamp that thinks", None, "OpenAI"),
    ("Lantern", "Bright model from Anthropic", None, "Anthropic"),
    ("Lantern", None, "Lantern is Anthropic's latest lamp.", "Anthropic"),
    ("Lantern", None, "Microsoft released Lantern last week.", "Microsoft"),
]
DOUBTFUL = [
    ("Claude Squadron", "Runs many agents", None),
    ("OpenAI Proxy", None, None),
    ("Apple Pie Recipes", None, None),
    ("Meta Analysis", None, None),
    ("GPT-9 Playground", None, None),
    ("Lantern", "Powered by Anthropic", None),
    ("Lantern", "Works with agents by Anthropic", None),
    ("Lantern", "Export data from Google", None),
    ("Lantern", "OpenAI's Whisperlamp, but on your phone", None),
    ("Google Lanternfish", "OpenAI's first lamp", None),
    ("Lantern", "Built by OpenAIdea", None),
    (None, None, None),
]


@pytest.mark.parametrize(("name", "tagline", "description", "maker"), SURE)
def test_sure(name: str, tagline: str | None, description: str | None, maker: str) -> None:
    assert vendor_of(name, tagline, description) == maker


@pytest.mark.parametrize(("name", "tagline", "description"), DOUBTFUL)
def test_doubtful(name: str | None, tagline: str | None, description: str | None) -> None:
    assert vendor_of(name, tagline, description) is None


@given(st.text(), st.text(), st.text())
def test_any_text_can_be_asked(name: str, tagline: str, description: str) -> None:
    vendor_of(name, tagline, description)


@pytest.mark.parametrize("part", ["1.1", "gpt-1 ", "by ", "made by ", "google's a ", "a1 "])
def test_long_texts_are_read_quickly(part: str) -> None:
    start = process_time()
    vendor_of(f"GPT {part * 3000}", part * 20_000, part * 20_000)
    assert process_time() - start < 2
