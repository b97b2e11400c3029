"""Rows of tables come out as Datasette's own templates make them, whatever stands in them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from markupsafe import Markup

from dataset.plugin import live_database
from dataset.serve import make_app
from tests.publishing import make_dataset

NAMES = ("name", "count(*)", 'a"b <i>')
values = st.one_of(
    st.text("<>&\"'a é", max_size=9), st.integers(), st.none(), st.builds(Markup, st.just("<a href='x'>y</a>"))
)
QUERY = """{% for row in display_rows %}<tr>{% for column, td in zip(columns, row) %}
<td class="col-{{ column|to_css_class }}">{{ td }}</td>{% endfor %}</tr>{% endfor %}"""


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The templates of a server."""
    data = tmp_path_factory.mktemp("data")
    make_dataset(data / "verdictlog.db")
    datasette = make_app(data)
    asyncio.run(datasette.invoke_startup())
    live = live_database(datasette)
    assert live is not None
    live.close()
    environment: Environment = datasette.jinja_env
    return environment


def bare(html: str) -> str:
    """`html` without the white space between elements."""
    return "".join(line.strip() for line in html.replace("><", ">\n<").split("\n"))


def shown(env: Environment, template: str, rows: list[list[Any]]) -> str:
    cells = [
        [{"column": name, "value_type": "str", "value": each} for name, each in zip(NAMES, row, strict=True)]
        for row in rows
    ]
    return bare(asyncio.run(env.get_template(template).render_async(display_columns=[], display_rows=cells)))


@given(rows=st.lists(st.lists(values, min_size=3, max_size=3), max_size=3))
def test_a_table_is_as_datasette_shows_it(env: Environment, rows: list[list[Any]]) -> None:
    assert shown(env, "_table.html", rows) == shown(env, "default:_table.html", rows)


@given(rows=st.lists(st.lists(values, min_size=3, max_size=3), max_size=3))
def test_a_query_is_as_its_template_said(env: Environment, rows: list[list[Any]]) -> None:
    facts = {"display_rows": rows, "columns": NAMES, "zip": zip}
    told, ours = (env.from_string(text) for text in (QUERY, "{{ display_rows|body_of_query(columns) }}"))
    assert bare(asyncio.run(ours.render_async(facts))) == bare(asyncio.run(told.render_async(facts)))
