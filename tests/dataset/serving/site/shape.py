"""The shape of a page: what the HTML standard would call wrong with it, as far as the pages need it.

Elements have to be closed in order, stand where they may, and be given by ids that are there. Browsers mend what is
not so, each in its own way: a page that needs no mending reads the same in all.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

VOID = frozenset(("meta", "link", "input", "img", "br", "hr"))
PHRASING = frozenset(
    ("p", "h1", "h2", "h3", "h4", "span", "strong", "em", "label", "button", "summary", "code", "a", "dt")
)
"""What holds words, and nothing of `BLOCKS`."""

BLOCKS = frozenset(
    (
        "p",
        "div",
        "ul",
        "ol",
        "dl",
        "table",
        "section",
        "article",
        "figure",
        "form",
        "nav",
        "details",
        "blockquote",
        "pre",
    )
)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
CHILDREN = {
    "ul": {"li"},
    "ol": {"li"},
    "dl": {"div", "dt", "dd"},
    "table": {"caption", "thead", "tbody"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tr": {"th", "td"},
    "select": {"option"},
}
"""What may stand right within these."""

PARENTS = {"li": {"ul", "ol"}, "tr": {"thead", "tbody"}, "option": {"select"}, "summary": {"details"}}
ALONE = (frozenset(("a", "button", "select", "label")), frozenset(("form",)))
"""Within one of these, none of the same group may stand."""

REFERENCES = ("for", "aria-labelledby", "aria-describedby")


class Shape(HTMLParser):
    """What stands in a page, and what is `wrong` with it."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self._cells: list[int] = []
        self._row = 0
        self.feed(body)
        self.wrong += [f"<{tag}> is never closed" for tag in self.open]
        self.wrong += [f"a bare &: {each}" for each in re.findall(r"&(?!#?\w+;).{0,20}", body)]
        self._look_at_all()

    def _say(self, what: str) -> None:
        self.wrong.append(f"{what}, at line {self.getpos()[0]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if len(given) != len(attrs):
            self._say(f"<{tag}> has an attribute twice")
        self._look_at_place(tag)
        if tag != "title" or self.open[-1] == "head":  # parts of drawings have titles too
            self.found.append((tag, given))
        if "id" in given:
            self.ids.append(str(given["id"]))
        if tag in HEADINGS:
            self.headings.append(int(tag[1]))
        if tag == "table":
            self._cells = []
        if tag == "tr":
            self._row = 0
        if tag in ("th", "td"):
            self._row += int(given.get("colspan") or 1)
        if tag not in VOID:
            self.open.append(tag)

    def _look_at_place(self, tag: str) -> None:
        parent = self.open[-1] if self.open else ""
        if parent in CHILDREN and tag not in CHILDREN[parent]:
            self._say(f"<{tag}> stands right within <{parent}>")
        if tag in PARENTS and parent not in PARENTS[tag]:
            self._say(f"<{tag}> stands within <{parent}>")
        if tag in BLOCKS | HEADINGS and parent in PHRASING and not (tag in HEADINGS and parent == "summary"):
            self._say(f"<{tag}> stands within <{parent}>")
        for group in ALONE:
            if tag in group and group & set(self.open) and not (tag == "select" and parent == "label"):
                self._say(f"<{tag}> stands within another of {sorted(group)}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self._say(f"</{tag}> closes nothing")
        if tag == "tr":
            self._cells.append(self._row)
        if tag == "table" and len(set(self._cells)) > 1:
            self._say(f"the rows of a table have {sorted(set(self._cells))} cells")

    def _look_at_all(self) -> None:
        tags = [tag for tag, _ in self.found]
        self.wrong += [
            f"{tags.count(tag)} of <{tag}>" for tag in ("html", "title", "h1", "main") if tags.count(tag) != 1
        ]
        self.wrong += [f"the id {each} is given twice" for each in set(self.ids) if self.ids.count(each) > 1]
        self.wrong += [f"h{low} after h{high}" for high, low in pairwise(self.headings) if low > high + 1]
        for tag, given in self.found:
            if tag == "html" and not given.get("lang"):
                self.wrong.append("no language is told")
            for name in REFERENCES:
                missing = set((given.get(name) or "").split()) - set(self.ids)
                self.wrong += [f"{name}={each} leads nowhere" for each in sorted(missing)]
            href = given.get("href") or ""
            if tag == "a" and href.startswith("#") and href[1:] not in self.ids:
                self.wrong.append(f"{href} leads nowhere")
