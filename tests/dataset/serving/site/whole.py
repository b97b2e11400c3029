"""One dataset in which every kind of page has something to show: two sites, tools, critics, changes, real bytes.

- The tools of `tests.dataset.serving.site.tools`, whose captures hold their reading. - *elm* of
`tests.dataset.serving.site.panel`, on which one critic stands alone; *fir*, which was withdrawn and came back; and a
critic's page that tries something. - *endless*, whose name has 10,003 signs, and whose verdict flipped. - The sample
pages of `tests.dataset.serving.site.evidence_data`, of another site, as real bytes that the real reader reads.
"""

from __future__ import annotations

from pathlib import Path

from crawler.items import PageReading
from crawler.pages import parser_version, read_page
from tests.dataset.captures import Capture, Data, Storable, card, fresh, gone, read_json, reviewer_page, says, tool_page
from tests.dataset.serving.site import evidence_data, tools
from tests.dataset.serving.site.panel import at, elm, fir


def read_any(body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
    """The reading that a capture holds, or what the real reader makes of its bytes."""
    read = read_json if body.startswith(b"{") or not body else read_page
    return read(body, url=url, content_type=content_type)


def endless(when: float, panel: str) -> Capture:
    """A tool with a name of 10,003 signs, on which critics say what browsers and spreadsheets would run."""
    reviews = (
        says(f"{tools.SCRIPT} {tools.RIGHT_TO_LEFT}", "builder", 3, "skip"),
        says(tools.LONG, "founder", 90, "ship"),
        says("=HYPERLINK(A1)", "architect", 95, "ship"),
    )
    share = 67 if panel == "ship" else 50
    facts = {"panel_verdict": panel, "panel_ship_pct": share, "community_ship_pct": 1, "community_votes": 9}
    texts = {"tagline": f"@SUM(A1) {tools.RIGHT_TO_LEFT} {panel}", "category": "+1", "website": tools.LINK}
    return fresh(tool_page(card("endless", *reviews, name=tools.LONG, **facts, **texts), when))


def captures() -> list[Storable]:
    """All captures."""
    return [
        *tools.captures(),
        *(endless(1, "mixed"), endless(9, "ship")),
        *(at(elm(), 1), at(fir(), 2), gone("tool/fir", 5), at(fir(), 9)),
        reviewer_page("builder", None, 5, motto=f"If it holds. {tools.RIGHT_TO_LEFT}", bio=tools.SCRIPT),
        *evidence_data.captures(),
    ]


def whole(folder: Path) -> Data:
    """A data folder with all of them, built."""
    data = Data(folder)
    data.add(captures())
    data.build(read=read_any, parser_version=parser_version())
    return data
