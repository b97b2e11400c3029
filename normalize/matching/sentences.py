"""A decision's record in a sentence that a person understands."""

from __future__ import annotations

from typing import Any

from normalize.matching.rules import SLOTS
from normalize.matching.texts import Likeness, from_json

CALLED = {"serving": "packing", "generic": "general word"}
"""How a part is called, where that is not its own name."""

MERGES = {
    "same_name": "they are equal but for case, punctuation and spacing",
    "same_parts": "they say the same in other words or another order",
    "maker_prefix": "they differ only in that one names the maker",
}

DOUBTS = {
    "maker_foreign": "the name before it is of another maker, who may offer it or have made another of it",
    "maker_common": "without the maker's name it is an everyday name, which other tools may bear",
    "version_order": "both have the same version numbers, but in another order",
    "bare_name": "one is the other without the maker, and has no name of its own",
    "alias": "one stands in the other's parentheses, or before them",
    "one_letter": "a single letter differs in a long word, which may be a slip",
    "texts": "the names are one, but their texts share next to nothing, and different tools do bear the same name",
}


def sentence(reasons: dict[str, Any]) -> str:
    """What the rules decided and why, in words, from a record that `decide` made.

    Raises:
        KeyError: it is no such record.

    """
    left, right = reasons["left"], reasons["right"]
    names = f"“{left['name']}” and “{right['name']}”"
    alike = from_json(reasons["texts"])
    if reasons["decision"] == "merge":
        return f"{names} are one tool: {MERGES[reasons['rule']]}{_texts(alike)}."
    if reasons["decision"] == "apart":
        return f"{names} are two tools: {_why_apart(reasons)}."
    why = "; ".join(_doubt_about(part, left["reading"], right["reading"]) for part in reasons["doubts"])
    return f"A person should look whether {names} are one tool: {why}."


def _texts(alike: Likeness) -> str:
    if alike.similarity is None:
        return "; there are no texts to object"
    if not alike.shared:
        return f", and their texts are alike to {alike.similarity} of 100"
    some = ", ".join(alike.shared[:3])
    return f", and their texts agree ({len(alike.shared)} telling words in common, such as {some})"


def _why_apart(reasons: dict[str, Any]) -> str:
    left, right = reasons["left"]["reading"], reasons["right"]["reading"]
    if reasons["rule"] == "name":
        ours, theirs = set(left["core"]), set(right["core"])
        only = [_only(side["name"], words) for side, words in _words_of(reasons, ours - theirs, theirs - ours) if words]
        return "; ".join(only) or "their names are others"
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
    return f"only one is the {called} {_listed(ours or theirs)}"


def _doubt_about(part: str, left: dict[str, Any], right: dict[str, Any]) -> str:
    if part in DOUBTS:
        return DOUBTS[part]
    called, slot = CALLED.get(part, part), SLOTS[part]
    if slot == "floating":
        return "one stands for whatever is newest"
    ours, theirs = left.get(slot, []), right.get(slot, [])
    if ours and theirs:
        return f"the {called} is not said alike ({' '.join(ours)} beside {' '.join(theirs)})"
    return f"only one names the {called} ({' '.join(ours or theirs)})"
