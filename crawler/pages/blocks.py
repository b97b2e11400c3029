"""Blocks: the text of a page in reading order, one block for each run of text that stands on its own.

HTML and text are both turned into a list of blocks, so that one grammar reads both. In text a block is a line.
In HTML a block is what a browser would set apart from its neighbours; `split_runs` finds these where a page builds
its layout from inline elements, which CSS sets apart though the markup does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crawler.pages.labels import ALL, fold

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

SPACE = re.compile(r"[ \t\n\r\f\v]+")
"""White space that a browser folds. A no-break space is a sign like any other, and kept."""

MAX_KNOWN = 60
"""No label and no value of a slot is longer."""

ENTER, LEAVE = 1, 2
"""Marks between the texts of a run: an inline element begins, an inline element ends."""

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

_SPACED, _GAP, _TIGHT, _TOUCHING = "spaced", "gap", "tight", "touching"


@dataclass(slots=True)
class Block:
    """One block: its text and (HTML only) the name of the element around it and its node.

    `furniture` is true inside the page's own navigation, header and footer.
    """

    text: str
    tag: str = ""
    node: LexborNode | None = None
    furniture: bool = False

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


def blocks_of_text(text: str) -> list[Block]:
    """The blocks of a text rendering: its lines that are not blank."""
    lines = (tidy(line) for line in re.split(r"\r\n|\r|\n", text))
    return [Block(line) for line in lines if line]


def split_runs(tokens: Sequence[str | int], tag: str) -> list[str]:
    """Split one run of inline content into the texts that a reader sees apart.

    `tokens` are texts and the marks ENTER and LEAVE between them, `tag` the element that holds the run. Sibling
    elements that touch are apart (no author writes words that run together), unless together they spell a label or
    a value; elements with only white space between them are apart in a container, together in a sentence.
    """
    atoms, joints, prose = _atoms(tokens)
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
        apart = bound == _TIGHT or (bound == _GAP and is_layout) or (bound != _SPACED and has_known)
        if apart:
            merged.append(texts[number])
        else:
            merged[-1] += (" " if bound in (_SPACED, _GAP) else "") + texts[number]
    return merged


def _atoms(tokens: Sequence[str | int]) -> tuple[list[str], list[str], bool]:
    """The texts of a run, how each two of them meet, and whether bare text stands between elements as in prose."""
    prose = False
    atoms: list[str] = []
    joints: list[str] = []
    marks: list[int] = []
    white = False
    for token in tokens:
        if isinstance(token, int):
            marks.append(token)
            continue
        text = tidy(token)
        if not text:
            white = True
            continue
        if atoms:
            between_elements = LEAVE in marks and ENTER in marks
            space = white or token[0].isspace()
            if between_elements:
                joint = _GAP if space else _TIGHT
            else:
                joint = _SPACED if space else _TOUCHING
            if not marks or joint == _SPACED:
                atoms[-1] += (" " if space else "") + text
                prose = prose or bool(marks)
            else:
                atoms.append(text)
                joints.append(joint)
        else:
            atoms.append(text)
        marks = []
        white = token[-1].isspace()
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
