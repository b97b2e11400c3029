"""Tables about the making of the dataset: runs, problems, former ids, facts of the build, and its plumbing.

Part of `dataset.schema.tables`, which is what others import.
"""

from __future__ import annotations

from dataclasses import replace

from dataset.schema.parts import Column, Table, count, real, text, time

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
            "How it ended; died: it left no end record; running: it had not ended when this was built",
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
    hashed=False,
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
    indexes=(("severity",), ("code",), ("capture_id",), ("listing_id",)),
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
    hashed=False,
)

READINGS = Table(
    "readings",
    "What a card or a reviewer page says, kept once per content (JSON)",
    (
        text("reading_id", "Hash of the content", needed=True),
        text("kind", "What was read", needed=True, values=("card", "reviewer")),
        text("card_key", "Hash of name, tagline and description, where a card shows all three whole"),
        text("body", "The content (JSON)", needed=True),
    ),
    primary_key=("reading_id",),
    indexes=(("card_key",),),
    hidden=True,
    hashed=False,
)

REVIEWER_CAPTURES = Table(
    "reviewer_captures",
    "Which capture shows which persona's page",
    (
        text("capture_id", "The capture", ref="captures.capture_id", needed=True),
        text("persona", "The persona", ref="personas.persona", needed=True),
        text("category", "The category of the page; NULL where it names none"),
        text("reading_id", "What the page says there", ref="readings.reading_id", needed=True),
    ),
    primary_key=("capture_id",),
    indexes=(("persona",), ("reading_id",)),
    hidden=True,
    hashed=False,
)

REVISITS = Table(
    "revisits",
    "Captures that bring no content of their own, and the content that they say is unchanged",
    (
        text("capture_id", "The capture", ref="captures.capture_id", needed=True),
        text("sha256", "SHA-256 of that content, where the record states it"),
        text("digest", "The digest of that content, as the record states it"),
        time("refers_to_at", "When that content was captured, as the record states it"),
        text("refers_to_url", "Where that content was captured, as the record states it"),
    ),
    primary_key=("capture_id",),
    hidden=True,
    hashed=False,
)

RUN_COUNTS = Table(
    "run_counts",
    "What the archive's records show of each run, whatever its end record says",
    (text("run_id", "The run", ref="runs.run_id", needed=True), *(replace(each, nullable=False) for each in COUNTED)),
    primary_key=("run_id",),
    hidden=True,
    hashed=False,
)

LISTING_ANSWERS = Table(
    "listing_answers",
    "Answers of pages that do not show the listings which their urls name",
    (
        text("capture_id", "The capture", ref="captures.capture_id", needed=True),
        text("side", "Where on the page it would stand", needed=True, values=("left", "right", "only")),
        text("named_id", "The listing, by the url; perhaps no capture ever showed it", needed=True),
        text(
            "answer",
            "gone: 404 or 410; moved: its tool page leads for good to another; unread: asked for, and not read",
            needed=True,
            values=("gone", "moved", "unread"),
        ),
        text("moved_to", "The listing to which it leads, where it moved"),
    ),
    primary_key=("capture_id", "side"),
    indexes=(("named_id",), ("answer", "named_id")),
    hidden=True,
    hashed=False,
)

PROBLEM_SIGHTINGS = Table(
    "problem_sightings",
    "Each time a problem was met; `problems` sums them up",
    (
        text("problem_id", "The problem", ref="problems.problem_id", needed=True),
        text("met_in", "The capture, run or listing in which it was met", needed=True),
        count("position", "Its place among the problems met there", needed=True),
        text("severity", "As in problems", needed=True),
        text("code", "As in problems", needed=True),
        text("subject", "As in problems", needed=True),
        text("url", "The page"),
        text("path", "The file"),
        text("field", "The field or label"),
        text("capture_id", "The capture", ref="captures.capture_id"),
        text("listing_id", "The listing", ref="listings.listing_id"),
        text("message", "As in problems", needed=True),
        time("seen_at", "When it was met"),
    ),
    primary_key=("met_in", "position"),
    indexes=(("problem_id",), ("capture_id",), ("listing_id",)),
    hidden=True,
    hashed=False,
)

BARE_CARDS = Table(
    "bare_cards",
    "A card that some capture shows without a slug",
    (
        text("source", "The site", needed=True),
        text("card_key", "Hash of name, tagline and description", needed=True),
    ),
    primary_key=("card_key", "source"),
    hidden=True,
    hashed=False,
)

REVIEW_TALLIES = Table(
    "review_tallies",
    "How many reviews there are, by source and critic, and their sums",
    (
        text("source", "The site", needed=True),
        Column("persona", "TEXT", "The critic; '' where no page tells", nullable=False),
        Column("persona_source", "TEXT", "How the critic is known; '' where nobody is", nullable=False),
        count("reviews", "All reviews", unit="reviews", needed=True),
        count(
            "standing",
            "Standing reviews of standing listings",
            unit="reviews",
            needed=True,
        ),
        count("ships", "Those of them that say ship", unit="reviews", needed=True),
        count("judged", "Those of them that have a verdict", unit="reviews", needed=True),
        count("scores", "The sum of their scores", needed=True),
        count("scored", "Those of them that have a score", unit="reviews", needed=True),
    ),
    primary_key=("source", "persona", "persona_source"),
    indexes=(("persona",),),
    hidden=True,
    hashed=False,
)

ARCHIVE_FILES = Table(
    "archive_files",
    "How far each file of the archive has been read",
    (
        text("file", "The archive file", needed=True),
        count("read_to", "Bytes that this dataset was built from", unit="bytes", needed=True),
    ),
    primary_key=("file",),
    hidden=True,
    hashed=False,
)
