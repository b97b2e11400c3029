"""Two listings side by side in the terminal, and the questions of `match review`, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from verdictlog import console
from verdictlog.match_commands import given, undone, why

if TYPE_CHECKING:
    from dataset.judging.desk import Desk, Explained

KEYS = {"y": "yes", "n": "no", "u": "unsure", "s": "skip", "w": "why", "d": "undo", "q": "quit"}
WORDS = KEYS | {word: word for word in KEYS.values()}
PROMPT = "one tool? [y]es [n]o [u]nsure [s]kip [w]hy un[d]o [q]uit > "

LABELS = {"panel_ship_pct": "panel, % ship", "community_ship_pct": "community, % ship"}
"""What fields are called, where not just by their column."""


def review(desk: Desk, who: str, limit: int | None) -> None:
    """Ask `who` the open questions, at most `limit`, until all are answered or they leave."""
    seen: set[tuple[str, str]] = set()
    answered = 0
    while limit is None or len(seen) < limit:
        questions = desk.questions(seen)
        if not questions:
            console.say("no question is open" if not seen else "that was the last question")
            break
        asked = questions[0]
        pair = (asked.left, asked.right)
        found = desk.explain(*pair)
        console.say("")
        console.say(f"{len(questions):,} open, by {who}. Asked because of: {asked.rule}. {found.sentence}")
        show(found, {each: len(desk.members(each)) for each in pair})
        key, note = _key(found)
        if key == "quit":
            break
        if key == "undo":
            if not answered:
                console.note("you have answered nothing yet; verdictlog match undo takes back earlier answers")
                continue
            taken = undone(desk, None, who)
            answered -= 1
            seen.discard((taken["left"], taken["right"]))
            console.say(f"taken back: {taken['answer']} to {taken['left']} and {taken['right']}")
            continue
        seen.add(pair)
        if key != "skip":
            own_id = given(desk, *pair, key, who, note)
            answered += 1
            console.say(f"{own_id}: {key}, kept")
    if answered:
        console.say(f"{answered:,} answered; verdictlog build applies them")


def _key(found: Explained) -> tuple[str, str]:
    """What is answered: a word of `KEYS`, and the note after it. The end of the input is quit."""
    while True:
        try:
            letter, _, note = input(PROMPT).strip().partition(" ")
        except EOFError:
            console.say("")
            return "quit", ""
        key = WORDS.get(letter.lower(), "")
        if not key:
            console.note(f"{letter!r} is no answer; choose from {', '.join(f'{a} ({b})' for a, b in KEYS.items())}")
        elif key == "why":
            why(found)
        else:
            return key, note.strip()


def show(found: Explained, sizes: dict[str, int] | None = None) -> None:
    """Print the two listings of `found` side by side; `sizes` says how many listings the tool of each has."""
    from dataset.judging.desk import as_text  # noqa: PLC0415

    left, right = found.left, found.right
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False, expand=True)
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_column(ratio=1, overflow="fold")
    rows: list[tuple[str, Any, Any]] = [("listing", left.listing_id, right.listing_id)]
    rows += [("read as", as_text(left.reading), as_text(right.reading))]
    if sizes is not None:
        rows += [("listings of its tool", sizes[left.listing_id], sizes[right.listing_id])]
    rows += [(name, left.shown[name], right.shown[name]) for name in left.shown]
    rows.insert(0, rows.pop(next(place for place, row in enumerate(rows) if row[0] == "name")))
    for name, one, other in rows:
        if one is not None or other is not None:
            label = LABELS.get(name, name.replace("_", " "))
            style = "bold" if name == "name" else ""
            grid.add_row(
                label, *(Text("-" if each is None else console.plain(str(each)), style) for each in (one, other))
            )
    console.out.print(grid, soft_wrap=False)
