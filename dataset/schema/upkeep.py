"""Tables about the making of the dataset: runs, problems, former ids, facts of the build, files of the archive.

Part of `dataset.schema.tables`, which is what others import.
"""

from __future__ import annotations

from dataset.schema.parts import Table, count, real, text, time

COUNTED = (
    count("requests", "Requests sent (by an import: brought), retries and redirects included", unit="requests"),
    count("responses_200", "Answers with 200", unit="responses"),
    count("responses_304", "Answers with 304 (unchanged)", unit="responses"),
    count("responses_3xx", "Answers with 3xx other than 304 (redirects)", unit="responses"),
    count("responses_4xx", "Answers with 4xx", unit="responses"),
    count("responses_5xx", "Answers with 5xx", unit="responses"),
    count("bytes", "Bytes received or imported", unit="bytes"),
    count("pages_parsed", "Pages that were parsed", unit="pages"),
    count("pages_failed", "Pages that could not be parsed", unit="pages"),
)
"""What a run's end record tells, and what the archive itself shows where it doesn't."""

RUNS = Table(
    "runs",
    "A crawl or an import; what its end record doesn't count is counted from what the archive holds of it",
    (
        text("run_id", "The run", needed=True),
        text("source", "The site, where the run was for one"),
        text("command", "What was run, such as import, crawl or run; no arguments"),
        text("software", "The program and its version"),
        time("started_at", "When it started"),
        time("finished_at", "When it ended; NULL where it never told"),
        text(
            "outcome",
            "How it ended; died: it left no end record, or was still at work when this was built",
            needed=True,
        ),
        text("reason", "Why it ended so"),
        text("continues", "The unfinished run that it goes on with", ref="runs.run_id"),
        *COUNTED,
        count("retries", "Requests that were sent once more after a failure", unit="requests"),
        count("redirects", "Requests that followed a redirect", unit="requests"),
        real("delay_kept_seconds", "The shortest gap between two of its requests, as it measured", unit="seconds"),
        text("robots_txt_sha256", "SHA-256 of the robots.txt obeyed"),
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
    "Something that could not be read or reconciled: one row per code and subject",
    (
        text("problem_id", "Hash of code and subject", needed=True),
        text(
            "severity",
            "error: data lost or a person must act; warning: a value is missing or doubted; "
            "info: a contradiction of the source itself",
            needed=True,
            values=("error", "warning", "info"),
        ),
        text("code", "Short stable name of what is wrong", needed=True),
        text("message", "What is wrong, in words", needed=True),
        count("occurrences", "How often it was met (captures, mostly)", needed=True),
        text("url", "The page where it was first met"),
        time("first_seen", "When it was first met"),
        text("listing_id", "The listing it is about", ref="listings.listing_id"),
        text("field", "The field or label"),
        text("path", "The file, where it is about one"),
        text("capture_id", "The earliest capture that shows it", ref="captures.capture_id"),
        text("subject", "What it is about", needed=True),
        time("last_seen", "When it was last met"),
    ),
    primary_key=("problem_id",),
    indexes=(("severity",), ("code",), ("capture_id",), ("listing_id",), ("url",)),
    facets=("severity", "code"),
    sort="severity",
)

ALIAS_COLUMNS = (
    text("reason", "Why the one stands for the other", needed=True),
    time("at", "observed_at of the capture that showed it", needed=True),
)

LISTING_ALIASES = Table(
    "listing_aliases",
    "An id under which a listing was or may have been known before",
    (
        text("alias_id", "The former id", needed=True),
        text("listing_id", "The present id", ref="listings.listing_id", needed=True),
        *ALIAS_COLUMNS,
    ),
    primary_key=("alias_id",),
    indexes=(("listing_id",),),
)

REVIEW_ALIASES = Table(
    "review_aliases",
    "An id under which a review was or may have been known before",
    (
        text("alias_id", "The former id", needed=True),
        text("review_id", "The present id", ref="reviews.review_id", needed=True),
        *ALIAS_COLUMNS,
    ),
    primary_key=("alias_id",),
    indexes=(("review_id",),),
)

DATASET_INFO = Table(
    "dataset_info",
    "One fact about this build of the dataset",
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
