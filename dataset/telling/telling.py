"""Describes changes in words, for the terminal, feeds and alerts. Pure.

A change reads like ``panel ship → skip``. Of long texts, only the words that differ are shown, as ``[-old-]`` and
``{+new+}``, with a few words around them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from dataset.asking.reading_changes import ChangeSeen
from dataset.folding.changes import PRESENCE
from dataset.telling.told import Retracted

Told = ChangeSeen | Retracted

SHORT = 60
"""Values up to this number of characters are shown whole."""

AROUND = 3
"""The number of words shown around those that differ."""

MOST_WORDS = 14
"""The maximum number of consecutive words shown; of more words, the first and the last are shown."""

MOST_SIGNS = 400
"""The maximum number of characters in a difference."""

COMPARED_WORDS = 1500
"""Texts with more words are not compared word by word."""

WEIGHT = (
    *("listing_withdrawn", "listing_returned", "verdict_flip", "review_added", "review_withdrawn"),
    *("score", "panel", "pricing", "category", "votes", "text"),
)
"""The kinds of change, the most important first."""

EMPTY = "(empty)"
SUBJECTS = {
    "panel_verdict": "panel",
    "panel_ship_pct": "panel share",
    "community_ship_pct": "community share",
    "reviewed_on": "day of the review",
}
"""Names for fields of listings whose column name is not clear enough."""


def short_persona(persona: str | None) -> str:
    """Return the name of a critic, without the source."""
    return persona.rpartition(":")[2] if persona else "an unnamed critic"


def name_of(told: Told) -> str:
    """Return the name of the listing."""
    return told.name or told.listing_id


def subject(told: Told) -> str:
    """Return what changed: ``panel``, ``tagline``, ``skeptic's score``."""
    if told.review_id is not None:
        critic = short_persona(told.persona)
        return f"{critic}'s " + ("review" if told.field == PRESENCE else told.field)
    if told.field == PRESENCE:
        return "listing"
    return SUBJECTS.get(told.field, told.field.replace("_", " "))


def difference(told: Told) -> str:
    """Return how it changed: ``ship → skip``, ``withdrawn``, or the words that differ."""
    if told.field == PRESENCE:
        if told.kind.endswith("withdrawn"):
            return "withdrawn"
        return "added" if told.kind == "review_added" else "back again"
    old, new = (_worded(told.field, value) for value in (told.old_value, told.new_value))
    if max(len(old), len(new)) <= SHORT or EMPTY in (old, new):
        return f"{clip(old)} → {clip(new)}"
    return word_difference(old, new)


def _worded(field: str, value: str | None) -> str:
    if value is None:
        return EMPTY
    return f"{value}%" if field.endswith("_pct") else value


def headline(told: Told) -> str:
    """Return what changed and how, in one line."""
    sign = " " if told.field in ("panel_verdict", "verdict", "score", PRESENCE) else ": "
    return f"{subject(told)}{sign}{difference(told)}"


def bracket(told: Told) -> str:
    """Return the two times between which it changed, with hours if both are on the same day."""
    before, after = told.seen_before, told.seen_after
    if before[:10] != after[:10]:
        return f"between {before[:10]} and {after[:10]}"
    return f"between {before[:10]} {before[11:16]} and {after[11:16]} UTC"


def surety(told: Told) -> str:
    """Return whether the order of the two values is certain."""
    if isinstance(told, Retracted):
        return "retracted"
    return "confirmed" if told.confirmed else "not confirmed yet"


def line(told: Told) -> str:
    """Return the whole description in one line."""
    return f"{headline(told)}, {bracket(told)} ({surety(told)})"


def quoted(told: Told) -> str | None:
    """Return a short quote of the review if the critic's name doesn't identify it, else None."""
    if not isinstance(told, ChangeSeen) or told.quote is None or told.field == "quote":
        return None
    if told.persona is not None and told.field != PRESENCE:
        return None
    return f"“{clip(told.quote, 90)}”"


def by_listing(changes: Iterable[ChangeSeen]) -> list[list[ChangeSeen]]:
    """Group `changes` by listing, the listing with the newest change first; within a listing, the order stays."""
    groups: dict[str, list[ChangeSeen]] = {}
    for each in changes:
        groups.setdefault(each.listing_id, []).append(each)
    return list(groups.values())


def by_captures(changes: Iterable[ChangeSeen]) -> list[list[ChangeSeen]]:
    """Group the `changes` of one listing by their two captures; in each group, the most important comes first."""
    groups: dict[tuple[str, str], list[ChangeSeen]] = {}
    for each in changes:
        groups.setdefault((each.before.capture_id, each.after.capture_id), []).append(each)
    return [sorted(group, key=lambda each: WEIGHT.index(each.kind)) for group in groups.values()]


def clip(text: str, length: int = SHORT * 2) -> str:
    """Return `text` in one line, shortened if it is long."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def word_difference(old: str, new: str) -> str:
    """Return the words in which two texts differ, with a few words around them."""
    before, after = old.split(), new.split()
    if before == after:
        return "only white space differs"
    too_long = max(len(before), len(after)) > COMPARED_WORDS
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if too_long or matcher.ratio() < 0.5:
        return f"“{clip(old)}” → “{clip(new)}”"
    pieces: list[str] = []
    codes = matcher.get_opcodes()
    for number, (what, start, end, low, high) in enumerate(codes):
        if what == "equal":
            pieces.append(_between(before[start:end], first=number == 0, last=number == len(codes) - 1))
            continue
        if end > start:
            pieces.append(f"[-{_few(before[start:end])}-]")
        if high > low:
            pieces.append(f"{{+{_few(after[low:high])}+}}")
    return clip(" ".join(pieces), MOST_SIGNS)


def _between(words: Sequence[str], *, first: bool, last: bool) -> str:
    """Return the words that are next to a difference, from a passage that is the same in both texts."""
    head = [] if first else words[:AROUND]
    tail = [] if last else words[-AROUND:]
    if len(head) + len(tail) >= len(words):
        return " ".join(words)
    return " ".join([*head, "…", *tail])


def _few(words: Sequence[str]) -> str:
    half = MOST_WORDS // 2
    return " ".join(words if len(words) <= MOST_WORDS else [*words[:half], "…", *words[-half:]])
