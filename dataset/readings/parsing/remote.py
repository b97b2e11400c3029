"""What the workers of a Dask cluster run. Its scheduler loads this module too."""

from __future__ import annotations

import pickle

from crawler.pages import parser_version as present_parser
from dataset.readings.parsing.jobs import observe_all
from dataset.schema.tables import RULES_VERSION, SCHEMA_VERSION

Versions = dict[str, str]
Answer = tuple[str, Versions, bytes | None]
"""What a worker sends back: its address, its versions, and what it read; None where its versions are others."""


def present_versions() -> Versions:
    """What must be the same wherever the pages of one dataset are read."""
    return {
        "parser version": present_parser(),
        "rules version": str(RULES_VERSION),
        "schema version": str(SCHEMA_VERSION),
    }


def read_packed(packed: bytes, wanted: Versions) -> Answer:
    """Read the captures in `packed` where this process has the versions that are `wanted`. Runs on the workers."""
    from distributed import get_worker  # noqa: PLC0415  (an extra)

    address: str = get_worker().address
    found = present_versions()
    if found != wanted:
        return address, found, None
    return address, found, pickle.dumps(observe_all(*pickle.loads(packed)), pickle.HIGHEST_PROTOCOL)  # noqa: S301
