"""Turns the record of a decision into a sentence."""

from __future__ import annotations

from typing import Any

from normalize.matching.rules import SLOTS
from normalize.matching.texts import Likeness, from_json

CALLED = {"serving": "packaging", "generic": "generic word"}
"""Names of parts in sentences, if they differ from the internal ones."""

MERGES = {
    "same_name": "they are equal except for case, punctuation and spaces",
    "same_parts": "they have the same parts in different words or order",
    "maker_prefix": "they only differ in that one names the maker",
}

DOUBTS = {
    "maker_foreign": "it names a different maker, who may offer it or have made a variant of it",
    "maker_common": "without the maker, it is an everyday word, which other tools may use as a name",
    "version_order": "both have the same version numbers, but in a different order",
    "bare_name": "one is the other without the maker, and has no word of its own",
    "alias": "one is in the other's parentheses, or in front of them",
    "one_letter": "a long word differs by a single letter, which may be a typo",
    "texts": "the names match, but their texts share almost nothing, and different tools can have the same name",
}


def sentence(reasons: dict[str, Any]) -> str:
    """Return the decision and its reasons in words, from a record made by `decide`.

    Raises:
        KeyError: it is not such a record.

    """
    left, right = reasons["left"], reasons["right"]
    names = f"“{left['name']}” and “{right['name']}”"
    alike = from_json(reasons["texts"])
    if reasons["decision"] == "merge":
        return f"{names} are one tool: {MERGES[reasons['rule']]}{_texts(alike)}."
    if reasons["decision"] == "apart":
        return f"{names} are two tools: {_why_apart(reasons)}."
    why = "; ".join(_doubt_about(part, left["reading"], right["reading"]) for part in reasons["doubts"])
    return f"A person should decide whether {names} are one tool: {why}."


def _texts(alike: Likeness) -> str:
    if alike.similarity is None:
        return "; there are no texts to compare"
    if not alike.shared:
        return f", and the similarity of their texts is {alike.similarity} of 100"
    some = ", ".join(alike.shared[:3])
    return f", and their texts agree ({len(alike.shared)} distinctive words in common, such as {some})"


def _why_apart(reasons: dict[str, Any]) -> str:
    left, right = reasons["left"]["reading"], reasons["right"]["reading"]
    if reasons["rule"] == "name":
        ours, theirs = set(left["core"]), set(right["core"])
        only = [_only(side["name"], words) for side, words in _words_of(reasons, ours - theirs, theirs - ours) if words]
        return "; ".join(only) or "their names are different"
    return "; ".join(_clash(part, left, right) for part in reasons["clashed"])


def _words_of(reasons: dict[str, Any], ours: set[str], theirs: set[str]) -> list[tuple[dict[str, Any], set[str]]]:
    return [(reasons["left"], ours), (reasons["right"], theirs)]


def _only(name: str, words: set[str]) -> str:
    return f"only “{name}” has {_listed(sorted(words))}"


def _listed(words: list[str]) -> str:
    return " ".join(f"“{word}”" for word in words)


def _clash(part: str, left: dict[str, Any], right: dict[str, Any]) -> str:
    called, slot = CALLED.get(part, part), SLOTS[part]
    ours, theirs = left.get(slot, []), right.get(slot, [])
    if ours and theirs:
        return f"the {called} differs ({' '.join(ours)} against {' '.join(theirs)})"
    return f"only one has the {called} {_listed(ours or theirs)}"


def _doubt_about(part: str, left: dict[str, Any], right: dict[str, Any]) -> str:
    if part in DOUBTS:
        return DOUBTS[part]
    called, slot = CALLED.get(part, part), SLOTS[part]
    if slot == "floating":
        return "one means the latest version"
    ours, theirs = left.get(slot, []), right.get(slot, [])
    if ours and theirs:
        return f"the {called} is written differently ({' '.join(ours)} and {' '.join(theirs)})"
    return f"only one names the {called} ({' '.join(ours or theirs)})"
