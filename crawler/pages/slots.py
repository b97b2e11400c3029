"""What stands in the labelled slots of a page: pure readings of one short text, each strict about its whole form.

Each function returns None where the text is anything else. No number is ever looked for inside a longer text.
"""

from __future__ import annotations

import re
from typing import NamedTuple, cast

from crawler.items import PanelVerdict, Verdict
from crawler.pages.labels import fold

_SEP = r"\s*+[·•|,:–—-]?\s*+"
_PERCENT = re.compile(r"(\d{1,3})\s?%")
_SCORE = re.compile(rf"(\d{{1,3}})\s?/\s?100(?:{_SEP}(ship|skip))?")
_PANEL = re.compile(rf"(ship|mixed|skip){_SEP}(\d{{1,4}}) ?ships?{_SEP}/?\s*+(\d{{1,4}}) ?skips?")
_VOTES = re.compile(r"(\d{1,3})\s?% ship ?\( ?(\d{1,9}) ?/ ?(\d{1,9}) ?\)")
_COUNTS = re.compile(rf"(\d{{1,4}}) ?ships?{_SEP}/?\s*+(\d{{1,4}}) ?skips?")
_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
NO_VOTES = "no community votes yet"
DASHES = frozenset("—–-−")


class Score(NamedTuple):
    """A score of 0 to 100 and the verdict beside it, None where none stands there."""

    score: int
    verdict: Verdict | None


class Panel(NamedTuple):
    """The panel's verdict with its counts."""

    verdict: PanelVerdict
    ships: int
    skips: int


class Votes(NamedTuple):
    """The community's votes; the percentage is None where there are none yet."""

    percent: int | None
    ships: int
    votes: int


def percent(text: str) -> int | None:
    """``75%`` → 75. None for anything else, also for more than 100."""
    match = _PERCENT.fullmatch(text.strip())
    value = int(match[1]) if match else None
    return value if value is not None and value <= 100 else None


def is_dash(text: str) -> bool:
    """Whether a slot holds a dash, the site's sign for no statement."""
    return text.strip() in DASHES


def score(text: str) -> Score | None:
    """``82/100 · ship`` → (82, ship)."""
    if not text[:1].isdigit():
        return None
    match = _SCORE.fullmatch(fold(text))
    if match is None or int(match[1]) > 100:
        return None
    return Score(int(match[1]), cast("Verdict | None", match[2]))


def verdict(text: str) -> PanelVerdict | None:
    """``Ship`` → ship; ``Mixed``, ``Skip`` likewise."""
    word = fold(text)
    return cast(PanelVerdict, word) if word in ("ship", "mixed", "skip") else None


def panel(text: str) -> Panel | None:
    """``Ship · 3 ship / 1 skip`` → (ship, 3, 1)."""
    match = _PANEL.fullmatch(fold(text))
    return Panel(cast(PanelVerdict, match[1]), int(match[2]), int(match[3])) if match else None


def votes(text: str) -> Votes | None:
    """``0% Ship (0 / 1)`` → (0, 0, 1); ``No community votes yet`` → (None, 0, 0)."""
    word = fold(text)
    if word == NO_VOTES:
        return Votes(None, 0, 0)
    match = _VOTES.fullmatch(word)
    if match is None or int(match[1]) > 100 or int(match[2]) > int(match[3]):
        return None
    return Votes(int(match[1]), int(match[2]), int(match[3]))


def count(digits: str) -> int | None:
    """A number of things; None where it has more digits than any on a page."""
    return int(digits) if len(digits) <= 9 else None


def counts(text: str) -> tuple[int, int] | None:
    """``3 Ships1 Skips`` or ``3 ships · 1 skip`` → (3, 1)."""
    match = _COUNTS.fullmatch(fold(text))
    return (int(match[1]), int(match[2])) if match else None


def date(text: str) -> str | None:
    """``2026-04-21`` as it stands."""
    word = text.strip()
    return word if _DATE.fullmatch(word) else None


def unquoted(text: str) -> str | None:
    """The text between “ and ”, or None where `text` does not begin and end with them."""
    return text[1:-1].strip() if len(text) > 2 and text[0] == "“" and text[-1] == "”" else None
