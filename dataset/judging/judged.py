"""What people judged: ``judgements.jsonl`` in the data folder, to which lines are only ever added.

A build takes it as one of the things that a dataset is made of. A log that can't be read stops the build: to go on
without it would tear apart, or throw together, what people decided.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crawler.plain_files import what_else
from dataset.building.lock import BuildError
from dataset.readings.times import utc_moment
from normalize.matching.judgements import BadLogError, Judgement, by_pair, parse

LOG = "judgements.jsonl"
"""The log, in the data folder."""

FACT = "judgements"
"""The fact that names the log which a dataset was built with: its SHA-256; no such fact: there was none."""


@dataclass(frozen=True)
class Judged:
    """The log of one build; `state` differs from that of any other. None: there is no log."""

    lines: tuple[Judgement, ...] = ()
    state: str | None = None

    def facts(self) -> dict[str, str]:
        """What `dataset_info` says of the log itself."""
        return {} if self.state is None else {FACT: self.state}


def judged_of(data: Path) -> Judged:
    """The log in the folder `data`. Raises `BuildError` where it can't be read."""
    path = data / LOG
    if (what := what_else(path)) is not None:
        raise BuildError(f"{path}: {what} lies here, where the log of judgements belongs. Move it away")
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        return Judged()
    except OSError as error:
        raise BuildError(f"{path}: the judgements can't be read ({error.strerror or error}); {_MENDING}") from error
    try:
        lines = parse(body.decode("utf-8"), str(path))
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise BuildError(f"{path}, line {line}: this is no UTF-8; {_MENDING}") from error
    except BadLogError as error:
        raise BuildError(f"{error}; {_MENDING}") from error
    for said in lines:
        try:
            utc_moment(said.time)
        except ValueError as error:
            raise BuildError(f"{path}: the judgement {said.id}: {said.time} is no time; {_MENDING}") from error
    return Judged(tuple(lines), hashlib.sha256(body).hexdigest())


def judged_until(data: Path, state: str | None) -> Judged:
    """The log in the folder `data` as it was when it was `state`, without the lines that were added since.

    All of it where that can't be told, as lines were taken away or changed. Raises `BuildError` where it can't be read.
    """
    present = judged_of(data)
    if state is None or present.state is None or state == present.state:
        return Judged() if state is None else present
    so_far, before = hashlib.sha256(), 0
    for line in (data / LOG).read_bytes().splitlines(keepends=True):
        so_far.update(line)
        before += bool(line.strip())
        if so_far.hexdigest() == state:
            return Judged(present.lines[:before], state)
    return present


_MENDING = (
    "mend it by hand, or take an earlier state of the file from a backup. Nothing was built, as that would undo what "
    "people decided; the last good dataset stands"
)


def added(data: Path, said: Judgement) -> None:
    """Add a line to the log in the folder `data`, on the disk when this returns. Raises `BuildError` where it can't be.

    A log that can't be read is not written to.
    """
    judged_of(data)
    path = data / LOG
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        with os.fdopen(descriptor, "rb+", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - 1, 0))
            # Somebody's editor may have left the last line without its end.
            start = "" if file.read(1) in (b"", b"\n") else "\n"
            file.write(f"{start}{said.line()}\n".encode())
            os.fsync(descriptor)
    except OSError as error:
        raise BuildError(f"{path}: can't be written ({error.strerror or error}); the judgement was not kept") from error


def resolved(lines: Iterable[Judgement], present: Mapping[str, str]) -> list[Judgement]:
    """`lines` about the listings as they are called now; `present` says which id stands for a former one.

    An answer about two ids that are one listing by now says nothing any more; what it revokes stays revoked.
    """
    found: list[Judgement] = []
    for said in lines:
        if said.left is None or said.right is None:
            found.append(said)
            continue
        left, right = present.get(said.left, said.left), present.get(said.right, said.right)
        if left != right:
            found.append(said.model_copy(update={"left": left, "right": right}))
        elif said.revokes is not None:
            nothing = dict.fromkeys(("left", "right", "answer", "left_card", "right_card"))
            found.append(said.model_copy(update=nothing))
    return found


def united_at(lines: Iterable[Judgement]) -> dict[tuple[str, str], str]:
    """For each pair that a person takes for one tool, when they said so (in whole seconds); the lesser id first."""
    return {pair: moment_of(each.judgement) for pair, each in by_pair(lines).items() if each.answer == "yes"}


def moment_of(said: Judgement) -> str:
    """When `said` was said, as the dataset writes times."""
    return f"{said.time[:19]}Z"
