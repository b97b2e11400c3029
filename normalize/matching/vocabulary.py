"""Loads the vocabulary of names, `vocabulary.toml`, into lookup tables for the parser of names."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of the field. All lookups are by folded words without spaces."""

    version: int
    makers: dict[str, str]
    """The spelling of a maker, joined → its canonical name."""
    accounts: dict[str, str]
    """An account name in front of a slash, folded → the maker."""
    longest_maker: int
    """The maximum number of words in the spelling of a maker."""
    owners: dict[str, frozenset[str]]
    """A family → its maker."""
    phrases: dict[tuple[str, ...], tuple[str, ...]]
    """Several tokens → the words that they mean."""
    phrase_starts: dict[str, tuple[int, ...]]
    """The first token of phrases → their numbers of tokens, longest first."""
    same: dict[str, tuple[str, ...]]
    """One token → the words that it means."""
    kinds: dict[str, str]
    """A word → line, form, serving, hosting, floating, generic or empty."""
    labels: dict[str, str]
    """A word in front of a number → the series of that number ("" for a plain version)."""
    common: frozenset[str]
    everyday: frozenset[str]
    licences: frozenset[str]
    releases: frozenset[str]
    """Release forms that count in parentheses, joined."""
    release_words: frozenset[str]
    """The words that make up release forms."""
    regions: frozenset[str]
    domains: frozenset[str]
    stop: frozenset[str]
    field: frozenset[str]
    """Words that descriptions in the whole field use."""


def _starts(phrases: dict[tuple[str, ...], tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for tokens in phrases:
        found.setdefault(tokens[0], set()).add(len(tokens))
    return {first: tuple(sorted(lengths, reverse=True)) for first, lengths in found.items()}


def _kinds(words: dict[str, list[str]]) -> dict[str, str]:
    """Return the kind of each word; if several kinds list a word, the first of these kinds counts."""
    found: dict[str, str] = {"open-weights": "form", "open-source": "form"}
    for kind in ("floating", "hosting", "serving", "form", "line", "generic", "empty"):
        for word in words[kind]:
            found.setdefault(word, kind)
    return found


def _read(said: dict[str, Any]) -> Vocabulary:
    words: dict[str, list[str]] = said["words"]
    makers = {spelling.replace(" ", ""): maker for maker, each in said["makers"].items() for spelling in each}
    owners: dict[str, set[str]] = {}
    for maker, families in said["families"].items():
        for family in families:
            owners.setdefault(family, set()).add(maker)
    phrases = {tuple(written.split()): tuple(meant) for written, meant in said["phrases"].items()}
    same = {written.replace(" ", ""): tuple(meant) for written, meant in said["phrases"].items()}
    same |= {written: (meant,) for written, meant in said["same"].items()}
    labels = dict.fromkeys(words["version_label"], "") | {each: each for each in words["series_label"]}
    return Vocabulary(
        version=said["version"],
        makers=makers,
        accounts={account: maker for maker, each in said["accounts"].items() for account in each},
        longest_maker=max(len(spelling.split()) for each in said["makers"].values() for spelling in each),
        owners={family: frozenset(makers) for family, makers in owners.items()},
        phrases=phrases,
        phrase_starts=_starts(phrases),
        same=same,
        kinds=_kinds(words),
        labels=labels,
        common=frozenset(words["common"]),
        everyday=frozenset(words["everyday"]),
        licences=frozenset(words["licence"]),
        releases=frozenset(each.replace(" ", "") for each in words["release"]),
        release_words=frozenset(" ".join(words["release"]).split()),
        regions=frozenset(words["region"]),
        domains=frozenset(words["domain"]),
        stop=frozenset(said["texts"]["stop"].split()),
        field=frozenset(said["texts"]["field"].split()),
    )


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary from the file next to this module."""
    return _read(tomllib.loads((files(__package__) / "vocabulary.toml").read_text("utf-8")))
