"""WARC files made to take for ever: an import goes through them in bounded time and memory, and says what it left."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.verdictlog.bad_pages import good, warc_response
from tests.verdictlog.running import SITE, Folder

GOOD = warc_response(f"{SITE}/compare/a-vs-b", good())


def head(length: int, *more: str) -> bytes:
    lines = ["WARC/1.1", "WARC-Type: resource", "WARC-Date: 2026-01-01T00:00:00Z", *more, f"Content-Length: {length}"]
    return "\r\n".join([*lines, "", ""]).encode()


def bad_digest(number: int) -> bytes:
    digest = "WARC-Block-Digest: sha256:" + "0" * 64
    return head(4, f"WARC-Target-URI: {SITE}/{number}", digest) + b"text\r\n\r\n"


FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    # Records within records: each claims all that follows, and where it ends nothing fits.
    "ten gigabytes, again and again": (lambda: (head(10_000_000_000) + b"\r\n") * 2000, "too_damaged"),
    "wrong lengths": (lambda: (head(7) + b"x\r\n") * 2000, "too_damaged"),
    "bad digests": (lambda: b"".join(map(bad_digest, range(3000))), "too_damaged"),
    "a header without end": (lambda: b"WARC/1.1\r\nWARC-Type: " + b"x" * 10_000_000, "garbage"),
}


def limited() -> None:
    """No more than a gigabyte of memory."""
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


@pytest.mark.parametrize("name", list(FILES))
def test_an_import_comes_to_its_end(tmp_path: Path, name: str) -> None:
    content, code = FILES[name]
    (tmp_path / "hostile.warc").write_bytes(content())
    (tmp_path / "good.warc").write_bytes(GOOD)
    folder = Folder(tmp_path / "data")
    done = folder.run("import", tmp_path / "hostile.warc", tmp_path / "good.warc", "--json", before=limited)
    assert done.code == 1
    failures = done.json["failures"]
    assert len(failures) <= 1001
    assert code in {each["code"] for each in failures}, failures[:5]
    assert all("hostile.warc" in each["path"] for each in failures)
    assert done.json["added"] == 1
