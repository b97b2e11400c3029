"""What Datasette asks of the site: the routes of its pages, and what every template may use."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from datasette import hookimpl  # type: ignore[import-untyped]

from dataset.serving.site.links import in_path
from dataset.serving.site.raw import PATH, raw
from dataset.serving.site.texts import plainly
from dataset.serving.site.web import ABOUT, View, navigation, routes, sources

if TYPE_CHECKING:
    from datasette.app import Datasette  # type: ignore[import-untyped]
    from jinja2 import Environment


@hookimpl  # type: ignore[untyped-decorator]
def register_routes() -> list[tuple[str, View]]:
    """The pages of the site, and their JSON; and the bytes of captures."""
    return [*routes(), (PATH, raw)]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: Datasette) -> None:
    """What all templates have, also those for errors: `site_links(present)`, `about`, `sources()`, the two filters."""
    env.globals["site_links"] = partial(navigation, datasette)
    env.globals["about"] = ABOUT
    env.globals["sources"] = partial(sources, datasette)
    env.filters["in_path"] = in_path
    env.filters["plainly"] = plainly
