"""Tables about how the dataset was made: runs, problems, former ids, facts about the build, internal tables.

Import them from `dataset.schema.tables`.
"""

from __future__ import annotations

from dataclasses import replace

from dataset.schema.parts import Column, Table, count, real, text, time

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
            "How it ended; died: it left no end record; running: it had not ended at the time of the build",
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
    hashed=False,
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
    indexes=(("severity",), ("code",), ("capture_id",), ("listing_id",)),
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
    hashed=False,
)

READINGS = Table(
    "readings",
    "Contents of cards and reviewer pages, each stored once (JSON)",
    (
        text("reading_id", "Hash of the content", needed=True),
        text("kind", "What the content comes from", needed=True, values=("card", "reviewer")),
        text("card_key", "Hash of name, tagline and description, if a card shows all three completely"),
        text("body", "The content (JSON)", needed=True),
    ),
    primary_key=("reading_id",),
    indexes=(("card_key",),),
    hidden=True,
    hashed=False,
)

REVIEWER_CAPTURES = Table(
    "reviewer_captures",
    "Which captures show which critic's page",
    (
        text("capture_id", "The capture", ref="captures.capture_id", needed=True),
        text("persona", "The critic", ref="personas.persona", needed=True),
        text("category", "The category of the page; NULL if it names none"),
        text("reading_id", "The content of the page", ref="readings.reading_id", needed=True),
    ),
    primary_key=("capture_id",),
    indexes=(("persona",), ("reading_id",)),
    hidden=True,
    hashed=False,
)

REVISITS = Table(
    "revisits",
    "Captures without content of their own, and the content that they report as unchanged",
    (
        text("capture_id", "The capture", ref="captures.capture_id", needed=True),
        text("sha256", "SHA-256 of that content, if the record states it"),
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
    "Counts of each run's archived records, independent of its end record",
    (text("run_id", "The run", ref="runs.run_id", needed=True), *(replace(each, nullable=False) for each in COUNTED)),
    primary_key=("run_id",),
    hidden=True,
    hashed=False,
)

LISTING_ANSWERS = Table(
    "listing_answers",
    "Responses of pages that don't show the listings named in their URLs",
    (
        text("capture_id", "The capture", ref="captures.capture_id", needed=True),
        text("side", "Where on the page the listing would be", needed=True, values=("left", "right", "only")),
        text("named_id", "The listing named in the URL; perhaps no capture ever showed it", needed=True),
        text(
            "answer",
            "gone: 404 or 410; moved: its tool page redirects permanently; unread: requested, but not read",
            needed=True,
            values=("gone", "moved", "unread"),
        ),
        text("moved_to", "The listing to which it moved"),
    ),
    primary_key=("capture_id", "side"),
    indexes=(("named_id",), ("answer", "named_id")),
    hidden=True,
    hashed=False,
)

PROBLEM_SIGHTINGS = Table(
    "problem_sightings",
    "Single occurrences of problems; `problems` aggregates them",
    (
        text("problem_id", "The problem", ref="problems.problem_id", needed=True),
        text("met_in", "The capture, run or listing in which it occurred", needed=True),
        count("position", "Its position among the problems there", needed=True),
        text("severity", "As in problems", needed=True),
        text("code", "As in problems", needed=True),
        text("subject", "As in problems", needed=True),
        text("url", "The page"),
        text("path", "The file"),
        text("field", "The field or label"),
        text("capture_id", "The capture", ref="captures.capture_id"),
        text("listing_id", "The listing", ref="listings.listing_id"),
        text("message", "As in problems", needed=True),
        time("seen_at", "When it occurred"),
    ),
    primary_key=("met_in", "position"),
    indexes=(("problem_id",), ("capture_id",), ("listing_id",)),
    hidden=True,
    hashed=False,
)

BARE_CARDS = Table(
    "bare_cards",
    "Cards that some capture shows without a slug",
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
    "Number of reviews by source and critic, and sums of their values",
    (
        text("source", "The site", needed=True),
        Column("persona", "TEXT", "The critic; '' if unknown", nullable=False),
        Column("persona_source", "TEXT", "How the critic is known; '' if unknown", nullable=False),
        count("reviews", "All reviews", unit="reviews", needed=True),
        count(
            "standing",
            "Current reviews of current listings",
            unit="reviews",
            needed=True,
        ),
        count("ships", "Those with the verdict ship", unit="reviews", needed=True),
        count("judged", "Those with a verdict", unit="reviews", needed=True),
        count("scores", "Sum of their scores", needed=True),
        count("scored", "Those with a score", unit="reviews", needed=True),
    ),
    primary_key=("source", "persona", "persona_source"),
    indexes=(("persona",),),
    hidden=True,
    hashed=False,
)

ARCHIVE_FILES = Table(
    "archive_files",
    "How far each archive file has been read",
    (
        text("file", "The archive file", needed=True),
        count("read_to", "Number of bytes from which this dataset was built", unit="bytes", needed=True),
    ),
    primary_key=("file",),
    hidden=True,
    hashed=False,
)
