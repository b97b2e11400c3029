"""HTML bytes → blocks. Reads what a browser would show on a wide screen, and knows no class but those that hide.

One walk over the tree, in reading order. What of it is shown is settled by `hidden`. Late content, which React sends in
``<div hidden id="S:0">`` and moves by script to ``<template id="B:0">``, is read where it will stand.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.pages.blocks import ENTER, INLINE, LEAVE, Block, is_parted, lines_of, split_run, tidy
from crawler.pages.cost import Work, tree_of
from crawler.pages.hidden import MOVED, NARROW, NEVER, SUSPECT, Region, settle, visibility
from crawler.pages.labels import fold

STEP = 20
"""To go on to the next element costs as much as looking at so many signs."""

SKIPPED = frozenset(
    "script style template noscript svg math head title meta link img picture video audio source track canvas object"
    " embed iframe select datalist input progress meter area map param".split()
)
FURNITURE = frozenset(("nav", "footer"))
CONTENT = frozenset(("main", "article", "section", "blockquote", "li", "td", "figure", "dialog"))

_STREAM = re.compile(r"S:[0-9a-f]+")

_SKIP, _INLINE, _BLOCK, _CONTENT, _FURNITURE, _REGION, _PASSED = range(7)
_KIND_OF_TAG = {
    "br": _SKIP,
    **dict.fromkeys(SKIPPED, _SKIP),
    **dict.fromkeys(INLINE, _INLINE),
    **dict.fromkeys(CONTENT, _CONTENT),
    **dict.fromkeys(FURNITURE, _FURNITURE),
}


def _kinds_by_number() -> tuple[int, dict[int, int]]:
    """The number that the HTML parser gives to text, and what to do at each tag, by the tag's number.

    Numbers are compared several times faster than names; a tag of unknown number is a block.
    """
    tree = LexborHTMLParser("")
    comment = LexborHTMLParser("<body><!-- --></body>").body
    assert comment is not None and comment.first_child is not None
    kinds = {tree.create_node(tag).tag_id: kind for tag, kind in _KIND_OF_TAG.items()}
    kinds[comment.first_child.tag_id] = _SKIP
    text = LexborHTMLParser("<body>text</body>").body
    assert text is not None and text.first_child is not None
    return text.first_child.tag_id, kinds


_TEXT, _KIND = _kinds_by_number()


class Shown(NamedTuple):
    """What a page shows: its blocks, the texts of its navigation and footer, and hidden texts shown nowhere else."""

    blocks: list[Block]
    furniture: list[str]
    unseen: list[str]


def blocks_of_html(html: bytes) -> Shown:
    """Read a page, given in UTF-8. Raises `TooCostlyError`."""
    tree = tree_of(html)
    body = tree.body
    return Shown([], [], []) if body is None else _Walk(tree).run(body)


def is_closed(html: bytes) -> bool:
    """Whether the page ends as a whole page does, so that nothing was cut off its end."""
    tail = html[-2_000:].rstrip()
    while tail.endswith(b"-->"):
        tail = tail[: max(0, tail.rfind(b"<!--"))].rstrip()
    _, mark, name = tail.rpartition(b"</")
    return bool(mark) and name.endswith(b">") and name[:-1].strip().lower() in (b"html", b"body")


class _Walk:
    """One pass over a tree, in reading order, without recursion (a page may nest thousands of elements)."""

    def __init__(self, tree: LexborHTMLParser) -> None:
        self.why: dict[int, str] = {}
        self.streams: dict[str, LexborNode] = {}
        self.find_suspects(tree)
        self.blocks: list[Block] = []
        self.regions: list[Region] = []
        self.out = self.blocks
        self.tokens: list[str] = []
        self.todo: list[tuple[LexborNode, int]] = []
        self.holder: LexborNode | None = None
        self.furniture: list[str] = []
        self.content = 0
        self.work = Work()

    def find_suspects(self, tree: LexborHTMLParser) -> None:
        """Note which elements are not simply shown, and which will be moved by a script of React's."""
        for node in tree.css(SUSPECT):
            if _KIND.get(node.tag_id) == _SKIP:
                continue
            reason = visibility(node)
            if reason == NEVER and _STREAM.fullmatch(node.id or ""):
                self.streams.setdefault((node.id or "")[2:], node)
            elif reason is not None:
                self.why[node.mem_id] = reason
        if self.streams:
            slots = {(node.id or "")[2:] for node in tree.css('template[id^="B:"]')}
            self.why.update({node.mem_id: MOVED for name, node in self.streams.items() if name in slots})

    def run(self, body: LexborNode) -> Shown:  # noqa: C901  (one loop: calls cost more than what they do)
        """Walk below `body` and settle what was not simply shown. The loop is hot: plain elements come first in it."""
        todo, tokens, kinds = self.todo, self.tokens, _KIND
        why = self.why
        todo.append((body, _BLOCK))
        node = body.first_child
        while True:
            while node is not None:
                number = node.tag_id
                if number == _TEXT:
                    if self.holder is None:
                        self.holder = todo[-1][0]
                    tokens.append(node.text_content or "")
                    node = node.next
                    continue
                kind = kinds.get(number, _BLOCK)
                if why and kind != _SKIP and node.mem_id in why:
                    kind = self.turn(node, kind)
                if kind != _BLOCK:
                    if kind == _SKIP:
                        node = self.skip(node)
                        continue
                    kind = self.enter(node, kind)
                    if kind == _PASSED:
                        node = node.next
                        continue
                elif tokens:
                    self.flush()
                child = node.first_child
                if child is None:
                    if kind != _BLOCK:
                        self.leave(kind)
                elif child.tag_id != _TEXT or child.next is not None or kind > _BLOCK:
                    todo.append((node, kind))
                    node = child
                    continue
                elif kind == _BLOCK:
                    text = tidy(child.text_content or "")
                    if text:
                        self.out.append(Block(text, node))
                else:
                    self.holder = self.holder or node
                    tokens += (child.text_content or "", LEAVE)
                node = node.next
            node, kind = todo.pop()
            if kind != _BLOCK:
                self.leave(kind)
            elif tokens:
                self.flush()
            if not todo:
                return self.shown()
            node = node.next

    def enter(self, node: LexborNode, kind: int) -> int:
        """An element of another kind than a plain block begins; how to go on with it."""
        if kind == _INLINE:
            self.tokens.append(ENTER)
            return kind
        if kind == _PASSED:
            return kind
        if self.tokens:
            self.flush()
        if kind == _CONTENT:
            self.content += 1
        elif kind == _REGION:
            region = Region(len(self.blocks), self.why[node.mem_id])
            self.regions.append(region)
            self.out = region.blocks
        elif self.content:
            return _BLOCK
        else:
            self.furniture.extend(lines_of(node.text(separator="\n")))
            return _PASSED
        return kind

    def leave(self, kind: int) -> None:
        """An element ends."""
        if kind == _INLINE:
            self.tokens.append(LEAVE)
            return
        if self.tokens:
            self.flush()
        if kind == _CONTENT:
            self.content -= 1
        elif kind == _REGION:
            self.out = self.blocks

    def turn(self, node: LexborNode, kind: int) -> int:
        """How to go on with an element that is not simply shown, or that stands here only to be moved."""
        if self.why[node.mem_id] == MOVED:
            return _PASSED
        if self.out is not self.blocks:
            return kind
        if kind == _INLINE:
            return _PASSED if self.is_copy_inline(node) else _INLINE
        return _REGION

    def is_copy_inline(self, node: LexborNode) -> bool:
        """Whether a suspect inline element adds nothing: it is never shown, or repeats the element beside it."""
        why = self.why[node.mem_id]
        if why in (NEVER, NARROW):
            return True
        text = self.folded(node)
        return any(
            beside is not None and beside.is_element_node and self.folded(beside) == text
            for beside in (node.prev, node.next)
        )

    def folded(self, node: LexborNode) -> str:
        """The text of an element that is held against another one's."""
        text = node.text()
        self.work.spend(len(text))
        return fold(text)

    def skip(self, node: LexborNode) -> LexborNode | None:
        """Pass over a node that shows no text of its own; the node to go on with.

        A line break ends a block. A streamed part is read where its placeholder stands, instead of what stands there
        until it comes.
        """
        if node.tag == "br":
            if self.tokens:
                self.flush()
            return node.next
        name = node.id or "" if self.streams and node.tag == "template" else ""
        stream = self.streams.pop(name[2:], None) if name.startswith("B:") else None
        if stream is None:
            return node.next
        if self.tokens:
            self.flush()
        after = node.next
        while after is not None and not (after.is_comment_node and (after.comment_content or "").strip() == "/$"):
            self.work.spend(STEP)
            after = after.next
        self.todo.append((after or node, _BLOCK))
        return stream.first_child

    def flush(self) -> None:
        """End the present run of text: it becomes a block, or several."""
        run = "".join(self.tokens)
        self.tokens.clear()
        holder, self.holder = self.holder, None
        out = self.out
        if ENTER in run or LEAVE in run:
            if is_parted(run):
                for text in split_run(run, self.block_tag(holder)):
                    out.append(Block(text, holder))
                return
            run = run.replace(ENTER, "").replace(LEAVE, "")
        if text := tidy(run):
            out.append(Block(text, holder))

    def block_tag(self, node: LexborNode | None) -> str:
        """The name of the nearest element around `node` that is not inline."""
        while node is not None and (node.tag or "") in INLINE:
            node = node.parent
        return (node.tag or "") if node is not None else ""

    def shown(self) -> Shown:
        """What the walk found, once it is settled what of it is shown."""
        blocks, unseen = settle(self.blocks, self.regions)
        return Shown(blocks, self.furniture, unseen)
