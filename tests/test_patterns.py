"""No regular expression of ours takes more than linear time: each is run on inputs made from its own parse tree."""

from __future__ import annotations

import os
import random

import pytest

from tests.pumps import Found, grows, patterns

LONG = os.environ.get("VERDICTLOG_TEST_LONG") == "1"
SAMPLE = 4
"""How many patterns `make test` looks at; each more exactly in `make test-all`."""
FOUND = patterns()


def chosen() -> list[Found]:
    """All patterns, or a sample of them."""
    return FOUND if LONG else random.Random("patterns").sample(FOUND, SAMPLE)


@pytest.mark.parametrize("found", chosen(), ids=lambda found: found.where)
def test_no_pattern_takes_more_than_linear_time(found: Found) -> None:
    shown = grows(found.pattern, found.flags, found.methods, is_bytes=found.is_bytes)
    assert shown is None, f"{found.where}: {shown}"


def test_every_kind_of_pattern_is_found() -> None:
    """Of modules, in tables of them, made at the first call, and written out in calls."""
    where = {found.where for found in FOUND}
    assert {"crawler.pages.cost._TOKEN", "crawler.urls.KIND_OF_PATH", "normalize.vendors._by_pattern"} <= where
    assert any(each.startswith("crawler.warc_foreign:") for each in where)
    assert len(FOUND) > 120
    assert [found.where for found in FOUND if not found.methods and found.where.startswith("crawler.pages")] == []


@pytest.mark.parametrize(
    ("pattern", "methods"),
    [
        (r"</(?:html|body)\s*>(?:\s|<!--.*?-->|</html\s*>)*\Z", {"match"}),
        (r"\s*(?:<!--.*?-->\s*)*<(?:html|body)[\s>]", {"match"}),
        (r"(?P<category>.+?)\s+verdicts\s*\(\s*(\d+) tools?\)", {"fullmatch"}),
        (r"[a-z0-9][a-z0-9.+]*(?:-[a-z0-9.+]*[a-z0-9+])+", {"finditer"}),
        (r"(?:[\s:-]+(?:v?\d\w*|[a-z]\d+[a-z]?)(?!\w))*[\s)]*", {"fullmatch"}),
        (r"\s+$", {"search"}),
        (r"(a+)+$", {"match"}),
        (r"(?:[\w-]+ )?\bby", {"search"}),
        (r"(\d+)\d+x", {"fullmatch"}),
    ],
)
def test_patterns_that_are_known_to_be_bad_are_shown_to_be(pattern: str, methods: set[str]) -> None:
    assert grows(pattern, methods=frozenset(methods)) is not None


@pytest.mark.parametrize(
    ("pattern", "methods"),
    [(r"\s*+(?:<!--.*?-->\s*+)*+<html", {"match"}), (r"[^\W_]+", {"findall"}), (r"\s++$", {"match"})],
)
def test_patterns_that_are_known_to_be_good_pass(pattern: str, methods: set[str]) -> None:
    assert grows(pattern, methods=frozenset(methods)) is None
