"""What `build --diff` prints: what the present parser and rules would rewrite in the published dataset."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verdictlog import console
from verdictlog.options import CHANGED, OK, plain, stop

if TYPE_CHECKING:
    from dataset.building.compare import Difference, Group, Unlike
    from dataset.building.rewrites import Rewrites

EXAMPLES = 5
"""How many examples of each kind are shown, if nothing else is said."""

WORDS = {
    ("changes", "new"): "newly found",
    ("changes", "gone"): "no longer found",
    ("problems", "new"): "opened",
    ("problems", "gone"): "closed",
}
"""What a row of a table that is new or gone is called, where not just that."""

REGROUPED = ("merged", "split")
"""What may become of tools."""

TELLING = {
    "problems": ("severity", "code", "message"),
    "reviews": ("persona", "score", "verdict", "quote"),
    "listings": ("name", "panel_verdict", "panel_ship_pct"),
    "tools": ("name", "listing_count"),
    "match_decisions": ("decision", "rule", "decided_by", "sentence"),
    "tool_aliases": ("tool_id", "reason"),
    "listing_versions": ("valid_from", "valid_to"),
    "review_versions": ("valid_from", "valid_to", "score", "verdict", "quote"),
    "field_evidence": ("value",),
    "listing_aliases": ("reason",),
    "review_aliases": ("review_id", "reason"),
    "reviewer_verdicts": ("persona", "tagline", "quote"),
    "captures": ("url", "kind", "parse_status"),
}
"""Which columns tell people what a row that is new or gone is, besides its key."""


def show_rewrites(folder: Path, limit: int | None, *, everything: bool, json: bool) -> int:
    """Print what would be rewritten in the dataset in `folder`; the exit code.

    `limit` is how many of each kind are shown; None: `EXAMPLES`, but all of them with `everything` and in JSON.
    """
    from crawler.archive import ArchiveError  # noqa: PLC0415
    from dataset.building.lock import BuildError  # noqa: PLC0415
    from dataset.building.rewrites import rewrites  # noqa: PLC0415

    most = EXAMPLES if limit is None and not everything and not json else limit
    with ExitStack() as stack:
        try:
            with console.bar("comparing") as bar:
                found = stack.enter_context(rewrites(folder, progress=console.stages(bar)))
        except (BuildError, ArchiveError) as error:
            stop(error)
        if json:
            _print_json(found, most)
        else:
            _tell(found, most)
        return CHANGED if found.found.groups else OK


def _print_json(found: Rewrites, most: int | None) -> None:
    """Print each rewrite as a line of JSON, and a line that sums up."""
    for group in found.found.groups:
        for each in found.found.differences(group, most):
            console.print_json_line(_members(each))
    for what in REGROUPED:
        for tool in [each for each in found.found.regrouped() if each.what == what][:most]:
            console.print_json_line({**plain(tool), "what": f"tool {what}"})
    console.print_json_line(
        {
            "what": "sum",
            "database": str(found.database),
            "versions": {
                name: {"published": old, "present": new} for name, (old, new) in sorted(found.versions.items())
            },
            **_counts(found),
            **{f"tools_{what}": sum(each.what == what for each in found.found.regrouped()) for what in REGROUPED},
            "groups": [
                {"table": each.table, "what": each.what, "field": each.field, "count": each.count}
                for each in found.found.groups
            ],
            "not_compared": plain(found.found.unlike),
            "waiting_captures": found.waiting,
        }
    )


def _members(each: Difference) -> dict[str, Any]:
    """`each` with what it has: a value's old and new, or a row."""
    without = ("row",) if each.row is None else ("field", "old", "new")
    return {name: value for name, value in plain(each).items() if name not in without}


def _counts(found: Rewrites) -> dict[str, int]:
    from dataset.building.compare import GONE, NEW, REWRITTEN  # noqa: PLC0415

    return {what: found.found.count(what) for what in (REWRITTEN, NEW, GONE)}


