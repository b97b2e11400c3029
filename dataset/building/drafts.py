"""Where a build works, and how its work is published: nothing is copied that needn't be, readers never see half.

Two files take turns. While readers read the published dataset, the one before it lies beside it as the *spare*. A build
brings the spare up to date (with what came since it was published itself, which is little more than what is new) and
puts it into the place of the published one, which becomes the next spare. So adding a little costs a little, however
big the dataset is.

A file may be read by somebody long after it was replaced: by a server between two requests, or in a terminal that was
left open. The spare is written to only where nobody at all has it open, which the system tells (a *lease*, Linux). Its
name says which file it is, so what was copied, restored from a backup or touched in between is not taken for it. Where
there is no such spare the published file is copied, which always works, and takes longer.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

from dataset.building.known import Known
from dataset.place import DATABASE_FILE, dataset_path

UNFINISHED = f".{DATABASE_FILE}.building"
"""Where a build works. What a dead build left there is removed by the next."""

SPARE = f".{DATABASE_FILE}.spare"
"""How the name of the spare begins; the rest says which file it is."""


class Draft:
    """The file in which a build makes the next dataset of the folder `data`, under the build's lock."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.published = dataset_path(data)
        self.path = data / UNFINISHED

    def discard(self) -> None:
        """Remove what a build left unfinished, if anything."""
        for each in (self.path, self.path.with_name(f"{UNFINISHED}-journal")):
            try:
                each.unlink(missing_ok=True)
            except OSError:
                if each.exists():
                    raise

    def begin_anew(self) -> None:
        """Begin with nothing: what there is besides the published dataset is of no use any more."""
        self._drop_spares()

    def begin_from_published(self, known: Callable[[Path], Known | None]) -> Known | None:
        """Begin with the content of the published dataset, or of the one before it where that is as good.

        `known` gives what the one before it knows, None where it is of no use. Gives what is known of the content that
        it begins with; None where that is the published one.
        """
        begun = None
        for spare in self._spares():
            if begun is None and _is_itself(spare) and _nobody_reads(spare) and (begun := known(spare)) is not None:
                spare.replace(self.path)
            else:
                spare.unlink(missing_ok=True)
        if begun is None:
            shutil.copyfile(self.published, self.path)
        return begun

    def publish(self, *, keep_former: bool) -> None:
        """Put the finished file into place, in one step. The former one becomes the spare, if `keep_former`."""
        _sync(self.path)
        self._drop_spares()
        if keep_former:
            # On a disk without links there is no spare, and the next build copies.
            with contextlib.suppress(OSError):
                os.link(self.published, _spare_name(self.published))
        self.path.replace(self.published)
        _sync(self.data)

    def _spares(self) -> Iterator[Path]:
        yield from sorted(self.data.glob(f"{SPARE}.*"))

    def _drop_spares(self) -> None:
        for spare in self._spares():
            spare.unlink(missing_ok=True)


def _spare_name(path: Path) -> Path:
    """The name that the file at `path` has as the spare."""
    stat = path.stat()
    return path.with_name(f"{SPARE}.{stat.st_ino:x}-{stat.st_mtime_ns:x}-{stat.st_size:x}")


def _is_itself(spare: Path) -> bool:
    """Whether `spare` is the very file that was published, untouched since."""
    try:
        return _spare_name(spare) == spare
    except OSError:
        return False


def _nobody_reads(path: Path) -> bool:
    """Whether nobody has the file at `path` open; False too where the system can't tell."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    # Whoever opens the file while the lease is held has this process sent SIGIO, which would end it.
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGIO})
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError:
        return False
    finally:
        os.close(descriptor)
        if signal.SIGIO in signal.sigpending():
            signal.sigwait({signal.SIGIO})
        signal.pthread_sigmask(signal.SIG_SETMASK, former)
    return True


def _sync(path: Path) -> None:
    """See to it that `path` is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
