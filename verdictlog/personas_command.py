"""The commands ``verdictlog personas …``: training the classifier of critics, and telling what it can do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.clock import utc_now
from verdictlog import console
from verdictlog.options import OK, TROUBLE, Json, OwnData, folder_of, stop

if TYPE_CHECKING:
    from normalize.personas.model import PersonaModel

personas = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@personas.callback()
def _group(context: typer.Context, data: OwnData = None) -> None:
    """Infer critics whose names no page prints, from the way they write: train the classifier, look at it."""
    context.obj = data or context.obj


@personas.command("train")
def train_command(
    context: typer.Context,
    threshold: Annotated[
        float, typer.Option(min=0.5, max=0.999, help="How sure it must be of a critic to name them (0.5 to 0.999).")
    ] = 0.95,
    data: OwnData = None,
    json: Json = False,
) -> None:
    """Train the classifier on the quotes beside which pages print names, and freeze it as personas.json.

    The next build names critics with it. It is only kept if it was as often right as it claims, on tools that it had
    not seen. Needs the extra verdictlog[classify]; using the frozen model does not. Exit code 1 where a site of the
    dataset got none.

    \b
    Examples:
      verdictlog personas train
      verdictlog personas train --threshold 0.99
    """  # noqa: D301
    from dataset.asking.opening import DatasetError  # noqa: PLC0415
    from dataset.building.lock import BuildError  # noqa: PLC0415
    from dataset.readings.times import utc_text  # noqa: PLC0415
    from dataset.tables.inferred import MODEL, figures_of  # noqa: PLC0415
    from dataset.tables.persona_training import train_personas  # noqa: PLC0415
    from normalize.personas.train import MissingExtraError  # noqa: PLC0415

    folder = folder_of(context, data)
    try:
        trained = train_personas(folder, threshold, utc_text(utc_now()))
    except (MissingExtraError, DatasetError, BuildError) as error:
        stop(error)
    model = trained.model
    if json:
        sources = {} if model is None else figures_of(model)
        console.print_json({"written": model is not None, "sources": sources, "left_out": trained.left_out})
    elif model is not None:
        _tell(model)
    for source, why in trained.left_out.items():
        console.warn(f"{source}: no classifier: {why}")
    if model is None:
        if not trained.left_out:
            console.warn("no page of this dataset prints a critic's name")
        stop(f"{folder / MODEL}: not written. Crawl pages that print critics' names, build, and train again")
    console.note(f"{folder / MODEL}: written; verdictlog build names critics with it")
    raise typer.Exit(TROUBLE if trained.left_out else OK)


@personas.command("show")
def show_command(context: typer.Context, data: OwnData = None, json: Json = False) -> None:
    """Tell which classifier there is: what it was trained on, and how it did on tools that it had not seen.

    Exit code 1 where there is none that can be used.

    \b
    Examples:
      verdictlog personas show
      verdictlog personas show --json | jq .sources
    """  # noqa: D301
    from dataset.tables.inferred import MODEL, figures_of, inference_of  # noqa: PLC0415

    folder = folder_of(context, data)
    inference = inference_of(folder)
    if inference.trouble is not None:
        stop(f"{folder}: {inference.trouble}")
    model = inference.model
    if model is None:
        stop(f"{folder / MODEL}: there is none; verdictlog personas train makes one")
    if json:
        about = {name: getattr(model, name) for name in ("trained_at", "rules_version", "threshold", "training_digest")}
        console.print_json({**about, "sha256": inference.state, "sources": figures_of(model)})
    else:
        console.say(f"trained at {model.trained_at}, under rules version {model.rules_version}")
        _tell(model)
    raise typer.Exit(OK)


def _tell(model: PersonaModel) -> None:
    from dataset.tables.inferred import figures_of  # noqa: PLC0415

    for source, figures in figures_of(model).items():
        console.say(f"{source}: {figures['quotes']:,} labelled quotes ({_counts(figures['trained_on'])})")
        console.say("  on tools that it had not seen:")
        console.say(f"  the likeliest critic was the right one for {figures['accuracy']:.1%}")
        console.say(f"  it was at least {model.threshold:.1%} sure of {figures['coverage']:.1%}")
        console.say(f"  of these it named {figures['accuracy_where_sure']:.1%} rightly")


def _counts(counts: dict[str, Any]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())
