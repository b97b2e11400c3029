"""The page about the sample site names all that there is."""

from __future__ import annotations

import re
from pathlib import Path

from samplesite.__main__ import parser
from samplesite.caches import OPTIONS
from samplesite.control import PREFIX, Control
from samplesite.faults import CHOICES, COMMON, PARAMETERS
from samplesite.log import Log
from samplesite.looks import LAYOUTS
from samplesite.series import moment_of
from samplesite.site import Site

PAGE = (Path(__file__).parents[2] / "docs" / "sample-site.md").read_text("utf-8")
ROWS = {match[1]: match[2] for match in re.finditer(r"^\| `([\w]+)` \|(.*)\|$", PAGE, re.M)}


def test_every_fault_has_a_row_that_names_its_parameters() -> None:
    assert set(PARAMETERS) <= set(ROWS)
    for kind, parameters in PARAMETERS.items():
        assert [name for name in parameters if f"`{name}`" not in ROWS[kind]] == [], kind
    for (kind, name), known in CHOICES.items():
        assert [choice for choice in known if f"`{choice}`" not in ROWS[kind]] == [], (kind, name)
    assert [name for name in COMMON if f"`{name}`" not in PAGE] == []


def test_every_layout_has_a_row() -> None:
    assert set(LAYOUTS) <= set(ROWS)


def test_no_row_names_what_does_not_exist() -> None:
    assert set(ROWS) <= set(PARAMETERS) | set(LAYOUTS) | OPTIONS


def test_caches_control_and_options() -> None:
    assert set(ROWS) >= OPTIONS
    site = Site(seed=7, tools=2, start=moment_of("2026-03-01"), layout="cards")
    known = Control(site, Log()).answer("GET", PREFIX, b"").body.decode()
    paths = re.findall(r'"((?:GET|POST) /_site/[\w/]+)"', known)
    assert len(paths) == 9
    assert [path for path in paths if f"`{path}" not in PAGE] == []
    options = [option for action in parser()._actions for option in action.option_strings if option.startswith("--")]
    assert [option for option in options if option != "--help" and f"`{option}" not in PAGE] == []
