"""Files of the data folder are regular files, reached without a link: the one rule that is kept before each write.

What lies in their place may be anything: a link to a file of somebody else, a pipe that makes the opener wait for
ever, a device. `open_plain` opens a file for writing only where it is none of these.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


class NotPlainError(OSError):
    """What lies in the place of a file is no regular file, or is shared with others. `strerror` says what it is."""


def what_else(path: Path, *, may_be_link: bool = True) -> str | None:
    """In words, what lies at `path` in the place of a regular file; None where one does, or nothing at all.

    A link to a regular file counts as one if it `may_be_link`: to read through it, or to replace it, harms nobody.
    """
    try:
        mode = (path.stat if may_be_link else path.lstat)().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "a link that leads nowhere" if path.is_symlink() else None
    except OSError as error:
        # Whoever opens it finds the same, and says so; only a circle of links is known here alone.
        return "a link that leads to itself" if error.errno == errno.ELOOP else None
    return _kind(mode)


def open_plain(path: Path, flags: int, mode: int = 0o644) -> int:
    """A descriptor of the regular file `path`, opened with `flags`; it never waits and follows no link.

    Raises `NotPlainError` where something else is there, or a file that bears another name too (a hard link): what
    is written would be changed there as well. Raises other `OSError` where it can't be opened.
    """
    try:
        descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, mode)
    except OSError as error:
        found = what_else(path, may_be_link=False)
        raise (error if found is None else _not_plain(path, found)) from None
    status = os.fstat(descriptor)
    found = _kind(status.st_mode)
    if found is None and status.st_nlink > 1:
        found = "a file that bears another name too (a hard link)"
    if found is not None:
        os.close(descriptor)
        raise _not_plain(path, found)
    return descriptor


def _not_plain(path: Path, found: str) -> NotPlainError:
    return NotPlainError(errno.EINVAL, f"{found} lies here, where a file of verdictlog belongs", str(path))


def _kind(mode: int) -> str | None:
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFLNK: "a link",
        stat.S_IFIFO: "a pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode))
