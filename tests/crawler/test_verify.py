"""Verifying: every flipped bit and every stray byte is found, and a sound archive gives no finding."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
import zlib
from pathlib import Path

import pytest

from crawler.archive import Archive, ArchiveWriter, NewRecord
from crawler.verify import Finding, VerifyEvent, verify
from crawler.warc_records import GZIP_HEADER
from tests.crawler.archives import AT, clock, members

BLOCKS = (b"", b"a", b"words of a page, " * 40, bytes(5000), random.Random(3).randbytes(3000), b"<p>last</p>")


def fill(folder: Path, *blocks: bytes) -> Path:
    with ArchiveWriter(folder, command="test", source=None, clock=clock) as out:
        for number, block in enumerate(blocks):
            out.write(NewRecord("resource", f"https://example.org/{number}", AT, "text/html", block))
        http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\nbody"
        out.write(NewRecord("response", "https://example.org/h", AT, "application/http", http))
        out.write(NewRecord("revisit", "https://example.org/r", AT, "application/http", http[:45]))
    return folder / f"{out.run_id}.warc.gz"


def starts(data: bytes) -> list[int]:
    return [0, *members(data)[:-1]]


def codes(folder: Path) -> list[tuple[str, str, int | None]]:
    return [(f.severity, f.code, f.offset) for f in verify(Archive(folder)).findings]


def repack(path: Path, index: int, old: bytes, new: bytes) -> int:
    """Change a record's plain bytes and pack it again with a right checksum. Gives back its offset."""
    data = path.read_bytes()
    begin, end = [*starts(data), len(data)][index : index + 2]
    plain = gzip.decompress(data[begin:end])
    assert plain.count(old) >= 1
    plain = plain.replace(old, new)
    deflater = zlib.compressobj(wbits=-15)
    packed = GZIP_HEADER + deflater.compress(plain) + deflater.flush()
    packed += zlib.crc32(plain).to_bytes(4, "little") + len(plain).to_bytes(4, "little")
    path.write_bytes(data[:begin] + packed + data[end:])
    return begin


def test_a_sound_archive(tmp_path: Path) -> None:
    path = fill(tmp_path, *BLOCKS)
    report = verify(Archive(tmp_path))
    assert report.findings == () and report.ok
    assert (report.files, report.records, report.bytes) == (1, len(BLOCKS) + 4, path.stat().st_size)


def test_no_archive_at_all(tmp_path: Path) -> None:
    assert verify(Archive(tmp_path / "none")).findings == ()


def flip_and_verify(path: Path, data: bytes, position: int, bit: int) -> tuple[Finding, ...]:
    broken = bytearray(data)
    broken[position] ^= 1 << bit
    path.write_bytes(broken)
    return verify(Archive(path.parent)).findings


@pytest.mark.long
def test_every_flipped_bit_is_found(tmp_path: Path) -> None:
    path = fill(tmp_path, *BLOCKS)
    data = path.read_bytes()
    begins = [*starts(data), len(data)]
    # All bits that the checksum does not cover, or that it is made of, and a seeded sample of the others.
    positions = {p for b in begins[:-1] for p in range(b, b + 12)} | {e - n for e in begins[1:] for n in range(1, 12)}
    positions |= set(random.Random(1).sample(range(len(data)), 150))
    for position in sorted(positions):
        bits = range(8) if any(0 < e - position < 12 for e in begins) else (position % 8,)
        for bit in bits:
            findings = flip_and_verify(path, data, position, bit)
            begin = max(b for b in begins[:-1] if b <= position)
            assert findings, (position - begin, bit)
            assert begin in {f.offset for f in findings}, (position - begin, bit)
            assert any(f.severity != "info" for f in findings)


@pytest.mark.long
def test_every_flipped_bit_of_all(tmp_path: Path) -> None:
    path = fill(tmp_path, *BLOCKS[:2])
    data = path.read_bytes()
    for position in range(len(data)):
        for bit in range(8):
            assert any(f.severity != "info" for f in flip_and_verify(path, data, position, bit)), (position, bit)


def test_damage_tells_how_much_is_lost(tmp_path: Path) -> None:
    path = fill(tmp_path, *BLOCKS)
    data = bytearray(path.read_bytes())
    begins = starts(bytes(data))
    data[begins[5] + 100] ^= 4
    path.write_bytes(data)
    (finding,) = verify(Archive(tmp_path)).findings
    assert (finding.severity, finding.code, finding.offset) == ("error", "damaged", begins[5])
    assert f"{begins[6] - begins[5]:,} bytes" in finding.message
    assert finding.file == path.name


