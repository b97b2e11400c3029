"""What a page may cost: checked in one linear pass, before a page reaches the HTML parser.

The parser's time and memory grow faster than a page: it compares each attribute of an element with all others, looks
through all open elements, and copies formatting elements that were not closed into every block that follows. So what
a page may have of these is bounded, far above what any real page has. `tree_of` is the only way to the parser, for
pages that are read and for pages in which links are sought.

The pass must see what the parser will see. So that nothing can be hidden from it, what no reader reads is left out of
what the parser gets: scripts, styles, drawings, most comments. What remains can be read in one way only.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

MAX_BYTES = 8 * 1024 * 1024
MAX_TAGS = 250_000
"""Start tags, end tags and comments."""
MAX_DEPTH = 500
MAX_ATTRIBUTES = 256
"""Of one element."""
MAX_ATTRIBUTES_IN_ALL = 200_000
"""Only tags of more than `FEW` bytes of attributes count."""
FEW = 64
MAX_FORMATTING = 100
"""Formatting elements that differ and are open at one time."""
MAX_COPIES = 200_000
"""How many copies of open formatting elements (with their attributes) the parser may have to make."""
MAX_STEPS = 3_000_000
"""How many open elements there may be to look through, summed up over all tags."""
MAX_WORK = 20_000_000
"""How many signs may be looked at again and again; no real page needs a hundredth of it."""

_ATTRIBUTE = rb"""[^ \t\n\r\f/>][^ \t\n\r\f/>=]*+
    (?:[ \t\n\r\f]*+=[ \t\n\r\f]*+(?:"[^"]*+"?+|'[^']*+'?+|[^ \t\n\r\f>"'][^ \t\n\r\f>]*+)?+)?+"""
_TOKEN = re.compile(
    rb"<(?:(?P<closing>/?+)(?P<name>[a-zA-Z][^ \t\n\r\f/>]*+)(?P<attributes>(?:[ \t\n\r\f/]*+" + _ATTRIBUTE + rb")*+)"
    rb"[ \t\n\r\f/]*+(?P<end>>?)|!--(?:-?>|.*?(?:--!?>|\Z))|[!?/][^>]*+>?)",
    re.VERBOSE | re.DOTALL,
)
"""A tag, a comment or a declaration, as the standard cuts a page into them."""
_ATTRIBUTES = re.compile(_ATTRIBUTE, re.VERBOSE)
_DRAWINGS = (b"svg", b"math")
_CONTENT_ENDS = {
    name: re.compile(rb"<(/%s)%s(?=[ \t\n\r\f/>])" % (b"?" if name in _DRAWINGS else b"", name), re.IGNORECASE)
    for name in (*b"script style title textarea xmp iframe noembed noframes select".split(), *_DRAWINGS)
}
"""Elements of which the content is no markup, or read by nobody: their end tags. Drawings may stand in drawings."""
_BREAKOUT = re.compile(
    rb"<(?:b|big|blockquote|body|br|center|code|dd|div|dl|dt|em|embed|h[1-6]|head|hr|i|img|li|listing|menu|meta|nobr|ol"
    rb"|p|pre|ruby|s|small|span|strong|strike|sub|sup|table|tt|u|ul|var|foreignobject|desc|title)(?=[ \t\n\r\f/>])",
    re.IGNORECASE,
)
"""Tags at which a drawing ends, though it was not closed, and those in which it may hold the others."""

_VOID, _SHALLOW, _FORMATTING, _BARRIER, _UNREAD, _PLAIN = range(6)
_KIND = {
    **dict.fromkeys(
        b"area base basefont bgsound br col embed frame hr img input keygen link meta param".split(), _VOID
    ),
    **dict.fromkeys(b"source track wbr".split(), _VOID),
    # These close each other, and stand in each other only with others between them.
    **dict.fromkeys(b"html head body p li dt dd tr td th thead tbody tfoot caption colgroup option".split(), _SHALLOW),
    **dict.fromkeys(b"a b big code em font i nobr s small strike strong tt u".split(), _FORMATTING),
    # Out of these an end tag does not reach.
    **dict.fromkeys(b"table template object applet marquee button".split(), _BARRIER),
    **dict.fromkeys(_CONTENT_ENDS, _UNREAD),
}
_BLOCKS = frozenset(
    b"address article aside blockquote button center details dialog dir div dl fieldset figcaption figure footer form"
    b" h1 h2 h3 h4 h5 h6 header hgroup listing main menu nav ol pre search section summary table template ul object"
    b" applet marquee select".split()
)
"""Elements of which an end tag closes all that stands open in them, and out of which that of no other reaches."""


class TooCostlyError(ValueError):
    """A page has more of something than any real page; the message names it."""


def tree_of(html: bytes) -> LexborHTMLParser:
    """The parsed page `html`, given in UTF-8. Raises `TooCostlyError` before the page costs anything."""
    return LexborHTMLParser(_Scan(html).run())


def check(what: str, count: int, most: int) -> None:
    """Raise `TooCostlyError` where there is more of `what` than there may be."""
    if count > most:
        raise TooCostlyError(f"it has more than {most:,} {what}")


class Work:
    """What the reading of one page may still cost where its time is not in proportion to the page by itself."""

    def __init__(self) -> None:
        self.left = MAX_WORK

    def spend(self, signs: int) -> None:
        """So many signs, or elements, were looked at. Raises `TooCostlyError` where those were too many."""
        self.left -= signs
        if self.left < 0:
            raise TooCostlyError("too much of it would have to be held against other parts of it")


class _Scan:
    """One pass over a page: it counts, and puts together what the parser is to get."""

    def __init__(self, html: bytes) -> None:
        check("bytes", len(html), MAX_BYTES)
        self.html = html
        self.copied = 0
        self.parts: list[bytes] = []
        self.endless: set[bytes] = set()
        self.open: list[bytes] = []
        self.named: dict[bytes, int] = {}
        self.barriers = self.deepest = 0
        self.formatting: list[tuple[bytes, bytes, int]] = []
        self.weight = 0
        self.tags = self.attributes = self.copies = self.steps = 0

    def run(self) -> bytes:
        """What the parser gets. Raises `TooCostlyError`."""
        position: int | None = 0
        while position is not None:
            position = self.scan(position)
        self.check()
        if not self.parts:
            return self.html
        self.parts.append(self.html[self.copied :])
        return b"".join(self.parts)

    def check(self) -> None:
        """Raise `TooCostlyError` where what was counted so far is too much."""
        check("tags", self.tags, MAX_TAGS)
        check("elements within each other, summed up over its tags", self.steps, MAX_STEPS)
        check("attributes", self.attributes, MAX_ATTRIBUTES_IN_ALL)
        check("copies of formatting elements that are not closed", self.copies, MAX_COPIES)

    def scan(self, position: int) -> int | None:
        """Go through the page from `position`; where to begin anew, None at its end. The loop is hot."""
        is_open, named = self.open, self.named
        for token in _TOKEN.finditer(self.html, position):
            closing, name, attributes, end = token.groups()
            self.tags += 1
            self.steps += len(is_open)
            self.copies += self.weight
            if self.tags > MAX_TAGS or self.steps > MAX_STEPS or self.copies > MAX_COPIES:
                self.check()
            if name is None:
                self.remark(token)
                continue
            if not end or name == b"plaintext":
                self.replace(token.start(), len(self.html))
                return None
            if closing:
                if not self.weight and is_open and is_open[-1] == name and not self.barriers:
                    is_open.pop()
                    named[name] -= 1
                else:
                    self.close(name.lower())
                continue
            count = self.count(attributes) if len(attributes) > FEW else 0
            kind = _KIND.get(name)
            if kind is None:
                name = name.lower()
                kind = _KIND.get(name, _PLAIN)
            if kind == _UNREAD:
                return self.pass_over(name, token)
            if kind == _FORMATTING:
                self.begin_formatting(name, attributes, count)
            if kind > _SHALLOW:
                self.push(name)
        return None

    def push(self, name: bytes) -> None:
        """An element begins in which others may stand."""
        self.open.append(name)
        self.named[name] = self.named.get(name, 0) + 1
        self.barriers += _KIND.get(name) == _BARRIER
        self.deepest = max(self.deepest, len(self.open))
        check("elements within each other", self.deepest, MAX_DEPTH)

    def pop(self) -> None:
        """The innermost element ends."""
        name = self.open.pop()
        self.named[name] -= 1
        self.barriers -= _KIND.get(name) == _BARRIER

    def replace(self, start: int, end: int, text: bytes = b"") -> None:
        """Let the parser get `text` in place of what stands from `start` to `end`."""
        self.parts += (self.html[self.copied : start], text)
        self.copied = end

    def remark(self, token: re.Match[bytes]) -> None:
        """A comment stays where nothing can hide in it (some mark where late content ends), and so does the doctype."""
        text = token[0]
        if b"<" in text[1:] or not (text.startswith(b"<!--") or text[:9].lower() == b"<!doctype"):
            self.replace(*token.span(), b"<!---->")

    def count(self, attributes: bytes) -> int:
        """How many attributes a tag has."""
        count = len(_ATTRIBUTES.findall(attributes))
        check("attributes in one element", count, MAX_ATTRIBUTES)
        self.attributes += count
        return count

    def begin_formatting(self, name: bytes, attributes: bytes, count: int) -> None:
        """Formatting begins: it goes on in all that follows until it is closed, but three times alike at most."""
        if name in (b"a", b"nobr") and self.named.get(name) and not self.barriers:
            self.close_formatting(name)
        entry = (name, attributes, 1 + count // 4)
        if self.formatting.count(entry) < 3:
            self.formatting.append(entry)
            self.weight += entry[2]
            check("formatting elements that are not closed", len(self.formatting), MAX_FORMATTING)

    def close(self, name: bytes) -> None:
        """An end tag, as far as it surely has an effect."""
        if _KIND.get(name) == _FORMATTING:
            self.close_formatting(name)
            return
        if not self.named.get(name):
            return
        barring = _BLOCKS if name not in _BLOCKS else _BARRING
        place = len(self.open) - 1
        while self.open[place] != name:
            if self.open[place] in barring:
                return
            place -= 1
        while len(self.open) > place:
            self.pop()

    def close_formatting(self, name: bytes) -> None:
        """The end tag of formatting takes away the last one of its name, but not out of what no end tag reaches."""
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place] == name:
                del self.open[place]
                self.named[name] -= 1
                break
            if self.open[place] in _BARRING:
                return
        for number in range(len(self.formatting) - 1, -1, -1):
            if self.formatting[number][0] == name:
                self.weight -= self.formatting.pop(number)[2]
                return

    def pass_over(self, name: bytes, token: re.Match[bytes]) -> int:
        """Leave out the content of an element that no reader reads; the position to go on from, after its end tag."""
        html, start = self.html, token.end()
        if name in _DRAWINGS:
            end = self.end_of_drawing(name, token)
            self.replace(start, end, b"</" + name + b">")
            return end
        found = _CONTENT_ENDS[name].search(html, start) if name not in self.endless else None
        if found is None and name == b"select":
            self.endless.add(name)
            self.push(name)
            return start
        end = found.start() if found else len(html)
        if end > start:
            self.replace(start, end, html[start:end].replace(b"<", b"&lt;") if name == b"textarea" else b"")
        return end

    def end_of_drawing(self, name: bytes, token: re.Match[bytes]) -> int:
        """Where the content of the drawing that begins with `token` ends: at its end tag, or at a tag of no drawing."""
        html, start = self.html, token.end()
        if html[start - 2 : start] == b"/>" and token.end("attributes") < start - 1:
            return start
        end, depth = len(html), 1
        for found in _CONTENT_ENDS[name].finditer(html, start) if name not in self.endless else ():
            depth += -1 if found[1] else 1
            if not depth:
                end = found.start()
                break
        else:
            self.endless.add(name)
        breakout = _BREAKOUT.search(html, start, end)
        if breakout is None or (end < len(html) and breakout[0][1:].lower() in (b"foreignobject", b"desc", b"title")):
            return end
        return breakout.start()


_BARRING = frozenset(name for name, kind in _KIND.items() if kind == _BARRIER) | {b"select"}
