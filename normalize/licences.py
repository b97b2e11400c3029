"""Finds the licence that a text names, as an SPDX id, or None if it is uncertain.

A licence is recognised by its SPDX id, exactly as in the list of `license-expression`, or by a spelling in
``licences.yml``. Spellings that are also common words or names ("MIT") only count if the words around them leave no
doubt.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from normalize.fold import folded

TABLE = Path(__file__).with_name("licences.yml")
OPEN = {"Permissive", "Copyleft", "Copyleft Limited", "Public Domain"}
"""The library's categories of licences that allow anyone to use, change and pass on the work."""

MOST_SIGNS = 600
"""Nothing is read from texts with more characters: they are not statements of a licence."""

_PART = re.compile(r"[/;|()\[\]{}:]+|,(?! ?v(?:ersion)? ?\d)|\s-\s|\sand\s|\sor\s(?!later|newer|any)|\.(?=\s|$)")
_ID = re.compile(r"[a-z0-9][a-z0-9.+-]*+")
_TOKEN = re.compile(r"[a-z0-9]+(?:\.[0-9]+)*\+?")
_NOISE = frozenset("license licence licensed licences licenses the version v".split())
_FILLER = frozenset(
    "free open source opensource sourced code weights weight model models under core fully available permissive "
    "permissively oss foss floss self hosted selfhosted with use commercial".split()
)
"""Words next to which a short spelling is certainly a licence."""

_DOUBT = re.compile(
    r"\b(?:not|non|no longer|was|were|previously|formerly|until|modified|custom|instead of|except|unlike|ex)[\s-]+"
    r"(?:\w+[\s-]+)?$"
)
_FURTHER_TERMS = re.compile(
    r"\b(?:commons clause|exceptions?|addendum|(?:additional|extra|further) (?:terms|restrictions))\b"
)
"""Additional terms that turn the named licence into a different one."""

_ALIKE = re.compile(r"^[\s-]*(?:style|like|inspired|compatible|ish|based|derived|students?|research|alumni|faculty)\b")


class _Spelling(NamedTuple):
    spdx_id: str
    is_short: bool


def licences_in(text: str) -> frozenset[str | None]:
    """Return the SPDX ids of all licences that `text` names; None among them stands for an uncertain one."""
    plain = folded(text[: 2 * MOST_SIGNS])
    if len(plain) > MOST_SIGNS:
        return frozenset()
    found: set[str | None] = set()
    for part in _PART.split(plain):
        found |= _in_part(part)
    return frozenset([None]) if found and _FURTHER_TERMS.search(plain) else frozenset(found)


def the_one(licences: frozenset[str | None]) -> str | None:
    """Return the licence if `licences` contains exactly one that is certain, else None."""
    return next(iter(licences)) if len(licences) == 1 else None


def is_open(spdx_id: str) -> bool:
    """Return whether the licence allows anyone to use, change and pass on the work. Unknown ids are not open."""
    return _categories().get(spdx_id) in OPEN


def open_licences() -> list[str]:
    """Return the ids of the open licences in ``licences.yml``, sorted."""
    return sorted({each.spdx_id for each in _spellings().values() if is_open(each.spdx_id)})


def _in_part(part: str) -> set[str | None]:
    """Return the licences that a part of a text names; None among them stands for an uncertain one."""
    found: set[str | None] = set()
    taken: list[tuple[int, int]] = []
    for match in _ID.finditer(part):
        named = match[0].rstrip(".-")
        spdx_id = _ids().get(named) if "-" in named else None
        if spdx_id is not None and any(sign.isdigit() for sign in named):
            start, end = match.start(), match.start() + len(named)
            found.add(None if _is_doubted(part, start, end) else spdx_id)
            taken.append((start, end))
    tokens = [each for each in _TOKEN.finditer(part) if not any(a <= each.start() < b for a, b in taken)]
    words = [each for each in tokens if each[0] not in _NOISE]
    keys = [_bare(each[0]) for each in words]
    at = 0
    while at < len(words):
        size = next((n for n in range(min(len(keys) - at, 6), 0, -1) if tuple(keys[at : at + n]) in _spellings()), 0)
        if not size:
            at += 1
            continue
        spelling = _spellings()[tuple(keys[at : at + size])]
        start, end = words[at].start(), words[at + size - 1].end()
        others = {*keys[:at], *keys[at + size :]}
        if _is_doubted(part, start, end):
            found.add(None)
        elif not spelling.is_short or others <= _FILLER or _is_called_licence(part, end):
            found.add(spelling.spdx_id)
        at += size
    return found


def _bare(token: str) -> str:
    """Return a token without the "v" in front of a number."""
    return token[1:] if re.fullmatch(r"v\d[\d.]*\+?", token) else token


def _is_doubted(part: str, start: int, end: int) -> bool:
    return bool(_DOUBT.search(part[:start]) or _ALIKE.match(part[end:]))


def _is_called_licence(part: str, end: int) -> bool:
    return re.match(r"[\s-]+licen[cs]ed?\b", part[end:]) is not None


@cache
def _index() -> list[dict[str, Any]]:
    from license_expression import get_license_index  # type: ignore[import-untyped]  # noqa: PLC0415  (slow to load)

    return [each for each in get_license_index() if each.get("spdx_license_key") and not each["is_exception"]]


@cache
def _ids() -> dict[str, str]:
    """Return the current SPDX id for each current or former id in lower case."""
    former = {
        old.lower(): each["spdx_license_key"]
        for each in _index()
        for old in each["other_spdx_license_keys"]
        if not each["is_deprecated"]
    }
    present = {each["spdx_license_key"].lower(): each["spdx_license_key"] for each in _index()}
    known = former | {lower: spdx_id for lower, spdx_id in present.items() if lower not in former}
    return {lower: spdx_id for lower, spdx_id in known.items() if not spdx_id.startswith("LicenseRef-")}


@cache
def _categories() -> dict[str, str]:
    return {each["spdx_license_key"]: each["category"] for each in _index() if not each["is_deprecated"]}


@cache
def _spellings() -> dict[tuple[str, ...], _Spelling]:
    """Return the spellings of the table, as tuples of words without noise words."""
    table = yaml.safe_load(TABLE.read_text("utf-8"))
    found: dict[tuple[str, ...], _Spelling] = {}
    for section, is_short in (("clear", False), ("short", True)):
        for spdx_id, spellings in table[section].items():
            for spelling in spellings:
                words = [each for each in _TOKEN.findall(folded(spelling)) if each not in _NOISE]
                found[tuple(map(_bare, words))] = _Spelling(spdx_id, is_short)
    return found
