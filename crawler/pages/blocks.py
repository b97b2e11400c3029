"""Blocks: the text of a page in reading order, one block for each run of text that stands on its own.

HTML and text are both turned into a list of blocks, so that one grammar reads both. In text a block is a line.
In HTML a block is what a browser would set apart from its neighbours; `split_run` finds these where a page builds
its layout from inline elements, which CSS sets apart though the markup does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from crawler.pages.labels import ALL, fold

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

SPACE = re.compile(r"[ \t\n\r\f\v]+")
"""White space that a browser folds. A no-break space is a sign like any other, and kept."""

MAX_KNOWN = 60
"""No label and no value of a slot is longer."""

ENTER, LEAVE = "\x01", "\x02"
"""Marks in a run of text: an inline element begins, an inline element ends. `decode` lets no such sign through."""

_MEETING = re.compile(r"\x02\s*\x01|[^\s\x01\x02][\x01\x02]+[^\s\x01\x02]")
_PARTS = re.compile(r"[\x01\x02]|[^\x01\x02]+")

_VALUE = re.compile(
    r"\d{1,3}\s?%|[—–-]|\d{1,3}\s?/\s?100(\s?[·•|]\s?(ship|skip))?|\d+ (ships?|skips?)|ship|mixed|skip|free|paid"
    r"|\d{4}-\d\d-\d\d",
    re.IGNORECASE,
)
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span"
    " strike strong sub sup time tt u var wbr".split()
)
"""Elements that stand inside a line of text."""

_BEGINNINGS = frozenset(
    word[:end]
    for word in (*ALL, "ship", "mixed", "skip", "free", "paid", "—", "–", "-")
    for end in range(1, len(word) + 1)
)
_ONE_TEXT = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "p", "blockquote", "q", "figcaption", "li", "dd", "dt"))
"""Elements that hold one text: white space between their inline children is a space, not a gap in a layout."""

_GAP, _TIGHT, _TOUCHING = "gap", "tight", "touching"


class Block:
    """One block: its text and, in HTML, the element that its text begins in."""

    __slots__ = ("node", "text")

    def __init__(self, text: str, node: LexborNode | None = None) -> None:
        self.text = text
        self.node = node

    @property
    def tag(self) -> str:
        """The name of the element that the text begins in; empty in text."""
        return (self.node.tag or "") if self.node is not None else ""

    @property
    def is_control(self) -> bool:
        """Whether the block is a link or a button of its own, not prose."""
        return self.tag in ("a", "button")

    @property
    def holder(self) -> int | None:
        """What holds the element around the block: equal for paragraphs that stand side by side. None in text."""
        node = self.node
        while node is not None and node.tag in INLINE:
            node = node.parent
        parent = node.parent if node is not None else None
        return parent.mem_id if parent is not None else None

    @property
    def link(self) -> str | None:
        """Where the innermost link around the block leads, None where it stands in none."""
        node = self.node
        while node is not None:
            if node.tag == "a":
                return node.attributes.get("href")
            node = node.parent
        return None


def tidy(text: str) -> str:
    """`text` as a browser would set it: white space folded to single spaces and trimmed."""
    if text.isprintable() and "  " not in text:
        return text.strip(" ")
    return SPACE.sub(" ", text).strip(" ")


def lines_of(text: str) -> list[str]:
    """The lines of `text` that are not blank."""
    lines = (tidy(line) for line in re.split(r"\r\n|\r|\n", text))
    return [line for line in lines if line]


def blocks_of_text(text: str) -> list[Block]:
    """The blocks of a text rendering: its lines that are not blank."""
    return [Block(line) for line in lines_of(text)]


def is_parted(run: str) -> bool:
    """Whether the elements of a run of inline content meet in a way that may set their texts apart."""
    return _MEETING.search(run) is not None


def split_run(run: str, tag: str) -> list[str]:
    """Split one run of inline content into the texts that a reader sees apart.

    `run` is text with the marks ENTER and LEAVE in it, `tag` the element that holds the run. Sibling elements that
    touch are apart (no author writes words that run together), unless together they spell a label or a value;
    elements with only white space between them are apart in a container, together in a sentence.
    """
    atoms, joints, prose = _atoms(run)
    if len(atoms) < 2:
        return atoms
    texts: list[str] = []
    known: list[bool] = []
    bounds: list[str] = []
    position = 0
    while position < len(atoms):
        end = _longest_known(atoms, joints, position)
        texts.append(_glue(atoms, joints, position, end or position + 1))
        known.append(end is not None)
        position = end or position + 1
        bounds.append(joints[position - 1] if position <= len(joints) else "")
    is_layout = tag not in _ONE_TEXT and not prose
    merged = [texts[0]] if texts else []
    for number in range(1, len(texts)):
        bound = bounds[number - 1]
        has_known = known[number - 1] or known[number]
        apart = bound == _TIGHT or (bound == _GAP and is_layout) or has_known
        if apart:
            merged.append(texts[number])
        else:
            merged[-1] += (" " if bound == _GAP else "") + texts[number]
    return merged


def _atoms(run: str) -> tuple[list[str], list[str], bool]:
    """The texts of a run, how each two of them meet, and whether bare text stands between elements as in prose."""
    prose = False
    atoms: list[str] = []
    joints: list[str] = []
    marks = ""
    white = False
    for part in _PARTS.findall(run):
        if part in (ENTER, LEAVE):
            marks += part
            continue
        text = tidy(part)
        if not text:
            white = True
            continue
        space = white or part[0].isspace()
        white = part[-1].isspace()
        if not atoms:
            atoms.append(text)
        elif LEAVE in marks and ENTER in marks:
            atoms.append(text)
            joints.append(_GAP if space else _TIGHT)
        elif space:
            atoms[-1] += " " + text
            prose = True
        else:
            atoms.append(text)
            joints.append(_TOUCHING)
        marks = ""
    return atoms, joints, prose


def _glue(atoms: Sequence[str], joints: Sequence[str], start: int, end: int) -> str:
    text = atoms[start]
    for number in range(start + 1, end):
        text += (" " if joints[number - 1] == _GAP else "") + atoms[number]
    return text


def _longest_known(atoms: Sequence[str], joints: Sequence[str], start: int) -> int | None:
    """Where the longest label or value that begins at `start` ends; None where none does."""
    first = fold(atoms[start]) if len(atoms[start]) <= MAX_KNOWN else ""
    if not (first in _BEGINNINGS or first[:1].isdigit()):
        return None
    for end in range(min(len(atoms), start + 6), start, -1):
        text = _glue(atoms, joints, start, end)
        if len(text) <= MAX_KNOWN and (fold(text) in ALL or _VALUE.fullmatch(tidy(text))):
            return end
    return None
