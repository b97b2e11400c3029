"""Names are read part by part."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalize.matching.names import read_name
from normalize.matching.reading import as_json
from tests.normalize.matching.again import reading_of

PARTS: list[tuple[str, str, Any]] = [
    ("Google Quandor 2.5 Pro", "maker", ("google",)),
    ("Google Quandor 2.5 Pro", "core", ("quandor",)),
    ("Google Quandor 2.5 Pro", "versions", ("2.5",)),
    ("Google Quandor 2.5 Pro", "line", ("pro",)),
    ("Quandor v2.0", "versions", ("2",)),
    ("Quandor v0.50", "versions", ("0.50",)),
    ("Drizzle Wave 12", "versions", ("wave12",)),
    ("Wave", "core", ("wave",)),
    ("quandor-k2-6", "versions", ("k2.6",)),
    ("quandor_k2_6_pro", "versions", ("k2.6",)),
    ("quandor_2507", "dates", ("2025-07",)),
    ("Quandor 3 8x22B", "sizes", ("8x22b",)),
    ("Quandor3.6-35B-A3B", "sizes", ("35b", "a3b")),
    ("Quandor3.6-35B-A3B", "versions", ("3.6",)),
    ("Quandor 70 B", "sizes", ("70b",)),
    ("Quandor R7B", "sizes", ("7b",)),
    ("Quandor 32k", "sizes", ("32k",)),
    ("Quandor Flashlite", "line", ("flash", "lite")),
    ("Quandor Flash-Lite", "line", ("flash", "lite")),
    ("Quandor 4 IT", "form", ("instruct",)),
    ("Quandor Preview", "form", ("preview",)),
    ("Quandor 4 Q4_K_M", "serving", ("q4",)),
    ("Quandor 4-bit", "serving", ("4bit",)),
    ("Quandor (2026-03-04)", "dates", ("2026-03-04",)),
    ("quandor-20260304", "dates", ("2026-03-04",)),
    ("Quandor 0528", "dates", ("--05-28",)),
    ("Quandor 2507", "dates", ("2025-07",)),
    ("Quandor 260304", "dates", ("2026-03-04",)),
    ("Quandor March 4, 2026", "dates", ("2026-03-04",)),
    ("Quandor 2026", "dates", ("2026",)),
    ("Quandor 9999", "versions", ("9999",)),
    ("Quandor (Apache 2.0)", "notes", ("apache 2.0",)),
    ("Quandor (Apache 2.0)", "versions", ()),
    ("Quandor (free, open weights)", "notes", ("free open weights",)),
    ("Quandor (latest)", "floating", True),
    ("Quandor App", "generic", ("app",)),
    ("Quandor.dev", "generic", ("dev",)),
    ("Quandor.js", "core", ("js", "quandor")),
    ("Drizzle by Adobe", "maker", ("adobe",)),
    ("Drizzle (Adobe)", "maker", ("adobe",)),
    ("Drizzle for Adobe", "maker", ()),
    ("deepseek-ai/DeepSeek-R1", "core", ("deepseek",)),
    ("Zellow (Quandor 3)", "aliases", ("zellow", "quandor3")),
    ("Drizzle (sorrelby)", "aliases", ()),
    ("Drizzle+", "line", ("plus",)),
    ("Drizzle++", "core", ("drizzle++",)),
    ("DrizzleAI", "core", ("drizzle",)),
    ("quandor3coder", "line", ("coder",)),
    ("n8n", "core", ("n8n",)),
]


@pytest.mark.parametrize(("name", "part", "value"), PARTS, ids=[f"{each[0]}: {each[1]}" for each in PARTS])
def test_part(name: str, part: str, value: Any) -> None:
    assert getattr(read_name(name), part) == value


PLAIN = st.lists(
    st.sampled_from("Quandor Drizzle Zellow Pro Mini Flash Instruct Google 4 2.5 70B 2507 AI app".split()),
    min_size=1,
    max_size=6,
)


@given(PLAIN, st.sampled_from(["-", "_", "  ", " - "]))
def test_case_and_punctuation_say_nothing(words: list[str], between: str) -> None:
    # Numbers side by side are left out: "4-2" is a decimal where "4 2" is not.
    kept = [
        word for place, word in enumerate(words) if not (word[0].isdigit() and place and words[place - 1][0].isdigit())
    ]
    assert read_name(between.join(kept).upper()) == read_name(" ".join(kept))


@given(st.text(max_size=40))
def test_any_text_is_read_and_kept_as_a_record(name: str) -> None:
    reading = read_name(name)
    assert reading_of(as_json(reading)) == reading
