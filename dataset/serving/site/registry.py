"""Which pages there are, and which of them the head of every page leads to."""

from __future__ import annotations

from typing import NamedTuple

from dataset.serving.site.agreement import AGREEMENT
from dataset.serving.site.changes import CHANGES
from dataset.serving.site.compare import CHOOSE, COMPARE
from dataset.serving.site.evidence import EVIDENCE
from dataset.serving.site.home import HOME
from dataset.serving.site.page import Page
from dataset.serving.site.persona import PERSONA
from dataset.serving.site.personas import PERSONAS
from dataset.serving.site.search import SEARCH
from dataset.serving.site.tool import TOOL

PAGES: tuple[Page, ...] = (
    *(HOME, TOOL, COMPARE, CHOOSE, SEARCH),
    *(PERSONAS, PERSONA, CHANGES, AGREEMENT, EVIDENCE),
)
"""All pages. A page of another kind is entered here, and nowhere else."""


class Entry(NamedTuple):
    """A link in the head of every page: what it says, where it leads, and the pages on which it is the present one.

    ``problems`` and ``tables`` are Datasette's own pages: of that table, and all others.
    """

    label: str
    path: str
    pages: tuple[str, ...] = ()


NAVIGATION: tuple[Entry, ...] = (
    Entry("Home", "/", ("home",)),
    Entry("Tools", "/search", ("search", "tool", "compare", "choose")),
    Entry("Critics", "/personas", ("persona", "personas")),
    Entry("Changes", "/changes", ("changes", "evidence")),
    Entry("Agreement", "/agreement", ("agreement",)),
    Entry("Problems", "/verdictlog/problems", ("problems",)),
    Entry("Data and SQL", "/verdictlog", ("tables",)),
)
