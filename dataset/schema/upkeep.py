"""Tables about the making of the dataset: runs, problems, former ids, facts of the build, files of the archive.

Import them from `dataset.schema.tables`.
"""

from __future__ import annotations

from dataset.schema.parts import Table, count, real, text, time

COUNTED = (
    count("requests", "Requests sent (in an import: imported), including retries and redirects", unit="requests"),
    count("responses_200", "Responses with status 200", unit="responses"),
    count("responses_304", "Responses with status 304 (not modified)", unit="responses"),
    count("responses_3xx", "Responses with status 3xx other than 304 (redirects)", unit="responses"),
    count("responses_4xx", "Responses with status 4xx", unit="responses"),
    count("responses_5xx", "Responses with status 5xx", unit="responses"),
    count("bytes", "Bytes received or imported", unit="bytes"),
    count("pages_parsed", "Pages that were parsed", unit="pages"),
    count("pages_failed", "Pages that could not be parsed", unit="pages"),
)
"""Counts from the end record of a run, or counted from the archive if the record lacks them."""

RUNS = Table(
    "runs",
    "Crawls and imports; counts that the end record of a run lacks are taken from its archived records",
    (
        text("run_id", "The run", needed=True),
        text("source", "The site, if the run was about one site"),
        text("command", "The name of the command (import, crawl, run), without arguments"),
        text("software", "The program and its version"),
        time("started_at", "When it started"),
        time("finished_at", "When it ended; NULL if it left no end record"),
        text(
            "outcome",
            "How it ended; died: it left no end record, or was still at work when this was built",
            needed=True,
        ),
        text("reason", "Reason for this outcome"),
        text("continues", "The unfinished run that it resumed", ref="runs.run_id"),
        *COUNTED,
        count("retries", "Requests that were repeated after a failure", unit="requests"),
        count("redirects", "Requests that followed a redirect", unit="requests"),
        real("delay_kept_seconds", "Shortest measured gap between two of its requests", unit="seconds"),
        text("robots_txt_sha256", "SHA-256 of the robots.txt that was obeyed"),
        text("counters", "All counters of the end record (JSON)"),
    ),
    primary_key=("run_id",),
    indexes=(("continues",),),
    facets=("outcome", "command"),
    sort_desc="started_at",
    local=True,
)

PROBLEMS = Table(
    "problems",
    "Things that could not be read or reconciled, with one row per code and subject",
    (
        text("problem_id", "Hash of code and subject", needed=True),
        text(
            "severity",
            "error: data was lost or a person must act; warning: a value is missing or doubtful; "
            "info: the source contradicts itself",
            needed=True,
            values=("error", "warning", "info"),
        ),
        text("code", "Short, stable name of the problem", needed=True),
        text("message", "Description of the problem", needed=True),
        count("occurrences", "How often it occurred (usually the number of captures)", needed=True),
        text("url", "The page on which it first occurred"),
        time("first_seen", "When it first occurred"),
        text("listing_id", "The listing concerned", ref="listings.listing_id"),
        text("field", "The field or label concerned"),
        text("path", "The file concerned, if any"),
        text("capture_id", "The earliest capture that shows it", ref="captures.capture_id"),
        text("subject", "The subject of the problem", needed=True),
        time("last_seen", "When it last occurred"),
    ),
    primary_key=("problem_id",),
    indexes=(("severity",), ("code",), ("capture_id",), ("listing_id",), ("url",)),
    facets=("severity", "code"),
    sort="severity",
)

ALIAS_COLUMNS = (
    text("reason", "Why the alias leads to this id", needed=True),
    time("at", "observed_at of the capture that revealed it", needed=True),
)

LISTING_ALIASES = Table(
    "listing_aliases",
    "Former ids of listings, including ids that they may have had",
    (
        text("alias_id", "The former id", needed=True),
        text("listing_id", "The current id", ref="listings.listing_id", needed=True),
        *ALIAS_COLUMNS,
    ),
    primary_key=("alias_id",),
    indexes=(("listing_id",),),
)

REVIEW_ALIASES = Table(
    "review_aliases",
    "Former ids of reviews, including ids that they may have had",
    (
        text("alias_id", "The former id", needed=True),
        text("review_id", "The current id", ref="reviews.review_id", needed=True),
        *ALIAS_COLUMNS,
    ),
    primary_key=("alias_id",),
    indexes=(("review_id",),),
)

DATASET_INFO = Table(
    "dataset_info",
    "Facts about this build of the dataset",
    (
        text("key", "Name of the fact", needed=True),
        text("value", "The fact"),
    ),
    primary_key=("key",),
    local=True,
)

ARCHIVE_FILES = Table(
    "archive_files",
    "A file of the archive from which this dataset was made, and how far it was read",
    (
        text("file", "The archive file", needed=True),
        count("read_to", "So many of its first bytes count", unit="bytes", needed=True),
    ),
    primary_key=("file",),
    local=True,
)
