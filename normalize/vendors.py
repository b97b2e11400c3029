"""Finds the maker of a tool, if its name or its texts leave no doubt.

The known makers are in ``vendors.yml``. Only a few phrases count: the maker's name in front of the product's, one of
its product lines with a version, "by Anthropic", "OpenAI's first …". If two makers are found, the result is None.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from normalize.fold import folded

TABLE = Path(__file__).with_name("vendors.yml")
MOST_SIGNS = 4000

_MADE = "made|built|developed|created|released|designed|published|launched|open-sourced|maintained|trained"
_BY = r"\bby (?:the )?(?P<maker>{makers})(?: research| labs?| team)?(?=\s*(?:[.,;:)!|]|- |$))"
_WORDS = re.compile(r"[\w-]++")
_PARTICIPLE = re.compile(r"(?:ed|en|wn|ht|pt|run|led|or|and)$")
_OF_ANOTHER = re.compile(r"\b(?:with|for|to|from|like|than|of|on|against|using|via|over|between|beats?|not)\b")
"""Words after which a maker's name belongs to another product: "works with models by …"."""
_OWN = (
    r"^(?:(?:it|this) is )?(?P<maker>{makers})(?:'s|s')(?= (?:[\w.-]+ ){{0,3}}?"
    r"(?:first|new|newest|latest|most|own|official|flagship|in-house|\w{{2,}}est|models?|family|open|open-weights?"
    r"|open-source|cheapest|next|\d[\w-]*)\b)"
)
_FROM = (
    r"\b(?:model|models|family|release|llm|assistant|agent|editor|sdk) from (?P<maker>{makers})"
    r"(?=\s*(?:[.,;:)!|]|- |$))"
)
_DID = (
    r"^(?P<maker>{makers}) (?:has |have )?(?:just |now )?(?:released|releases|launched|launches|announced|introduced"
    r"|introduces|shipped|ships|unveiled|unveils|open-sourced|open-sources|expanded)\b"
)
_FOREIGN = (
    "for|with|alternative|clone|wrapper|proxy|unofficial|compatible|client|router|plugin|extension|manager|exporter|to|vs|"
    "in|on|and|scraper|connector|integration|bot|helper|templates?|guide|course|tools?"
)
_LINE_REST = re.compile(
    r"(?:[\s:.()&-]++(?>(?:v?\d\w*+|[a-z]\d+[a-z]?|opus|sonnet|haiku|flash|pro|lite|mini|nano|ultra|max|large|medium|small|edge"
    r"|scout|maverick|turbo|instruct|preview|thinking|coder|vision|audio|native|output|tts|api|update|open|weights?|chat"
    r"|base|it|code|images?|vl|omni|air|plus|xl|experimental|models?|context|token|reasoning|live|high|low)(?!\w)))*+"
    r"[\s)]*+"
)
"""Words that distinguish the models of a product line: versions, sizes, editions, forms."""


def vendor_of(name: str | None, tagline: str | None = None, description: str | None = None) -> str | None:
    """Return the maker of the tool called `name`, as spelled in ``vendors.yml``; None if uncertain."""
    title = folded((name or "")[:MOST_SIGNS])[:MOST_SIGNS]
    told = {_by_name(title), _by_line(title), _by_words(title, title)}
    for text in (tagline, description):
        told.add(_by_words(folded((text or "")[:MOST_SIGNS])[:MOST_SIGNS], title))
    told.discard(None)
    return told.pop() if len(told) == 1 else None


def _by_name(title: str) -> str | None:
    """Return the maker whose name is in front of the product's name."""
    match = re.match(rf"(?P<maker>{_makers()})(?:'s)? (?P<rest>\S.*)", title)
    if match is None or _names()[match["maker"]] in _ordinary() or re.search(rf"\b(?:{_FOREIGN})\b", match["rest"]):
        return None
    return _names()[match["maker"]]


def _by_line(title: str) -> str | None:
    """Return the maker whose product line the name consists of: the line, a version, and nothing else."""
    for line, maker in _lines():
        if title.startswith(line):
            rest = title[len(line) :]
            if any(sign.isdigit() for sign in rest) and _LINE_REST.fullmatch(
                rest if rest[:1] in " -:." else f" {rest}"
            ):
                return maker
    return None


def _by_words(text: str, title: str) -> str | None:
    """Return the maker that a text names as the maker, if there is exactly one."""
    if not _any_maker().search(text):
        return None
    own, *others = _patterns()
    makers = {match["maker"] for pattern in others for match in pattern.finditer(text)}
    makers |= {match["maker"] for match in own.finditer(text.removeprefix(f"{title} is "))}
    makers |= {match["maker"] for match in _by_pattern().finditer(text) if _is_by_it(text, match)}
    told = {_names()[maker] for maker in makers}
    return told.pop() if len(told) == 1 else None


def _is_by_it(text: str, match: re.Match[str]) -> bool:
    """Return whether "by" names the maker of the tool itself, and not of something it is powered by or works with."""
    word = text[: match.start()].rsplit(" ", 2)[-2:][0] if text[: match.start()].endswith(" ") else ""
    words = _WORDS.findall(word)
    before = words[-1] if words and word.endswith(words[-1]) else ""
    if _PARTICIPLE.search(before) and not re.fullmatch(_MADE, before):
        return False
    clause = re.split(r"[.;:!,(]\s| - ", text[: match.start()])[-1]
    return not _OF_ANOTHER.search(clause)


@cache
def _patterns() -> list[re.Pattern[str]]:
    return [re.compile(each.format(makers=_makers())) for each in (_OWN, _FROM, _DID)]


@cache
def _any_maker() -> re.Pattern[str]:
    """Return a pattern that finds any maker's name; most texts contain none and need no further checks."""
    return re.compile(_makers())


@cache
def _by_pattern() -> re.Pattern[str]:
    return re.compile(_BY.format(makers=_makers()))


@cache
def _ordinary() -> set[str]:
    """Return the makers whose names are also ordinary words."""
    return {maker for maker, more in _table().items() if more.get("ordinary")}


@cache
def _table() -> dict[str, dict[str, Any]]:
    listed: dict[str, dict[str, Any]] = yaml.safe_load(TABLE.read_text("utf-8"))
    return listed


@cache
def _names() -> dict[str, str]:
    """Return the canonical name of the maker for each of its names, folded."""
    return {folded(each): maker for maker, more in _table().items() for each in (maker, *more.get("also", ()))}


@cache
def _makers() -> str:
    """Return a pattern of all makers' names, the longest first."""
    return "|".join(re.escape(each) for each in sorted(_names(), key=lambda each: (-len(each), each)))


@cache
def _lines() -> list[tuple[str, str]]:
    """Return all product lines, folded, with their makers, the longest first."""
    found = [(folded(line), maker) for maker, more in _table().items() for line in more.get("lines", ())]
    return sorted(found, key=lambda each: (-len(each[0]), each[0]))
