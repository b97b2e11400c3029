"""One dataset in which every kind of page has something to show: two sites, tools, critics, changes, real bytes.

- The tools of `tests.dataset.site.tools`, whose captures hold their reading.
- *elm* of `tests.dataset.site.panel`, on which one critic stands alone; *fir*, which was withdrawn and came back; and a
  critic's page that tries something.
- The sample pages of `tests.dataset.site.evidence_data`, of another site, as real bytes that the real reader reads.
"""

from __future__ import annotations

from pathlib import Path

from crawler.items import PageReading
from crawler.pages import read_page
from tests.dataset.captures import Data, Storable, gone, read_json, reviewer_page
from tests.dataset.site import evidence_data, tools
from tests.dataset.site.panel import at, elm, fir


def read_any(body: bytes, *, url: str | None, content_type: str | None) -> PageReading:
    """The reading that a capture holds, or what the real reader makes of its bytes."""
    read = read_json if body.startswith(b"{") or not body else read_page
    return read(body, url=url, content_type=content_type)


def captures() -> list[Storable]:
    """All captures."""
    return [
        *tools.captures(),
        *(at(elm(), 1), at(fir(), 2), gone("tool/fir", 5), at(fir(), 9)),
        reviewer_page("builder", None, 5, motto=f"If it holds. {tools.RIGHT_TO_LEFT}", bio=tools.SCRIPT),
        *evidence_data.captures(),
    ]


def whole(folder: Path) -> Data:
    """A data folder with all of them, built."""
    data = Data(folder)
    data.add(captures())
    data.build(read=read_any)
    return data
