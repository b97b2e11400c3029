"""A data folder that may not be written to, or that is full: a clear message, and what was there stays whole."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from tests.verdictlog.running import (
    SAMPLES,
    SLOW_PAGES,
    Folder,
    assert_clean,
    command,
    in_own_mounts,
    many_pages,
)

READ_ONLY = """
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
shift
exec "$@"
"""

FULL = """
data=$1 pages=$2 results=$3
shift 3
cp -a "$data" "$results/before"
mount -t tmpfs -o size=3m tmpfs "$data"
cp -a "$results/before/." "$data"
head -c 4000000 /dev/zero > "$data/filler" 2> /dev/null || true
truncate -s -200K "$data/filler"
for name in import build verify; do
    words=
    test $name != import || words=$pages
    code=0
    "$@" $name --data "$data" $words > "$results/$name.out" 2> "$results/$name.err" || code=$?
    echo $code > "$results/$name.code"
done
rm "$data/filler"
cp -a "$data/." "$results/after"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A data folder with the samples in it, and built."""
    folder = Folder(tmp_path / "data")
    folder.run("import", SAMPLES / "manifest.jsonl")
    assert folder.run("build").code == 0
    return folder


def test_a_read_only_folder(folder: Folder, tmp_path: Path) -> None:
    pages = many_pages(tmp_path / "pages", 5)
    assert folder.run("import", pages).code == 0
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    endings = {
        "import": (1, f"{folder.path / 'archive'}: can't be written"),
        "build": (1, f"{folder.path}: can't be written"),
        "status": (0, "not in the dataset; next: verdictlog build"),
        "verify": (0, ""),
    }
    for name, (code, says) in endings.items():
        words = [SAMPLES / "manifest.jsonl"] if name == "import" else []
        done = in_own_mounts(READ_ONLY, folder.path, *command(name, "--data", folder.path, *words))
        assert_clean(done.stderr)
        assert (done.returncode, says in done.stderr) == (code, True), (name, done.stderr)
        assert code == 0 or "Read-only file system" in done.stderr
    assert {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()} == before
    assert folder.run("build", "--json").json["captures"] == 5


def assert_whole(folder: Folder, pages: Path, database: bytes) -> None:
    """Nothing was lost: the archive is sound, the dataset as before, and the rest can be brought in."""
    assert folder.database.read_bytes() == database
    assert not (folder.path / ".verdictlog.db.building").exists()
    again = folder.run("import", pages, "--json")
    assert again.code == 0
    assert again.json["added"] + again.json["already_there"] == SLOW_PAGES
    assert folder.run("verify").code == 0
    assert folder.run("build").code == 0
    assert folder.column("SELECT count(*) FROM captures") == [14 + SLOW_PAGES]


def test_a_full_folder(folder: Folder, tmp_path: Path) -> None:
    pages = many_pages(tmp_path / "pages")
    results = tmp_path / "results"
    results.mkdir()
    database = folder.database.read_bytes()
    done = in_own_mounts(FULL, folder.path, pages, results, *command())
    assert done.returncode == 0, done.stderr
    codes = {name: (results / f"{name}.code").read_text().strip() for name in ("import", "build", "verify")}
    said = {name: (results / f"{name}.err").read_text() for name in codes}
    for text in said.values():
        assert_clean(text)
    assert (codes["import"], codes["build"]) == ("1", "1"), said
    assert f"{folder.path}/archive/" in said["import"]
    assert "no room left" in said["import"].lower()
    assert str(folder.path) in said["build"]
    assert "last good dataset is untouched" in said["build"]
    assert "room" in said["build"] or "space" in said["build"]
    assert codes["verify"] == "0", (results / "verify.out").read_text()
    assert_whole(Folder(results / "after"), pages, database)


@pytest.mark.long
def test_files_that_may_not_grow(folder: Folder, tmp_path: Path) -> None:
    """The same for one who may not mount: the system refuses every byte of a file beyond a limit."""
    pages = many_pages(tmp_path / "pages")
    database = folder.database.read_bytes()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    failed = folder.run("import", pages, before=limit)
    assert failed.code == 1
    assert f"{folder.path}/archive/" in failed.err
    assert "no room left" in failed.err
    failed = folder.run("build", before=limit)
    assert failed.code == 1
    assert str(folder.path) in failed.err
    assert "last good dataset is untouched" in failed.err
    assert_whole(folder, pages, database)
