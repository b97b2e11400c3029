"""What a page hides: which elements are not simply shown, and what of them counts.

- *Never shown*: `hidden`, ``display:none``, closed dialogs, text for screen readers. Told, where it stands nowhere in
  sight.
- *Shown sometimes*: a copy for another screen width (``hidden md:block``, ``md:hidden``), or kept from screen readers
  (``aria-hidden``). Where it repeats what is in sight it is a copy and counts once; else what a wide screen shows is
  read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from crawler.pages.blocks import Block
from crawler.pages.labels import fold

SUSPECT = '[hidden], [aria-hidden], [style], [class*="hidden"], [class*="sr-only"], dialog'
"""Selects the elements that may not be simply shown."""

WIDE, ASIDE, NARROW, NEVER, MOVED = "wide", "aside", "narrow", "never", "moved"
"""Why not: on wide screens only, kept from screen readers, on narrow screens only, never, moved by a script."""

MOST_WORK = 50_000_000
"""How many signs may be looked through to find copies; no real page needs a hundredth of it."""

SHORT = 40
"""A single text of up to so many signs may well stand twice on a page without being a copy."""

_STYLE_HIDES = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.IGNORECASE)
_SHOWN_WIDE = re.compile(r"(?:sm|md|lg|xl|2xl):(?:block|flex|grid|inline|table|contents|flow-root|list-item)\S*")
_HIDDEN_WIDE = re.compile(r"(?:sm|md|lg|xl|2xl):hidden")
_READER_ONLY = frozenset(("sr-only", "visually-hidden"))


@dataclass(slots=True, eq=False)
class Region:
    """Content that is not simply shown: before which block it stands, why, and its blocks."""

    at: int
    why: str
    blocks: list[Block] = field(default_factory=list)


def visibility(node: LexborNode) -> str | None:
    """Why the content of a suspect element is not simply shown; None where it is."""
    attributes = node.attributes
    classes = (attributes.get("class") or "").split()
    if "hidden" in attributes and attributes.get("hidden") != "until-found":
        return NEVER
    if _STYLE_HIDES.search(attributes.get("style") or "") or _READER_ONLY & set(classes):
        return NEVER
    if node.tag == "dialog" and "open" not in attributes:
        return NEVER
    if "hidden" in classes:
        return WIDE if any(_SHOWN_WIDE.fullmatch(name) for name in classes) else NEVER
    if any(_HIDDEN_WIDE.fullmatch(name) for name in classes):
        return NARROW
    if (attributes.get("aria-hidden") or "").lower() == "true":
        return ASIDE
    return None


def settle(blocks: Sequence[Block], regions: Sequence[Region]) -> tuple[list[Block], list[str]]:
    """The blocks that count, and the hidden texts that stand nowhere in sight.

    `blocks` are simply shown; `regions` stand between them, in page order.
    """
    if not regions:
        return list(blocks), []
    sight = _joined(blocks)
    work = MOST_WORK
    kept: set[int] = set()
    unseen: list[str] = []
    for region in sorted(regions, key=lambda each: (WIDE, ASIDE, NARROW, NEVER).index(each.why)):
        text = _joined(region.blocks)
        work -= len(sight)
        if not region.blocks or (work > 0 and _is_copy(region, text, sight, blocks)):
            continue
        if region.why in (WIDE, ASIDE) and work > 0:
            kept.add(id(region))
            sight += text
        else:
            unseen.extend(block.text for block in region.blocks)
    settled: list[Block] = []
    position = 0
    for region in regions:
        if id(region) in kept:
            settled += (*blocks[position : region.at], *region.blocks)
            position = region.at
    settled += blocks[position:]
    return settled, unseen


def _is_copy(region: Region, text: str, sight: str, blocks: Sequence[Block]) -> bool:
    """Whether `region` repeats what is in sight: anywhere if it is long, next to it if it is one short text."""
    if len(region.blocks) > 1 or len(text) > SHORT:
        return text in sight
    near = blocks[max(0, region.at - 1) : region.at + 1]
    return any(fold(block.text) == fold(region.blocks[0].text) for block in near)


def _joined(blocks: Sequence[Block]) -> str:
    return "\n" + "".join([block.text + "\n" for block in blocks])
