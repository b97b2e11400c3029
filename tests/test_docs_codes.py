"""Every code that the program can give a problem, a failed import or a finding is in the docs, and the reverse.

The codes are found in the source by its syntax tree: what stands in the place of a code in the calls that report
something. A code that is made in a way this test can't follow fails it.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
SEVERITIES = {"error", "warning", "info"}
Codes = dict[str, set[str]]
"""Codes, each with the severities in which it comes."""


class Call(NamedTuple):
    """Where a reporting call has its code, and its severity: a place, or always the same."""

    code: int
    severity: int | str


CALLS = {
    "problem": Call(1, 0),
    "Problem": Call(1, 0),
    "problem_row": Call(0, "info"),
    "_contradiction": Call(0, "info"),
    "_doubt": Call(0, "warning"),
    "HeaderProblem": Call(0, "warning"),
    "BodyError": Call(0, "error"),
    "Failure": Call(1, "error"),
    "Flaw": Call(1, "error"),
    "bad": Call(0, "error"),
    "Damage": Call(0, "error"),
    "Finding": Call(3, 0),
    "PageProblem": Call(9, 9),
    "_failed": Call(1, 3),
    "_fail": Call(1, "error"),
    "not_observed": Call(2, "error"),
    "_set_aside": Call(1, "error"),
    "fail_page": Call(1, "warning"),
    "_nowhere": Call(1, "warning"),
    "Trouble": Call(0, "warning"),
    "give_up": Call(1, "error"),
}
INTERNAL = {"end"}
"""Codes between functions that nobody outside sees."""

DOCUMENTED_IN = {
    "pages": ("reading-pages.md", ["On a page", "On a capture", "Between captures"]),
    "imports": ("archive.md", ["What can fail"]),
    "verify": ("archive.md", ["Verifying"]),
    "crawls": ("crawling.md", ["What is recorded"]),
}
SOURCES = {
    "pages": ["crawler/pages/*.py", "crawler/warc_body.py", "dataset/**/*.py"],
    "imports": ["crawler/import*.py", "crawler/warc_[!b]*.py", "dataset/readings/runs.py"],
    "verify": ["crawler/verify.py"],
    "crawls": ["crawler/fetch/*.py", "crawler/middlewares/*.py", "crawler/extensions/*.py", "crawler/spiders/*.py"],
}


def files_of(part: str) -> list[Path]:
    found = {path for pattern in SOURCES[part] for path in ROOT.glob(pattern)}
    return sorted(found - {ROOT / "dataset/readings/runs.py"} if part == "pages" else found)


def test_every_module_that_can_report_is_looked_at() -> None:
    seen = {path for part in SOURCES for path in files_of(part)}
    rest = {path for room in ("crawler", "dataset", "normalize") for path in ROOT.glob(f"{room}/**/*.py")} - seen
    assert [path for path in rest if list(reports(path))] == []


class Function:
    """A function in which a report stands: what its names may hold, and what it does with severities."""

    def __init__(self, node: ast.AST) -> None:
        self.values: dict[str, list[ast.expr]] = defaultdict(list)
        self.passed_on: set[str] = set()
        self.severities: set[str] = set()
        for each in ast.walk(node):
            if isinstance(each, ast.arguments):
                self.passed_on |= {arg.arg for arg in (*each.args, *each.kwonlyargs)}
            elif isinstance(each, ast.For):
                self.passed_on |= {name.id for name in ast.walk(each.target) if isinstance(name, ast.Name)}
            elif isinstance(each, ast.Assign):
                self._assign(each.targets[0], each.value)
            elif isinstance(each, ast.Call) and name_of(each) == "_replace":
                given = {keyword.arg: keyword.value for keyword in each.keywords}
                if isinstance(constant := given.get("severity"), ast.Constant):
                    self.severities.add(str(constant.value))

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.values[target.id].append(value)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, other in zip(target.elts, value.elts, strict=True):
                self._assign(one, other)

    def texts(self, node: ast.expr | None) -> set[str]:
        """What `node` may be, as patterns; raises where that can't be told."""
        if isinstance(node, ast.Constant):
            return {re.escape(str(node.value))}
        if isinstance(node, ast.JoinedStr):
            parts = (re.escape(str(part.value)) if isinstance(part, ast.Constant) else "[a-z]+" for part in node.values)
            return {"".join(parts)}
        if isinstance(node, ast.IfExp):
            return self.texts(node.body) | self.texts(node.orelse)
        if isinstance(node, ast.BoolOp):
            return set().union(*(self.texts(value) for value in node.values))
        if isinstance(node, ast.Attribute) and node.attr in ("code", "severity"):
            return set()  # handed on from another report
        if isinstance(node, ast.Name) and node.id in self.values:
            return set().union(*(self.texts(value) for value in self.values[node.id]))
        if isinstance(node, ast.Name) and node.id in self.passed_on:
            return set()
        if isinstance(node, ast.Call) and name_of(node) == "_text":
            return set()  # what a record in the archive says
        raise AssertionError(f"line {getattr(node, 'lineno', '?')}: can't tell which code this is")


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def reports(path: Path) -> Iterator[tuple[str, set[str]]]:
    """Each code (as a pattern) that `path` reports, with its severities."""
    tree = ast.parse(path.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for node in ast.walk(tree):
        # Told by their kind first: to look for the function around each node of a file takes long.
        if not (isinstance(node, ast.Call) and name_of(node) in CALLS) and not isinstance(node, ast.Yield):
            continue
        inside = [each for each in functions if each.lineno <= node.lineno <= (each.end_lineno or 0)]
        if not inside:
            continue
        around = Function(inside[0])  # the outermost: a function within it sees its names
        if isinstance(node, ast.Call) and name_of(node) in CALLS:
            yield from of_call(node, CALLS[name_of(node)], around)
        elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            first, *rest = node.value.elts
            if isinstance(first, ast.Constant) and first.value in SEVERITIES:
                yield from ((code, {str(first.value)}) for code in around.texts(rest[0]))


def of_call(node: ast.Call, call: Call, around: Function) -> Iterator[tuple[str, set[str]]]:
    given = {keyword.arg: keyword.value for keyword in node.keywords}

    def argument(name: str, place: int) -> ast.expr | None:
        return given.get(name) or (node.args[place] if place < len(node.args) else None)

    code = argument("code", call.code)
    if code is None:
        assert name_of(node) == "_fail", f"line {node.lineno}: a report without a code"
        return  # it hands on a Failure
    if isinstance(call.severity, str):
        severities = around.severities or {call.severity}
    else:
        severity = argument("severity", call.severity)
        severities = around.texts(severity) if severity is not None else {"error"}
    yield from ((each, severities) for each in around.texts(code))


@cache
def in_code(part: str) -> Codes:
    codes: Codes = defaultdict(set)
    for path in files_of(part):
        for code, severities in reports(path):
            codes[code] |= severities
    return {code: severities for code, severities in codes.items() if code not in INTERNAL}


def in_docs(part: str) -> Codes:
    page, headings = DOCUMENTED_IN[part]
    text = (ROOT / "docs" / page).read_text("utf-8")
    codes: Codes = {}
    for heading in headings:
        section = re.search(rf"^#+ {heading}\n(.*?)(?=^#|\Z)", text, re.S | re.M)
        assert section, f"{page} has no section {heading!r}"
        columns: list[str] = []
        for line in section[1].splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
            if cells and cells[0] == "code":
                columns = cells
            elif cells and columns and not cells[0].startswith("--"):
                assert len(cells) == len(columns) and all(cells), line
                severity = cells[columns.index("severity")] if "severity" in columns else "error"
                for code in re.findall(r"`(\w+)`", cells[0]):
                    assert code not in codes, f"{page} has two rows for {code}"
                    codes[code] = set(severity.split(", "))
    return codes


@pytest.mark.parametrize("part", SOURCES)
def test_every_code_is_documented_with_its_severity(part: str) -> None:
    documented = in_docs(part)
    found = in_code(part)
    assert len(found) >= 10
    missing = [code for code in found if not any(re.fullmatch(code, name) for name in documented)]
    assert missing == [], f"add to docs/{DOCUMENTED_IN[part][0]}"
    for code, severities in found.items():
        for name in documented:
            if re.fullmatch(code, name) and severities:
                assert severities <= documented[name], name


@pytest.mark.parametrize("part", SOURCES)
def test_no_code_is_documented_that_does_not_exist(part: str) -> None:
    found = in_code(part)
    for name, severities in in_docs(part).items():
        matching = [each for code, each in found.items() if re.fullmatch(code, name)]
        assert matching, f"{name} is in docs/{DOCUMENTED_IN[part][0]}, but nothing reports it"
        assert severities <= set().union(*matching), f"{name} never comes as {severities}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('def f(self):\n  self.problem("info", "new_code", "words")', {"new_code": {"info"}}),
        ('def f(x):\n  code = "one" if x else "two"\n  return Flaw(0, code, "")', {"one": {"error"}, "two": {"error"}}),
        ('def f():\n  return PageProblem(severity="warning", code="c", message="")', {"c": {"warning"}}),
        ('def f(part):\n  yield "error", f"{part}_digest", ""', {r"[a-z]+_digest": {"error"}}),
    ],
)
def test_codes_are_found(tmp_path: Path, source: str, expected: Codes) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)
    assert dict(reports(path)) == expected


def test_a_code_that_can_not_be_followed_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text("def f(self):\n  self.problem('info', names()[0], 'words')")
    with pytest.raises(AssertionError, match="can't tell"):
        list(reports(path))
