"""The lock of the archive: one writer at a time, and readers need none.

The lock lives in the kernel, so it ends with the process that holds it, however that process ends. The file
``.lock`` also bears the number of the process, only so that a message can name it.
"""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from crawler.plain_files import NotPlainError, open_plain
from crawler.warc_records import ArchiveError

LOCK_NAME = ".lock"


class ArchiveBusy(ArchiveError):  # noqa: N818  (the name that the other rooms know)
    """Another process is writing to the archive."""


def cannot_write(path: Path, error: OSError) -> ArchiveError:
    """The error to raise where `path` could not be written, in words that say what to do."""
    if isinstance(error, NotPlainError):
        return ArchiveError(f"{error.filename}: {error.strerror}. Move it away, then run the command again")
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return ArchiveError(
            f"{path}: no room left to write ({error.strerror}). Free some space and run the command again: "
            "what was stored before is intact, and nothing is stored twice"
        )
    return ArchiveError(
        f"{path}: can't be written ({error.strerror or error}). Make the folder writable, or choose another data folder"
    )


class ArchiveLock:
    """Holds the archive in `folder` while the ``with`` block runs.

    Entering makes the folder where there is none. It raises `ArchiveBusy` at once where another holder has the
    lock, and `ArchiveError` where the folder can't be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        path = self.folder / LOCK_NAME
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor = open_plain(path, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise ArchiveBusy(
                f"{self.folder}: process {holder or '(unknown)'} is writing to this archive. "
                "Wait until it is done, then run the command again"
            ) from None
        except OSError as error:
            os.close(descriptor)
            raise cannot_write(path, error) from error
        self._descriptor = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
