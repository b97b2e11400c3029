"""A build in a process of its own, for the tests that kill it, starve it or take its rights away.

``python -m tests.dataset.built FOLDER [stop=STAGE] [limit=BYTES] [nobody] [workers=N]`` prints a line of JSON:
the report's main facts, or the error. With ``stop`` it prints ``STAGE`` when it gets there, and waits for ever.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path

from crawler.archive import ArchiveError
from dataset.building.build import build
from dataset.building.lock import BuildError
from tests.dataset.captures import read_json

NOBODY = 65534


def main(folder: str, *words: str) -> None:
    options = dict(word.partition("=")[::2] for word in words)
    stop = options.get("stop")

    def progress(stage: str, done: int) -> None:
        if stage == stop:
            print(stage, flush=True)  # noqa: T201  (the parent waits for this line)
            time.sleep(600)

    if "limit" in options:
        size = int(options["limit"])
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    if "nobody" in options and os.geteuid() == 0:
        os.setuid(NOBODY)
    try:
        report = build(
            Path(folder),
            progress=progress,
            read=read_json,
            parser_version="test",
            workers=int(options.get("workers", "1")),
        )
    except (BuildError, ArchiveError) as error:
        print(json.dumps({"error": type(error).__name__, "text": str(error)}))  # noqa: T201  (the result)
        return
    print(json.dumps({"changed": report.changed}))  # noqa: T201  (the result)


if __name__ == "__main__":
    main(*sys.argv[1:])
