"""From which blocks of a page each value was read: the reader itself tells, when it is asked to.

Within `tracing`, `read_page` has a `Trace` at hand into which the reader notes what it takes each value from. Ordinary
reading has none, and loses no time over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from crawler.pages.blocks import Block

SEPARATOR = "\n"
"""What stands between two blocks in the page's text as the reader sees it."""


class Words(NamedTuple):
    """A block from which something was read.

    `block` is its number on the page, from 1; `start` and `end` are the places of its first sign and after its last one
    in the page's text, the blocks parted by a line break; `path` names the elements that it begins in, None in text.
    """

    block: int
    start: int
    end: int
    path: str | None
    text: str


@dataclass
class Trace:
    """What the reader noted: blocks by side and field, and for each side its reviews in order, blocks by part."""

    blocks: list[Block] = field(default_factory=list)
    fields: dict[tuple[str, str], list[Block]] = field(default_factory=dict)
    reviews: dict[str, list[dict[str, list[Block]]]] = field(default_factory=dict)

    def put(self, side: str, name: str, blocks: Sequence[Block]) -> None:
        """The value of the field `name` was read from `blocks`; also from them, where it stands on the page twice."""
        known = self.fields.setdefault((side, name), [])
        known += [block for block in blocks if block not in known]

    def drop(self, side: str, name: str) -> None:
        """The value of the field `name` was not taken after all."""
        self.fields.pop((side, name), None)

    def add_review(self, side: str, parts: Mapping[str, Sequence[Block]]) -> None:
        """The parts of the next review of `side` were read from these blocks."""
        self.reviews.setdefault(side, []).append({name: list(blocks) for name, blocks in parts.items()})

    def words(self, blocks: Sequence[Block]) -> list[Words] | None:
        """Where `blocks` stand, in page order; None where there are none, or one is not a whole block of the page."""
        found: list[Words] = []
        wanted = {id(block) for block in blocks}
        start = 0
        for number, block in enumerate(self.blocks, 1):
            end = start + len(block.text)
            if id(block) in wanted:
                found.append(Words(number, start, end, path_of(block.node), block.text))
            start = end + len(SEPARATOR)
        return found if found and len(found) == len(wanted) else None


_ACTIVE: ContextVar[Trace | None] = ContextVar("trace", default=None)


def active() -> Trace | None:
    """The trace that is to be filled while a page is read; None where nobody asked for one."""
    return _ACTIVE.get()


@contextmanager
def tracing() -> Iterator[Trace]:
    """A trace that is filled by the page that is read in the block."""
    trace = Trace()
    token = _ACTIVE.set(trace)
    try:
        yield trace
    finally:
        _ACTIVE.reset(token)


def path_of(node: LexborNode | None) -> str | None:
    """The elements around a text, from the outermost to its own: ``html > body > div[2] > span``; None in text.

    A number tells which of the elements of one name beside each other it is.
    """
    steps: list[str] = []
    while node is not None and node.is_element_node:
        steps.append(_step(node))
        node = node.parent
    return " > ".join(reversed(steps)) or None


def _step(node: LexborNode) -> str:
    before = after = 0
    beside = node.prev
    while beside is not None:
        before += beside.tag == node.tag
        beside = beside.prev
    beside = node.next
    while beside is not None:
        after += beside.tag == node.tag
        beside = beside.next
    return f"{node.tag}[{before + 1}]" if before or after else str(node.tag)