def test_a_torn_tail_and_its_missing_end(tmp_path: Path) -> None:
    path = fill(tmp_path, *BLOCKS)
    data = path.read_bytes()
    last = starts(data)[-1]
    path.write_bytes(data[: last + 30])
    assert codes(tmp_path) == [("error", "torn_tail", last), ("info", "no_end_record", None)]
    Archive(tmp_path).recover()
    assert codes(tmp_path) == [("info", "set_aside", None), ("info", "no_end_record", None)]
    assert verify(Archive(tmp_path)).ok, "a killed run is no damage once its tail is set aside"


def test_stray_bytes_between_and_after(tmp_path: Path) -> None:
    path = fill(tmp_path, *BLOCKS)
    data = path.read_bytes()
    middle = starts(data)[3]
    path.write_bytes(data[:middle] + b"stray" + data[middle:] + b"more")
    assert codes(tmp_path) == [("error", "damaged", middle), ("error", "torn_tail", len(data) + 5)]


def test_a_digest_that_does_not_fit(tmp_path: Path) -> None:
    path = fill(tmp_path, b"<p>one</p>", b"<p>two</p>")
    begin = repack(path, 1, b"<p>one</p>", b"<p>eno</p>")
    assert codes(tmp_path) == [("error", "block_digest", begin), ("error", "payload_digest", begin)]
    http = repack(path, 3, b"Content-Type: text/html", b"Content-Type: text/HTML")
    assert codes(tmp_path)[2:] == [("error", "block_digest", http)]


def test_a_length_that_does_not_fit(tmp_path: Path) -> None:
    path = fill(tmp_path, b"<p>one</p>")
    begin = repack(path, 1, b"Content-Length: 10", b"Content-Length: 11")
    (finding,) = verify(Archive(tmp_path)).findings
    assert (finding.code, finding.offset) == ("damaged", begin)
    assert "Content-Length" in finding.message


def test_a_missing_digest_and_an_unusable_date(tmp_path: Path) -> None:
    path = fill(tmp_path, b"<p>one</p>")
    digest = f"WARC-Payload-Digest: sha256:{hashlib.sha256(b'<p>one</p>').hexdigest()}\r\n".encode()
    begin = repack(path, 1, digest, b"")
    assert codes(tmp_path) == [("warning", "no_payload_digest", begin)]
    repack(path, 1, b"WARC-Date: 2026-11-19", b"WARC-Date: 2026-11-31")
    assert ("error", "bad_record", begin) in codes(tmp_path)


def test_a_renamed_file_and_one_without_an_opening(tmp_path: Path) -> None:
    path = fill(tmp_path, b"<p>one</p>")
    path = path.rename(tmp_path / "other.warc.gz")
    assert codes(tmp_path) == [("warning", "renamed", 0)]
    data = path.read_bytes()
    path.write_bytes(data[starts(data)[1] :])
    assert codes(tmp_path) == [("warning", "no_warcinfo", 0)]


def test_strays_in_the_folder(tmp_path: Path) -> None:
    fill(tmp_path, b"<p>one</p>")
    (tmp_path / "notes.txt").write_text("hello")
    os.mkfifo(tmp_path / "pipe.warc.gz")
    (tmp_path / "empty.warc.gz").write_bytes(b"")
    found = [(f.file, f.code) for f in verify(Archive(tmp_path)).findings]
    assert found == [("notes.txt", "stray_file"), ("pipe.warc.gz", "stray_file"), ("empty.warc.gz", "empty_file")]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    fill(tmp_path, b"<p>one</p>")
    (tmp_path / "0.warc.gz").symlink_to("/proc/self/mem")
    (finding,) = verify(Archive(tmp_path)).findings
    assert (finding.severity, finding.file, finding.code) == ("error", "0.warc.gz", "unreadable")


def test_nonsense_files_never_raise(tmp_path: Path) -> None:
    path = fill(tmp_path, b"<p>one</p>" * 30)
    data = path.read_bytes()
    rnd = random.Random(5)
    for _ in range(150):
        cut = sorted(rnd.sample(range(len(data)), 3))
        pieces = [data[: cut[0]], rnd.randbytes(rnd.randrange(20)), data[cut[1] : cut[2]], data[cut[0] :]]
        rnd.shuffle(pieces)
        path.write_bytes(b"".join(pieces))
        first = verify(Archive(tmp_path))
        assert first == verify(Archive(tmp_path)), "the same findings each time"
        assert not first.ok or b"".join(pieces).startswith(data)
        assert sum(1 for _ in Archive(tmp_path).scan()) <= first.records


def test_progress(tmp_path: Path) -> None:
    path = fill(tmp_path, b"<p>one</p>")
    events: list[VerifyEvent] = []
    verify(Archive(tmp_path), events.append)
    assert events == [VerifyEvent(path.name, 0, 1, 0), VerifyEvent("", 1, 1, 5)]
