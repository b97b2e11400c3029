"""The page of a capture: the words as captured, what was read from them, where the bytes lie; and when they don't."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path

import pytest

from dataset.serving.site import captured as captured_module
from dataset.serving.site.captured import NO_VALUES, NOT_HERE, TOO_LARGE, UNREADABLE
from dataset.serving.site.evidence import EvidencePage, evidence_page
from dataset.serving.site.page import Asked, MissingError
from tests.asking import ask
from tests.dataset.captures import Data
from tests.dataset.serving.site.evidence_data import (
    AFTER,
    BEFORE,
    HOSTILE,
    HOSTILE_PAIR,
    HOSTILE_TAGLINE,
    LONG_LINE,
    PACKED,
    PAIR,
    ROBOTS,
    SITE,
    UNCHANGED,
    archived,
    capture_at,
    sample,
)
from tests.publishing import get, served


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Data:
    return archived(tmp_path_factory.mktemp("evidence"))


@pytest.fixture(scope="module")
def address(archive: Data) -> Iterator[str]:
    with served(archive.folder) as server:
        yield server.address


def page_of(data: Data, capture_id: str, folder: Path | None = None, change: str = "") -> EvidencePage:
    with closing(sqlite3.connect(data.database)) as con:
        con.row_factory = sqlite3.Row
        return evidence_page(con, Asked({"capture": capture_id}, {"change": (change,)}, folder or data.folder))


def test_every_value_leads_to_the_line_that_bears_it(archive: Data) -> None:
    page = page_of(archive, capture_at(archive, BEFORE))
    lines = {line.number: line for line in page.captured.lines}
    assert len(page.captured.values) > 20
    for value in page.captured.values:
        assert value.lines, value
        for number in value.lines:
            labels = [(label.side, label.review, label.field) for label in lines[number].labels]
            assert (value.side, value.review, value.field) in labels


def test_the_words_are_those_of_the_page(archive: Data) -> None:
    page = page_of(archive, capture_at(archive, BEFORE))
    [verdict] = [each for each in page.captured.values if (each.side, each.field) == ("left", "panel_ship_pct")]
    texts = {line.number: line.text for line in page.captured.lines}
    assert verdict.value is not None
    assert all(f"{verdict.value}%" in texts[number].replace(" ", "") for number in verdict.lines)
    assert page.captured.digest_is_right is True
    assert page.captured.why is None
    assert page.captured.left_out == 0


def test_what_rests_on_it(archive: Data) -> None:
    before, after = (page_of(archive, capture_at(archive, at)) for at in (BEFORE, AFTER))
    told = {row["change_id"] for row in archive.rows("SELECT change_id FROM changes WHERE seen_after = ?", AFTER)}
    assert {each.change_id for each in after.brings} == told
    assert after.brings_count == len(told) > 5
    assert before.brings_count == 0
    assert before.first_of > 10
    assert after.versions == 1
    assert [(one.side, one.identified_by) for one in before.listings] == [("left", "url"), ("right", "url")]
    assert before.run is not None
    assert before.capture.warc_file.endswith(".warc.gz")


def test_a_change_points_at_the_lines_that_show_it(archive: Data) -> None:
    change = archive.row("SELECT * FROM changes WHERE field = 'panel_verdict'")
    for side, said in (("before", change["old_value"]), ("after", change["new_value"])):
        page = page_of(archive, change[f"{side}_capture_id"], change=change["change_id"])
        assert page.change is not None
        assert page.change.change_id == change["change_id"]
        assert page.pointed_at is not None
        assert page.pointed_at.why is None
        texts = {line.number: line.text.lower() for line in page.captured.lines}
        assert page.pointed_at.lines
        assert all(said in texts[number] for number in page.pointed_at.lines)


def test_a_change_of_other_captures_points_at_nothing(archive: Data) -> None:
    change = archive.row("SELECT * FROM changes WHERE field = 'panel_verdict'")
    page = page_of(archive, capture_at(archive, HOSTILE, HOSTILE_PAIR), change=change["change_id"])
    assert (page.change, page.pointed_at) == (None, None)


def test_an_unchanged_page_shows_the_words_of_the_one_before(archive: Data) -> None:
    page = page_of(archive, capture_at(archive, UNCHANGED))
    assert page.content is not None
    assert page.content.capture_id == capture_at(archive, BEFORE)
    assert len(page.captured.values) > 20


def test_a_packed_page_is_unpacked(archive: Data) -> None:
    page = page_of(archive, capture_at(archive, PACKED))
    assert page.captured.digest_is_right is True
    assert len(page.captured.values) > 20


def test_a_page_of_no_data_is_shown_as_it_is(archive: Data) -> None:
    page = page_of(archive, capture_at(archive, ROBOTS, f"{SITE}/robots.txt"))
    assert [line.text for line in page.captured.lines] == ["User-agent: *", "Allow: /"]
    assert page.captured.values == ()
    assert page.captured.why == NO_VALUES


def test_a_line_without_end_is_cut(archive: Data) -> None:
    page = page_of(archive, capture_at(archive, HOSTILE, HOSTILE_PAIR))
    [long] = [line for line in page.captured.lines if line.cut]
    assert long.cut == len(LONG_LINE) - captured_module.LONGEST_LINE
    assert len(long.text) == captured_module.LONGEST_LINE


@pytest.mark.parametrize(("name", "most"), [("MOST_LINES", 20), ("MOST_SIGNS", 200)])
def test_a_page_without_end_is_cut(archive: Data, monkeypatch: pytest.MonkeyPatch, name: str, most: int) -> None:
    monkeypatch.setattr(captured_module, name, most)
    page = page_of(archive, capture_at(archive, BEFORE)).captured
    assert 0 < len(page.lines) <= 20
    assert page.left_out > 20
    assert sum(len(line.text) for line in page.lines) <= most or name == "MOST_LINES"
    assert any(not value.lines for value in page.values)


def test_a_page_too_large_is_not_read(archive: Data, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captured_module, "MOST_BYTES", 1000)
    page = page_of(archive, capture_at(archive, BEFORE)).captured
    assert (page.there, page.lines, page.why) == (True, (), TOO_LARGE)


def test_without_the_archive_it_says_so(archive: Data, tmp_path: Path) -> None:
    page = page_of(archive, capture_at(archive, BEFORE), tmp_path)
    assert (page.captured.there, page.captured.why) == (False, NOT_HERE)
    assert page.brings_count == 0
    assert page.first_of > 10


def test_a_damaged_record_is_said_to_be_so(archive: Data, tmp_path: Path) -> None:
    capture_id = capture_at(archive, BEFORE)
    page = page_of(archive, capture_id)
    shutil.copytree(archive.folder / "archive", tmp_path / "archive")
    file = tmp_path / "archive" / page.capture.warc_file
    whole = bytearray(file.read_bytes())
    whole[page.capture.warc_offset + 40 : page.capture.warc_offset + 90] = bytes(50)
    file.write_bytes(whole)
    damaged = page_of(archive, capture_id, tmp_path).captured
    assert (damaged.there, damaged.why, damaged.lines) == (False, UNREADABLE, ())


def test_another_record_in_its_place_is_noticed(archive: Data, tmp_path: Path) -> None:
    """The bytes are whole, but not those whose digest the dataset names."""
    shutil.copy(archive.database, tmp_path / "verdictlog.db")
    capture_id = capture_at(archive, BEFORE)
    with closing(sqlite3.connect(tmp_path / "verdictlog.db")) as con:
        con.row_factory = sqlite3.Row
        con.execute("UPDATE captures SET sha256 = ? WHERE capture_id = ?", ("0" * 64, capture_id))
        page = evidence_page(con, Asked({"capture": capture_id}, folder=archive.folder))
    assert page.captured.digest_is_right is False


def test_an_unknown_capture_is_missing(archive: Data) -> None:
    with pytest.raises(MissingError):
        page_of(archive, "nothing")


def raw(address: str, capture_id: str) -> tuple[int, dict[str, str], bytes]:
    return ask(f"{address}/evidence/{capture_id}/raw")


def test_the_stored_bytes_are_sent_as_they_are(archive: Data, address: str) -> None:
    capture_id = capture_at(archive, PACKED)
    status, headers, body = raw(address, capture_id)
    assert status == 200
    assert hashlib.sha256(body).hexdigest() == page_of(archive, capture_id).capture.sha256
    assert headers["content-type"].startswith("application/octet-stream")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"] == f'attachment; filename="capture-{capture_id}.bin"'
    assert headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert headers["cache-control"] == "no-store"
    assert "content-encoding" not in headers


def test_the_bytes_of_an_unchanged_page_are_those_of_the_one_before(archive: Data, address: str) -> None:
    assert raw(address, capture_at(archive, UNCHANGED))[2] == sample("fernway-vs-gatepost.html")


def test_unknown_bytes_are_not_found(address: str) -> None:
    assert raw(address, "nothing")[0] == 404
    assert get(f"{address}/evidence/nothing")[0] == 404
    assert get(f"{address}/evidence/nothing.json")[0] == 404


def test_texts_of_a_page_are_text(archive: Data, address: str) -> None:
    status, html = get(f"{address}/evidence/{capture_at(archive, HOSTILE, HOSTILE_PAIR)}")
    assert status == 200
    assert "<script" not in html
    assert "<img" not in html
    assert "\u202e" not in html
    assert "\\u202eelbat" in html
    assert "<mark>&lt;script&gt;document.title=" in html


def test_json_has_the_text_as_it_is(archive: Data, address: str) -> None:
    status, body = get(f"{address}/evidence/{capture_at(archive, HOSTILE, HOSTILE_PAIR)}.json")
    assert status == 200
    values = json.loads(body)["captured"]["values"]
    assert HOSTILE_TAGLINE in [value["value"] for value in values if value["field"] == "tagline"]


def test_no_cache_may_keep_it(archive: Data, address: str) -> None:
    """What the archive no longer has must not be answered from elsewhere."""
    status, headers, _ = ask(f"{address}/evidence/{capture_at(archive, BEFORE)}")
    assert status == 200
    assert headers["cache-control"] == "no-store"
    assert "etag" not in headers


def test_a_dataset_alone_is_served_with_a_clear_word(archive: Data, tmp_path: Path) -> None:
    shutil.copy(archive.database, tmp_path / "verdictlog.db")
    capture_id = capture_at(archive, BEFORE)
    with served(tmp_path, base_url="/below/") as server:
        status, html = get(f"{server.address}/evidence/{capture_id}")
        assert status == 200
        assert NOT_HERE in unescape(html)
        assert "/raw" not in html
        assert str(tmp_path) not in html
        assert raw(server.address, capture_id)[0] == 404


def test_urls_bear_the_prefix(archive: Data) -> None:
    capture_id = capture_at(archive, AFTER)
    with served(archive.folder, base_url="/below/") as server:
        status, html = get(f"{server.address}/evidence/{capture_id}")
    assert status == 200
    assert f'href="/below/evidence/{capture_id}/raw"' in html
    assert 'href="/evidence' not in html
    assert PAIR in html
