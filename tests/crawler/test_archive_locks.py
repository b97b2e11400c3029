"""Writing to the archive: one at a time, and what is written is whole, also where there is no room or no right."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from compileall import compile_file
from pathlib import Path

import pytest

from crawler.archive import Archive, ArchiveBusy, ArchiveError, ArchiveLock
from tests.crawler.archives import only_file, page, write, writer
from tests.crawler.python import ROOT, run_python

pytestmark = pytest.mark.usefixtures("no_file_left_open")


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with writer(tmp_path) as out:
        out.write(page(1))
        with pytest.raises(ArchiveBusy, match=f"process {os.getpid()} is writing"), writer(tmp_path):
            pass
        with pytest.raises(ArchiveBusy):
            Archive(tmp_path).recover()
        assert len(list(Archive(tmp_path).scan())) == 2, "readers need no lock"
    with ArchiveLock(tmp_path):
        pass


FILL = """
    import os, resource, sys
    from datetime import UTC, datetime
    from pathlib import Path
    from crawler.archive import ArchiveError, ArchiveWriter, NewRecord
    folder = Path(sys.argv[1])
    limit = int(sys.argv[2])
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        with ArchiveWriter(folder, command="fill", source=None, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC)) as out:
            for n in range(400):
                block = os.urandom(5000)
                out.write(NewRecord("resource", f"https://example.org/{n}", "2026-11-19T00:00:00Z", None, block))
    except ArchiveError as error:
        print(error)
        sys.exit(7)
"""


@pytest.mark.parametrize("limit", [100, 400, 20_000, 123_456])
def test_no_room_left_rolls_back_to_the_last_whole_record(tmp_path: Path, limit: int) -> None:
    """The system cuts a write short at the limit, just as a full disk does."""
    folder = tmp_path / "archive"
    done = run_python(FILL, str(folder), str(limit))
    assert (done.returncode, done.stderr) == (7, "")
    assert "no room left" in done.stdout and "intact" in done.stdout
    archive = Archive(folder)
    count = len(list(archive.scan()))
    assert count == 0 if limit < 300 else count >= limit // 6000
    assert archive.recover() == [], "nothing half-written stays"
    assert bool(archive.files()) == bool(count)


def test_a_full_disk(tmp_path: Path) -> None:
    mounted = tmp_path / "disk"
    mounted.mkdir()
    script = tmp_path / "fill.py"
    script.write_text(textwrap.dedent(FILL))
    copy = tmp_path / "copy"
    command = 'mount -t tmpfs -o size=512k none "$1" && "$2" "$3" "$1/archive" 0; code=$?; cp -r "$1" "$4"; exit $code'
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", command, "sh", mounted, sys.executable, script, copy],
        check=False,
        text=True,
        capture_output=True,
        timeout=60,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    if "unshare:" in done.stderr or "mount:" in done.stderr:
        pytest.skip("this machine lets no one mount a small disk to fill")
    assert (done.returncode, done.stderr) == (7, "")
    assert "no room left to write (No space left on device)" in done.stdout
    archive = Archive(copy / "archive")
    assert len(list(archive.scan())) > 50
    assert archive.recover() == []


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ArchiveError, match="can't be written"), writer(tmp_path / "file" / "archive"):
        pass


def test_a_read_only_archive_can_be_read(tmp_path: Path) -> None:
    write(tmp_path, page(1))
    code = """
        import os, sys
        from pathlib import Path
        from crawler.archive import Archive, ArchiveError
        folder = Path(sys.argv[1])
        os.chdir("/")
        archive = Archive(folder)
        if os.geteuid() == 0:
            os.seteuid(65534)
        print(len(list(archive.scan())))
        try:
            archive.recover()
        except ArchiveError as error:
            print(error)
    """
    place = Path(tempfile.mkdtemp())
    try:
        shutil.copytree(tmp_path, place / "archive")
        (place / "archive" / ".lock").unlink()
        place.chmod(0o755)
        (place / "archive").chmod(0o555)
        compile_file(ROOT / "crawler" / "archive.py", quiet=2)
        done = run_python(code, str(place / "archive"), env={**os.environ, "PYTHONPATH": str(ROOT)})
        assert done.stderr == ""
        count, message = done.stdout.splitlines()
        assert count == "3"
        assert "can't be written" in message and "Make the folder writable" in message
    finally:
        (place / "archive").chmod(0o755)
        shutil.rmtree(place)


def test_an_unreadable_file_is_a_clear_error(tmp_path: Path) -> None:
    archive = write(tmp_path, page(1))
    name = only_file(tmp_path).name
    broken = tmp_path / f"0{name}"
    broken.symlink_to("/proc/self/mem")
    assert broken.is_file()
    with pytest.raises(ArchiveError, match=rf"0{name}: can't be read"):
        list(archive.scan())