def _tell(found: Rewrites, most: int | None) -> None:
    """Print the rewrites by table and field, at most so many of each, and what is apart from them."""
    _tell_versions(found)
    _tell_unlike(found.found.unlike)
    _tell_regrouped(found, most)
    for group in found.found.groups:
        console.say(_title(group))
        for each in found.found.differences(group, most):
            console.say(f"  {_subject(each)}: {_what(each)}{_capture(each)}")
        if most is not None and most < group.count:
            console.say(f"  … and {group.count - most:,} more")
        console.say("")
    counts = _counts(found)
    if any(counts.values()):
        console.say(
            f"would be rewritten: {counts['rewritten']:,} values; rows: {counts['new']:,} new, {counts['gone']:,} gone"
        )
    else:
        console.say("nothing would be rewritten")
    if found.waiting:
        console.say(
            f"apart from that, {found.waiting:,} captures wait that the dataset has not read; `verdictlog build` reads "
            "them, and `verdictlog changes` then tells what changed on the site"
        )
    else:
        console.say("apart from that, nothing new waits in the archive")


def _tell_regrouped(found: Rewrites, most: int | None) -> None:
    """Say which tools would be put together or taken apart, at most so many of each."""
    for what in REGROUPED:
        tools = [each for each in found.found.regrouped() if each.what == what]
        if not tools:
            continue
        console.say(f"tools: {len(tools):,} {what}")
        for each in tools[:most]:
            console.say(f"  tool {each.tool_id}: listings {', '.join(each.listings)} {what}")
        if most is not None and most < len(tools):
            console.say(f"  … and {len(tools) - most:,} more")
        console.say("")


def _tell_versions(found: Rewrites) -> None:
    """Say by what the dataset was made, and by what it would be made now."""
    console.say(f"{found.database}: what it was made from, read again")
    for name, (old, new) in sorted(found.versions.items()):
        words = name.replace("_", " ")
        console.say(f"  {words}  {new}" if old == new else f"  {words}  {old or '(none)'} → {new}")
    console.say("")
    if not found.same_versions:
        return
    if found.found.groups:
        console.warn(
            "all versions are the same, yet not all that comes out is. Please report this; `verdictlog build --full` "
            "makes the dataset anew"
        )
    else:
        console.note("all versions are the same: this only checks that the same comes out")


def _tell_unlike(unlike: Unlike) -> None:
    """Say what only one of the two datasets has."""
    sentences = {
        "new tables, not in the dataset yet": unlike.new_tables,
        "new columns, not in the dataset yet": unlike.new_columns,
        "tables that would be no more": unlike.gone_tables,
        "columns that would be no more": unlike.gone_columns,
        "tables whose rows are known by other columns now, and can't be compared": unlike.other_keys,
    }
    for words, names in sentences.items():
        if names:
            console.say(f"{words}: {', '.join(names)}")
    if unlike:
        console.say("")


def _title(group: Group) -> str:
    if group.field is not None:
        return f"{group.table} · {group.field}: {group.count:,} {'value' if group.count == 1 else 'values'}"
    words = WORDS.get((group.table, group.what), group.what)
    return f"{group.table}: {group.count:,} {words}"


def _subject(each: Difference) -> str:
    """The listing, and the key of the row where the listing alone doesn't tell which it is."""
    listing = each.listing_id
    keys = [str(value) for value in each.key.values()]
    if listing is None:
        return " ".join(keys)
    return " ".join([listing, *(key.removeprefix(f"{listing}/") for key in keys if key != listing)])


def _what(each: Difference) -> str:
    """The old and the new value, or what the row says."""
    if each.row is not None:
        return _row(each.table, each.row)
    return _passing(each.old, each.new)


def _passing(before: Any, after: Any) -> str:
    """From one value to another; of long texts only the words that differ."""
    from dataset.telling.telling import EMPTY, SHORT, clip, word_difference  # noqa: PLC0415

    old, new = (EMPTY if value is None else str(value) for value in (before, after))
    if max(len(old), len(new)) <= SHORT or EMPTY in (old, new):
        return f"{clip(old)} → {clip(new)}"
    return word_difference(old, new)


def _row(table: str, row: Mapping[str, Any]) -> str:
    from dataset.telling.telling import clip  # noqa: PLC0415

    if table == "changes":
        field = " ".join(each for each in (row.get("persona"), row.get("field")) if each)
        values = _passing(row.get("old_value"), row.get("new_value"))
        return f"{field} {values}, between {row.get('seen_before')} and {row.get('seen_after')}"
    told = [name for name in TELLING.get(table, tuple(row)) if row.get(name) is not None]
    return ", ".join(f"{name} {clip(str(row[name]))}" for name in told)


def _capture(each: Difference) -> str:
    if each.capture_id is None or each.capture_id in each.key.values():
        return ""
    return f"  (capture {each.capture_id})"
