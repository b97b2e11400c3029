"""Going on with a crawl that did not come to its end. Pure: runs and the present time are passed in.

The archive is the only state of a crawl. A run that died, was stopped or failed is continued by the next one for the
same site with the same task, as long as it began less than a day ago: what it was told then still holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from crawler.capture_index import Answer, KnownRun
from crawler.urls import canonical_url

MAX_AGE = timedelta(days=1)
"""A run that began longer ago than this is not continued."""

FINAL_CLIENT_ERRORS = frozenset(range(400, 500)) - {408, 425, 429}
"""What says something about the page and would be said again."""


def spec_of(urls: Iterable[str], kinds: Iterable[str], *, dry_run: bool = False) -> str:
    """The task of a crawl, in a form that can be compared: where it starts, and the kinds of page it is for."""
    task = {"urls": sorted({canonical_url(url) for url in urls}), "kinds": sorted(kinds)}
    return json.dumps(task | ({"dry_run": True} if dry_run else {}), sort_keys=True)


def unfinished(runs: Sequence[KnownRun], spec: str, now: datetime) -> list[str]:
    """The ids of the runs to go on with, the oldest first: one that did not finish, and those it continued itself.

    `runs` are those for the site, newest first. Empty where the last run with this task finished, or is too old.
    """
    same = [run for run in runs if run.facts.get("spec") == spec]
    if not same or (same[0].end or {}).get("outcome") == "finished":
        return []
    by_id = {run.run_id: run for run in same}
    chain = [same[0]]
    while (before := by_id.get(chain[-1].facts.get("continues", ""))) is not None and before not in chain:
        chain.append(before)
    try:
        started = datetime.fromisoformat(chain[-1].facts.get("started_at", ""))
        is_young = timedelta(0) <= now - started < MAX_AGE
    except (ValueError, TypeError):
        is_young = False
    return [run.run_id for run in reversed(chain)] if is_young else []


def is_final(answer: Answer) -> bool:
    """Whether `answer` settles its url for this crawl.

    What a retry may change does not, nor does a redirect to another address of the same page: that is still to come.
    """
    if not answer.whole or answer.status is None:
        return False
    if answer.location is not None:
        return canonical_url(answer.location) != canonical_url(answer.url)
    return answer.status < 400 or answer.status in FINAL_CLIENT_ERRORS
