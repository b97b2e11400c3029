"""Rows of tables come out as a template would make them cell by cell, whatever stands in them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from markupsafe import Markup

from dataset.serving.live import live_database
from dataset.serving.serve import make_app
from tests.publishing import make_dataset

NAMES = ("name", "count(*)", 'a"b <i>')
values = st.one_of(st.text(max_size=20), st.integers(), st.none(), st.builds(Markup, st.just("<a href='x'>y</a>")))
TABLE = """{% for row in display_rows %}<tr role="row">{% for cell in row %}
<td class="col-{{ cell.column|to_css_class }} type-{{ cell.value_type }}" role="cell"
 data-column="{{ cell.column }}">{{ cell.value|plainly }}</td>{% endfor %}</tr>{% endfor %}"""
QUERY = """{% for row in display_rows %}<tr role="row">{% for column, td in zip(columns, row) %}
<td class="col-{{ column|to_css_class }}{{ ' nothing' if td|string in ('', '&nbsp;') }}" role="cell"
 data-column="{{ column }}">{{ td|plainly }}</td>{% endfor %}</tr>{% endfor %}"""


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
    """`html` in one line, without white space between elements."""
    return " ".join(html.split()).replace("> <", "><")


def shown(env: Environment, template: str, **facts: Any) -> str:
    return bare(asyncio.run(env.from_string(template).render_async(facts)))


@given(rows=st.lists(st.lists(values, min_size=3, max_size=3), max_size=3))
def test_rows_of_a_table(env: Environment, rows: list[list[Any]]) -> None:
    cells = [
        [{"column": name, "value_type": "str", "value": each} for name, each in zip(NAMES, row, strict=True)]
        for row in rows
    ]
    assert shown(env, "{{ display_rows|body_of_table }}", display_rows=cells) == shown(env, TABLE, display_rows=cells)


@given(rows=st.lists(st.lists(values, min_size=3, max_size=3), max_size=3))
def test_rows_of_a_query(env: Environment, rows: list[list[Any]]) -> None:
    facts = {"display_rows": rows, "columns": NAMES, "zip": zip}
    assert shown(env, "{{ display_rows|body_of_query(columns) }}", **facts) == shown(env, QUERY, **facts)
