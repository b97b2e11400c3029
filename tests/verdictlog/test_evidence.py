"""`evidence`: the words that it shows are on the archived page, at the place that it names, and bear the value."""

from __future__ import annotations

from pathlib import Path

from crawler.archive import Archive, decoded_body
from crawler.pages.blocks import blocks_of_text
from crawler.pages.html import blocks_of_html
from dataset.asking.evidence import capture_read, change_read
from dataset.asking.opening import opened
from tests.serving import Json
from tests.verdictlog.running import Folder


def text_of(folder: Folder, capture: Json) -> str:
    """The page's text as it is read, made here without the command."""
    record, payload = Archive(folder.path / "archive").read(capture["warc_file"], capture["warc_offset"])
    body = decoded_body(record, payload, limit=1 << 30)
    is_html = record.content_type is not None and "html" in record.content_type
    blocks = blocks_of_html(body).blocks if is_html else blocks_of_text(body.decode())
    return "\n".join(block.text for block in blocks)


def plain(text: str) -> str:
    return " ".join(text.split()).lower()


def test_every_value_of_every_capture_has_its_words(built: Folder) -> None:
    seen = 0
    with opened(built.path) as con:
        kinds = con.execute("SELECT capture_id, kind FROM captures WHERE kind IN ('compare', 'tool')").fetchall()
        for capture_id, kind in kinds:
            capture = capture_read(con, built.path, capture_id)
            assert capture is not None
            assert (capture.digest_is_right, capture.why) == (True, None)
            text = text_of(built, {"warc_file": capture.warc_file, "warc_offset": capture.warc_offset})
            for value in capture.values:
                if value.words is None:
                    assert (kind, value.field) == ("tool", "category"), value
                    continue
                seen += 1
                assert all(text[each.start : each.end] == each.text for each in value.words)
                assert all(text[: each.start].count("\n") == each.block - 1 for each in value.words)
                joined = plain(" ".join(each.text for each in value.words))
                no_votes = joined == "no community votes yet" and value.value in (None, "0")
                assert no_votes or plain(str(value.value)) in joined, value
    assert seen > 200


def test_every_change_shows_both_its_values(built: Folder) -> None:
    ids = built.column("SELECT change_id FROM changes")
    assert ids
    with opened(built.path) as con:
        for change_id in ids:
            change = change_read(con, built.path, change_id)
            assert change is not None
            for side, said in ((change.before, change.old_value), (change.after, change.new_value)):
                if change.field == "presence":
                    assert bool(side.values) == (said == "present")
                    continue
                assert {each.value for each in side.values} == {said}, change
                assert all(each.words for each in side.values)
                assert side.why is None


def test_json_names_each_part_of_a_place(built: Folder) -> None:
    change_id = built.column("SELECT change_id FROM changes WHERE field = 'panel_ship_pct'")[0]
    change = built.run("evidence", change_id, "--json").json["change"]
    for side, said in (("before", change["old_value"]), ("after", change["new_value"])):
        (value,) = change[side]["values"]
        (words,) = value["words"]
        assert words["text"] == f"{said}%"
        assert text_of(built, change[side])[words["start"] : words["end"]] == words["text"]
        assert words["path"].startswith("html > body > ")


def test_people_read_where_it_lies(built: Folder) -> None:
    row = built.rows("SELECT * FROM captures WHERE kind = 'compare' AND content_type LIKE '%html%' ORDER BY 1 LIMIT 1")[
        0
    ]
    ran = built.run("evidence", row["capture_id"], "--field", "panel_verdict")
    assert f"{row['warc_file']}, offset {row['warc_offset']:,}" in ran.out
    assert row["sha256"] in ran.out
    assert row["answered_url"] in ran.out
    assert "html > body" in ran.out
    assert "tagline" not in ran.out


def test_what_is_no_id(built: Folder) -> None:
    ran = built.run("evidence", "0123456789abcdef")
    assert (ran.code, ran.out) == (2, "")
    assert "no capture and of no change" in ran.err
    ran = built.run("evidence", "0123456789abcdef", "--field", "colour")
    assert (ran.code, ran.out) == (2, "")
    assert "choose from name, " in ran.err


def test_an_archive_that_is_gone_is_told(tmp_path: Path, built: Folder) -> None:
    folder = Folder(tmp_path)
    folder.database.write_bytes(built.database.read_bytes())
    ran = folder.run("evidence", built.column("SELECT capture_id FROM captures")[0])
    assert (ran.code, ran.out) == (1, "")
    assert "there is no such file" in ran.err
