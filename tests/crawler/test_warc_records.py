"""What records are known by: ids and times."""

from __future__ import annotations

import pytest

from crawler.archive import capture_id
from crawler.warc_records import utc_seconds, warcinfo_id
from tests.crawler.archives import AT


def test_capture_ids_are_short_and_unambiguous() -> None:
    ids = {
        capture_id(url, at, sha256)
        for url in (None, "", "a", "=a", "-")
        for at in (AT, "2026-11-20T00:00:00Z")
        for sha256 in ("0" * 64, "1" * 64)
    }
    assert len(ids) == 20
    assert all(len(i) == 16 and int(i, 16) >= 0 for i in ids)
    assert capture_id("https://example.org/", AT, "0" * 64) == "eb0da77b1e451ce4"


def test_record_ids_depend_on_the_run() -> None:
    assert warcinfo_id("a") != warcinfo_id("b")
    assert warcinfo_id("a") == warcinfo_id("a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-19T00:00:00Z", AT),
        (" 2026-11-19T00:00:00.999999999Z ", AT),
        ("2026-11-19T00:00:00,5Z", AT),
        ("2026-11-19T01:00:00+01:00", AT),
        ("2026-11-18T19:30:00-0430", AT),
        ("2026-11-19T00:00Z", AT),
        ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ],
)
def test_times(text: str, expected: str) -> None:
    assert utc_seconds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-19",
        "2026-11-19T00:00:00",
        "2026-11-19 00:00:00Z",
        "20261119T000000Z",
        "2026-02-30T00:00:00Z",
        "2026-11-19T24:30:00Z",
        "2026-11-19T00:00:60Z",
        "0001-01-01T00:00:00+01:00",
        "2026-11-19T00:00:00+25:00",
        "1763510400",
        "٢٠٢٦-11-19T00:00:00Z",
    ],
)
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        utc_seconds(text)
