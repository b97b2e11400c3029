"""Bad input, through the real command: a clear message, a row or an exit code, and nothing is ever lost."""

from __future__ import annotations

import gzip
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.verdictlog.bad_pages import (
    CAPTURED_AT,
    FIELD,
    HTML,
    BadPage,
    bad_pages,
    good,
    gzip_bomb,
    url_of,
    warc_response,
)
from tests.verdictlog.running import SAMPLES, SITE, SLOW_PAGES, Folder, Ran, manifest, many_pages, started, wait_until

CONTROL = f"{SITE}/compare/control-a-vs-control-b"
LOSES_DATA = [name for name, page in bad_pages().items() if page.severity == "error"]
HARMLESS = [name for name in bad_pages() if name not in LOSES_DATA]


class Imported:
    """A data folder into which bad pages and a good one were imported at once, then built."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        pages = folder / "pages"
        pages.mkdir()
        entries = []
        for number, name in enumerate(names):
            (pages / f"{number}.page").write_bytes(bad_pages()[name].body)
            entries.append(
                {"file": f"{number}.page", "url": url_of(name), "content_type": bad_pages()[name].content_type}
            )
        (pages / "good.html").write_bytes(good())
        entries.insert(len(entries) // 2, {"file": "good.html", "url": CONTROL, "content_type": HTML})
        lines = [entry | {"captured_at": CAPTURED_AT} for entry in entries]
        self.names = names
        self.folder = Folder(folder / "data")
        self.imported = self.folder.run("import", manifest(pages, lines))
        self.built = self.folder.run("build")
        self.status = self.folder.run("status", "--json")
        self.stored = self.folder.stored()

    def problems(self, url: str) -> list[dict[str, Any]]:
        return self.folder.rows("SELECT severity, code, message FROM problems WHERE url = ?", url)

    def card(self, listing: str) -> dict[str, Any]:
        """What the dataset holds of one side of the good page, under whatever slug."""
        columns = "name, category, tagline, description, panel_verdict, panel_ship_pct, community_votes, entry, pricing"
        [row] = self.folder.rows(
            f"SELECT {columns}, best_for FROM listings WHERE listing_id = ?", f"verdicts.example:{listing}"
        )
        quotes = self.folder.rows(
            "SELECT persona, score, verdict, quote FROM reviews WHERE listing_id = ? ORDER BY position",
            f"verdicts.example:{listing}",
        )
        assert len(quotes) == 4
        return row | {"reviews": quotes}


@pytest.fixture(scope="module")
def imports(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Imported]:
    """One import of all that costs data (True), and one of all that does not (False)."""
    return {
        costs: Imported(tmp_path_factory.mktemp("costly" if costs else "harmless"), names)
        for costs, names in ((True, LOSES_DATA), (False, HARMLESS))
    }


def imported(imports: dict[bool, Imported], name: str) -> tuple[Imported, BadPage, str]:
    return imports[name in LOSES_DATA], bad_pages()[name], url_of(name)


@pytest.mark.parametrize("name", list(bad_pages()))
def test_a_bad_page_is_kept_byte_for_byte(imports: dict[bool, Imported], name: str) -> None:
    found, page, url = imported(imports, name)
    assert found.stored[url] == page.body


@pytest.mark.parametrize("name", list(bad_pages()))
def test_a_bad_page_has_a_row_that_names_it_and_what_is_wrong(imports: dict[bool, Imported], name: str) -> None:
    found, page, url = imported(imports, name)
    assert found.folder.column("SELECT parse_status FROM captures WHERE answered_url = ?", url) == [page.status]
    problems = found.problems(url)
    severe = [problem for problem in problems if problem["severity"] != "info"]
    if page.severity is None:
        assert problems == []
        return
    fitting = [each for each in problems if page.says.lower() in each["message"].lower() and url in each["message"]]
    assert [each["severity"] for each in fitting] == [page.severity], problems
    assert len(severe) <= 1, severe


@pytest.mark.parametrize("name", list(bad_pages()))
def test_what_can_be_read_of_a_bad_page_is_read(imports: dict[bool, Imported], name: str) -> None:
    found, page, _ = imported(imports, name)
    listings = found.folder.column("SELECT listing_id FROM listings WHERE listing_id LIKE ?", f"%:{name}-_")
    if page.reads == "nothing":
        assert listings == []
        return
    right, control = found.card(f"{name}-a"), found.card("control-a")
    if page.reads == "most":
        assert right[FIELD] is None
        control[FIELD] = None
    assert right == control
    assert found.card(f"{name}-b") == found.card("control-b")


@pytest.mark.parametrize("costs", [True, False])
def test_the_good_page_among_them_is_read(imports: dict[bool, Imported], costs: bool) -> None:
    found = imports[costs]
    assert found.stored[CONTROL] == good()
    assert found.card("control-a")["name"] == "Fernway"
    assert found.card("control-b")["name"] == "Gatepost"
    assert found.folder.column("SELECT parse_status FROM captures WHERE url = ?", CONTROL) == ["ok"]
    assert found.folder.column("SELECT count(*) FROM captures") == [len(found.names) + 1]


@pytest.mark.parametrize("costs", [True, False])
def test_exit_codes_tell_whether_data_was_lost(imports: dict[bool, Imported], costs: bool) -> None:
    found = imports[costs]
    assert found.imported.code == 0, "all of it was archived"
    assert found.built.code == found.status.code == (1 if costs else 0)
    assert "open problems" in found.built.err
    assert found.status.json["dataset"]["problems"]["error"]["count"] == (len(LOSES_DATA) if costs else 0)


# WARC


def warc_folder(path: Path, name: str, content: bytes) -> tuple[Folder, Path, Ran]:
    """A data folder into which the WARC file `name` and a good page were imported."""
    pages = path / "pages"
    pages.mkdir()
    (pages / name).write_bytes(content)
    (pages / "later").mkdir()
    (pages / "later" / "good.html").write_bytes(good())
    listed = {"file": "good.html", "url": CONTROL, "captured_at": CAPTURED_AT, "content_type": HTML}
    manifest(pages / "later", [listed])
    folder = Folder(path / "data")
    return folder, pages / name, folder.run("import", pages / name, pages / "later")


def assert_good_page_is_read(folder: Folder) -> None:
    names = folder.column("SELECT name FROM listings WHERE listing_id LIKE '%:control-_' ORDER BY listing_id")
    assert names == ["Fernway", "Gatepost"]


def test_a_gzip_bomb_in_an_answer(tmp_path: Path) -> None:
    url = f"{SITE}/compare/bomb-a-vs-bomb-b"
    bomb = gzip_bomb(100_000_000)
    record = warc_response(url, bomb, "Content-Encoding: gzip")
    folder, _, done = warc_folder(tmp_path, "bomb.warc.gz", gzip.compress(record))
    assert done.code == 0
    built = folder.run("build")
    assert built.code == 1
    [problem] = folder.rows("SELECT severity, code, message FROM problems WHERE url = ?", url)
    assert (problem["severity"], problem["code"]) == ("error", "too_big")
    assert url in problem["message"]
    assert len(folder.stored()[url]) == 100_000_000, "the bomb itself is evidence, and kept"
    assert_good_page_is_read(folder)


def test_a_gzip_bomb_that_is_the_record_itself(tmp_path: Path) -> None:
    before = warc_response(f"{SITE}/compare/first-a-vs-first-b", good())
    huge = warc_response(f"{SITE}/compare/huge-a-vs-huge-b", bytes(100_000_000))
    after = warc_response(f"{SITE}/compare/last-a-vs-last-b", good())
    content = b"".join(gzip.compress(each, 1) for each in (before, huge, after))
    folder, path, done = warc_folder(tmp_path, "huge.warc.gz", content)
    assert done.code == 1
    assert str(path) in done.err
    assert "more than the limit" in done.err
    assert folder.run("build").code == 1
    assert folder.column("SELECT severity FROM problems WHERE path = ?", path.name) == ["error"]
    urls = set(folder.stored())
    assert urls == {CONTROL, f"{SITE}/compare/first-a-vs-first-b", f"{SITE}/compare/last-a-vs-last-b"}
    assert_good_page_is_read(folder)


@pytest.mark.parametrize("is_gzip", [True, False])
def test_a_torn_warc(tmp_path: Path, is_gzip: bool) -> None:
    whole = warc_response(f"{SITE}/compare/whole-a-vs-whole-b", good())
    torn = warc_response(f"{SITE}/compare/torn-a-vs-torn-b", good())
    parts = [gzip.compress(whole), gzip.compress(torn)] if is_gzip else [whole, torn]
    content = parts[0] + parts[1][: len(parts[1]) // 2]
    folder, path, done = warc_folder(tmp_path, "crawl.warc.gz" if is_gzip else "crawl.warc", content)
    assert done.code == 1
    assert f"{path}: at byte {len(parts[0]):,}" in done.err
    assert folder.run("build").code == 1
    assert folder.column("SELECT severity FROM problems WHERE path = ?", path.name) == ["error"]
    assert set(folder.stored()) == {CONTROL, f"{SITE}/compare/whole-a-vs-whole-b"}
    assert folder.column("SELECT name FROM listings WHERE listing_id LIKE '%:whole-a'") == ["Fernway"]
    assert_good_page_is_read(folder)


# Folders and files


def test_a_manifest_that_names_a_missing_file(tmp_path: Path) -> None:
    entries = [
        {"file": name, "url": url, "captured_at": CAPTURED_AT, "content_type": HTML}
        for name, url in (("missing.html", f"{SITE}/compare/gone-a-vs-gone-b"), ("good.html", CONTROL))
    ]
    (tmp_path / "good.html").write_bytes(good())
    folder = Folder(tmp_path / "data")
    done = folder.run("import", manifest(tmp_path, entries))
    assert done.code == 1
    assert str(tmp_path / "missing.html") in done.err
    assert "no such file" in done.err
    assert "line 1" in done.err
    assert folder.run("build").code == 1
    [problem] = folder.rows("SELECT severity, code, message FROM problems WHERE path LIKE '%missing.html'")
    assert (problem["severity"], problem["code"]) == ("error", "missing")
    assert "missing.html: there is no such file" in problem["message"]
    assert str(tmp_path) not in problem["message"], "a dataset names no folder of the machine"
    assert_good_page_is_read(folder)
    (tmp_path / "missing.html").write_bytes(good())
    again = folder.run("import", tmp_path / "manifest.jsonl", "--json")
    assert (again.code, again.json["added"], again.json["already_there"]) == (0, 1, 1)


def test_two_builds_at_once(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    assert folder.run("import", many_pages(tmp_path / "pages")).code == 0
    lock = folder.path / ".build.lock"
    with started("build", "--data", folder.path) as first:
        wait_until(lambda: lock.exists() and lock.read_text() == f"{first.pid}\n", first, "its build")
        first.send_signal(signal.SIGSTOP)
        second = folder.run("build", "--json")
        assert second.code == 1
        assert second.out == ""
        assert f"{folder.path}: process {first.pid} is building this dataset" in second.err
        assert not folder.database.exists()
        first.send_signal(signal.SIGCONT)
        _, err = first.communicate(timeout=60)
        assert (first.returncode, "Traceback" in err) == (0, False), err
    assert folder.column("SELECT count(*) FROM captures") == [SLOW_PAGES]
    assert folder.run("build").code == 0


@pytest.mark.long
def test_two_imports_at_once(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    pages = many_pages(tmp_path / "pages", 1200)
    lock = folder.path / "archive" / ".lock"
    with started("import", "--data", folder.path, pages) as first:
        wait_until(lambda: lock.exists() and lock.read_text() == f"{first.pid}\n", first, "its import")
        first.send_signal(signal.SIGSTOP)
        second = folder.run("import", SAMPLES / "manifest.jsonl")
        assert second.code == 1
        assert f"{folder.path / 'archive'}: process {first.pid} is writing to this archive" in second.err
        first.send_signal(signal.SIGCONT)
        first.communicate(timeout=60)
        assert first.returncode == 0
    again = folder.run("import", pages, SAMPLES / "manifest.jsonl", "--json")
    assert (again.json["already_there"], again.json["added"]) == (1200, 14)


@pytest.mark.long
def test_builds_killed_at_several_moments(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "data")
    folder.run("import", SAMPLES / "manifest.jsonl")
    assert folder.run("build").code == 0
    before = folder.database.read_bytes()
    assert folder.run("import", many_pages(tmp_path / "pages")).code == 0
    unfinished = folder.path / ".verdictlog.db.building"
    lock = folder.path / ".build.lock"
    for is_derived in (False, True):
        with started("build", "--data", folder.path) as build:
            wait_until(lambda: lock.read_text() == f"{build.pid}\n", build, "its build")  # noqa: B023
            wait_until(lambda: not is_derived or unfinished.exists(), build, "its new dataset")  # noqa: B023
            build.kill()
            build.wait()
        assert folder.database.read_bytes() == before
    last = folder.run("build", "--json")
    assert (last.code, last.json["captures"]) == (0, SLOW_PAGES)
    assert not unfinished.exists()
    built = folder.database.read_bytes()
    assert folder.run("build", "--full").code == 0
    assert folder.database.read_bytes() == built
