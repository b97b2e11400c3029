"""The commands ``verdictlog match …``: people judge which listings are one tool, and see why others are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from crawler.clock import utc_now
from verdictlog import console
from verdictlog.options import OK, USAGE, Json, OwnData, folder_of, plain, stop

if TYPE_CHECKING:
    from pathlib import Path
    from sqlite3 import Connection

    from dataset.judging.desk import Desk, Explained

match = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Who = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        envvar="VERDICTLOG_WHO",
        show_envvar=True,
        show_default=False,
        help="Who judges.  [default: the name of the user]",
    ),
]
One = Annotated[str, typer.Argument(metavar="A", help="A listing: its id, a former id, or its name.")]
Other = Annotated[str, typer.Argument(metavar="B", help="Another listing.")]

ANSWERS = ("yes", "no", "unsure")
APPLY = "verdictlog build applies it"


@match.callback()
def _group(context: typer.Context, data: OwnData = None) -> None:
    """Judge which listings are one tool, and see why they are taken for one or for two."""
    context.obj = data or context.obj


@match.command("review")
def review_command(
    context: typer.Context,
    who: Who = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Ask so many questions at most.")] = None,
    data: OwnData = None,
) -> None:
    """Walk through the pairs of which the rules are not sure, the most telling first.

    Both listings stand side by side. Answer with a letter and Enter: y (one tool), n (two tools), u (unsure), s (skip),
    w (why it is asked), d (undo your last answer), q (quit). Words after the letter are kept as a note. Each answer is
    on the disk before the next question comes, so it may be left at any time. verdictlog build applies the answers.

    \b
    Examples:
      verdictlog match review
      verdictlog match review --who ada --limit 20
    """  # noqa: D301
    from verdictlog.match_review import review  # noqa: PLC0415

    folder = folder_of(context, data)
    review(_desk(folder), _who(who), limit)
    raise typer.Exit(OK)


@match.command("judge")
def judge_command(
    context: typer.Context,
    one: One,
    other: Other,
    answer: Annotated[str, typer.Argument(metavar="ANSWER", help="yes: one tool; no: two tools; unsure.")],
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="Why, for whoever reads it later.")] = None,
    who: Who = None,
    data: OwnData = None,
    json: Json = False,
) -> None:
    """Say of any two listings whether they are one tool, also where the rules are sure and wrong.

    \b
    Examples:
      verdictlog match judge fernway-local-ci-runner fernway-2 no --note "the second is a fork"
    """  # noqa: D301
    if answer not in ANSWERS:
        stop(f"{answer}: there is no such answer; choose from {', '.join(ANSWERS)}", USAGE)
    folder = folder_of(context, data)
    left, right = _pair(folder, one, other)
    desk = _desk(folder)
    for each in (left, right):
        if each not in desk.listings:
            stop(f"{each}: no page shows a name of it, so it can't be judged", USAGE)
    own_id = given(desk, left, right, answer, _who(who), note)
    if json:
        console.print_json({"id": own_id, "left": min(left, right), "right": max(left, right), "answer": answer})
    else:
        console.say(f"{own_id}: kept; {APPLY}")
    raise typer.Exit(OK)


@match.command("explain")
def explain_command(context: typer.Context, one: One, other: Other, data: OwnData = None, json: Json = False) -> None:
    """Tell of two listings whether they are one tool, what the rules say and why, and what people said.

    \b
    Examples:
      verdictlog match explain fernway-local-ci-runner fernway-2
      verdictlog match explain "Harrow" "Harrow Pro" --json | jq .reasons
    """  # noqa: D301
    from dataset.asking.opening import DatasetError, opened  # noqa: PLC0415
    from dataset.building.lock import BuildError  # noqa: PLC0415
    from dataset.judging.desk import explained  # noqa: PLC0415

    folder = folder_of(context, data)
    left, right = _pair(folder, one, other)
    try:
        with opened(folder) as con:
            found = explained(con, folder, left, right)
    except (DatasetError, BuildError) as error:
        stop(error)
    except LookupError as error:
        stop(error, USAGE)
    if json:
        console.print_json(plain(found))
    else:
        from verdictlog.match_review import show  # noqa: PLC0415

        show(found)
        why(found)
    raise typer.Exit(OK)


@match.command("undo")
def undo_command(
    context: typer.Context,
    judgement: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="The id of a judgement.  [default: your latest that stands]")
    ] = None,
    who: Who = None,
    data: OwnData = None,
    json: Json = False,
) -> None:
    """Take an answer back: a line is added that revokes it. Tools and their ids are as if it had never been given.

    \b
    Examples:
      verdictlog match undo
      verdictlog match undo 5f0c2a91d3e4
    """  # noqa: D301
    taken = undone(_desk(folder_of(context, data)), judgement, _who(who))
    if json:
        console.print_json({"undone": plain(taken)})
    else:
        console.say(f"taken back: {taken['answer']} to {taken['left']} and {taken['right']} ({taken['id']}); {APPLY}")
    raise typer.Exit(OK)


@match.command("stats")
def stats_command(context: typer.Context, data: OwnData = None, json: Json = False) -> None:
    """Count tools, what decided on pairs, open questions, and judgements.

    \b
    Examples:
      verdictlog match stats
      verdictlog match stats --json | jq .questions
    """  # noqa: D301
    from dataset.asking.opening import DatasetError  # noqa: PLC0415
    from dataset.building.lock import BuildError  # noqa: PLC0415
    from dataset.judging.desk import stats  # noqa: PLC0415

    try:
        found = stats(folder_of(context, data))
    except (DatasetError, BuildError) as error:
        stop(error)
    if json:
        console.print_json(found)
        raise typer.Exit(OK)
    console.say(f"listings   {found['listings']:,}")
    console.say(
        f"tools      {found['tools']:,}, of several listings {found['tools_of_several_listings']:,}, "
        f"the largest of {found['largest_tool']:,}"
    )
    console.say(f"questions  {found['questions']:,}" + _counts(found["questions_by_rule"]))
    answers = found["judgements"]["standing"]
    console.say(f"judged     {sum(answers.values()):,} answers stand" + _counts(answers))
    if found["odd_judgements"]:
        console.warn(f"judgements to look at{_counts(found['odd_judgements'])}; see the table problems")
    console.say("")
    rows = [[decision, rule, count] for decision, by in found["decisions"].items() for rule, count in by.items()]
    console.table("decisions on pairs", ["decision", "rule", "pairs"], rows)
    raise typer.Exit(OK)


def given(desk: Desk, left: str, right: str, answer: str, who: str, note: str | None) -> str:
    """Keep an answer, and warn where it contradicts another. Gives its id."""
    from dataset.building.lock import BuildError  # noqa: PLC0415

    own_id = _new_id()
    try:
        against = desk.answer(left, right, answer, who=who, now=utc_now(), own_id=own_id, note=note or None)  # type: ignore[arg-type]
    except BuildError as error:
        stop(error)
    if against is not None:
        console.warn(
            f"{against.who} said no to these two at {against.time} ({against.id}), and that counts until it is taken "
            f"back: verdictlog match undo {against.id}"
        )
    elif answer == "yes" and not desk.same_tool(left, right):
        console.warn("they stay two tools: a NO, or names that contradict each other, stand between them")
    return own_id


def undone(desk: Desk, judgement: str | None, who: str) -> dict[str, str]:
    """Take an answer back. Gives it, with the ids of its listings."""
    from dataset.building.lock import BuildError  # noqa: PLC0415
    from dataset.judging.desk import UndoError  # noqa: PLC0415

    try:
        taken = desk.undo(judgement, who=who, now=utc_now(), own_id=_new_id())
    except UndoError as error:
        stop(error, USAGE)
    except BuildError as error:
        stop(error)
    return {name: str(getattr(taken, name)) for name in ("id", "time", "who", "left", "right", "answer")}


def why(found: Explained) -> None:
    """Print what is decided of a pair, and what that rests on."""
    tool = f"one tool ({found.left.tool_id})" if found.same_tool else "two tools"
    console.say(f"in the dataset  {tool}")
    console.say(f"the rules       {found.decision}, by the rule {found.rule}: {found.sentence}")
    for name in ("agreed", "clashed", "doubts"):
        if found.reasons[name]:
            console.say(f"{name:<14}  {', '.join(found.reasons[name])}")
    if found.text_similarity is not None:
        console.say(f"texts           alike to {found.text_similarity} of 100")
    if found.judged is not None:
        note = f": {found.judged['note']}" if found.judged["note"] else ""
        both = "; both a yes and a no stand, the no counts" if found.judged["contradicted"] else ""
        said = found.judged
        console.say(f"people          {said['who']} said {said['answer']} at {said['time']} ({said['id']}){note}{both}")


def _counts(counts: dict[str, int]) -> str:
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    return f" ({told})" if told else ""


def _desk(folder: Path) -> Desk:
    from dataset.asking.opening import DatasetError  # noqa: PLC0415
    from dataset.building.lock import BuildError  # noqa: PLC0415
    from dataset.judging.desk import Desk  # noqa: PLC0415

    try:
        return Desk(folder)
    except (DatasetError, BuildError) as error:
        stop(error)


def _pair(folder: Path, one: str, other: str) -> tuple[str, str]:
    """The ids of two different listings. Ends the command where a word does not mean just one."""
    from dataset.asking.opening import DatasetError, opened  # noqa: PLC0415

    try:
        with opened(folder) as con:
            left, right = _listing(con, one), _listing(con, other)
    except DatasetError as error:
        stop(error)
    if left == right:
        stop(f"both {one!r} and {other!r} are the listing {left}", USAGE)
    return left, right


def _listing(con: Connection, word: str) -> str:
    from dataset.asking.lookup import NoSuchListingError, listings_meant  # noqa: PLC0415

    try:
        meant = listings_meant(con, word)
    except NoSuchListingError as error:
        stop(error, USAGE)
    if len(meant) > 1:
        stop(f"{word!r} may be any of these; name one by its id: {', '.join(map(str, meant))}", USAGE)
    return meant[0].listing_id


def _who(who: str | None) -> str:
    """Who judges: as was said, else the name of the user."""
    import getpass  # noqa: PLC0415

    from dataset.tables.decision_rows import BY_RULES  # noqa: PLC0415

    try:
        name = (who or getpass.getuser()).strip()
    except (OSError, KeyError):
        stop("--who: the system does not tell who you are; say it", USAGE)
    if not name or name == BY_RULES:
        stop(f"--who {who}: this can't be who judges; name a person", USAGE)
    return name


def _new_id() -> str:
    import secrets  # noqa: PLC0415

    return secrets.token_hex(6)
