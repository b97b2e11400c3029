"""Regular expressions that take more than linear time: finds every pattern of our code, and the inputs that show it.

A pump is a beginning, a part that is repeated, and an end that makes the match fail, all made from the pattern's own
parse tree. Time is processor time, so that a busy machine does not count.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice, product
from pathlib import Path
from typing import Any, NamedTuple

from re import _constants as sre  # type: ignore[attr-defined]  # isort: skip
from re import _parser as parser  # type: ignore[attr-defined]  # isort: skip

ROOT = Path(__file__).parents[1]
PACKAGES = ("crawler", "normalize", "dataset", "verdictlog", "samplesite")
SEARCHES = {"search", "finditer", "findall", "sub", "subn", "split"}
"""Methods that try a pattern at each place of a text."""
METHODS = {"match", "fullmatch", *SEARCHES}
SIZES = (4_000, 32_000)
"""Eight times as much takes eight times as long; growth that takes more than `MOST` times as long is not linear."""
MOST = 24
NOTHING = 0.05
"""What takes less (seconds) at the larger size grew with nothing: its square would take ten times as long."""
ALARM = 3.0
"""Seconds after which a try has failed: a square at the smaller size takes a hundredth."""
MANY = 400
"""How many pumps of one pattern are tried."""


class Found(NamedTuple):
    """A pattern, where it stands, and the methods by which it is used."""

    where: str
    pattern: str
    flags: int
    methods: frozenset[str]
    is_bytes: bool = False


class Pump(NamedTuple):
    """An input that grows."""

    start: str
    part: str
    end: str

    def of(self, size: int) -> str:
        """The input of about `size` signs."""
        return self.start + self.part * (size // max(1, len(self.part))) + self.end


class Slow(Exception):  # noqa: N818
    """The alarm went off."""


def modules(packages: tuple[str, ...] = PACKAGES) -> Iterator[Any]:
    """All modules of ours."""
    for package in packages:
        top = importlib.import_module(package)
        yield top
        for each in pkgutil.walk_packages(top.__path__, f"{package}."):
            if not each.name.endswith("__main__"):
                yield importlib.import_module(each.name)


def compiled(value: object, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    """The patterns that are `value` or stand in it."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 3 and isinstance(value, dict):
        for each in value.values():
            yield from compiled(each, depth + 1)
    elif depth < 3 and isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from compiled(each, depth + 1)
    elif depth < 2 and isinstance(value, type):
        for each in vars(value).values():
            yield from compiled(each, depth + 1)


class Uses:
    """How the patterns of a file are used: by their names, and written out in calls of `re`."""

    def __init__(self, path: Path) -> None:
        self.by_name: dict[str, set[str]] = {}
        self.literals: list[tuple[int, str | bytes, str]] = []
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            method, receiver = node.func.attr, node.func.value
            if method not in METHODS:
                continue
            name = receiver.id if isinstance(receiver, ast.Name) else ""
            text = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
            if name == "re" and isinstance(text, str | bytes):
                self.literals.append((node.lineno, text, method))
            elif name != "re":
                self.by_name.setdefault(name, set()).add(method)

    def of(self, name: str, named: frozenset[str]) -> frozenset[str]:
        """The methods by which the pattern called `name` is used; of one that stands in something, all that may be.

        `named` are the names of all patterns that have one of their own.
        """
        if name in self.by_name:
            return frozenset(self.by_name[name])
        return frozenset(
            method for other, found in self.by_name.items() if other not in named for method in found - {"split"}
        )


def made(value: object) -> Iterator[re.Pattern[Any]]:
    """The patterns that a function without parameters makes when it is first called."""
    if hasattr(value, "cache_info"):
        with suppress(TypeError):
            yield from compiled(value())  # type: ignore[operator]


def patterns() -> list[Found]:
    """Every pattern of our code, each once."""
    found: dict[tuple[str | bytes, int], tuple[str, set[str]]] = {}
    for module in modules():
        uses = Uses(Path(module.__file__))
        named = frozenset(name for name, value in vars(module).items() if isinstance(value, re.Pattern))
        for name, value in vars(module).items():
            for each in (
                *compiled(value),
                *(made(value) if getattr(value, "__module__", "") == module.__name__ else ()),
            ):
                _where, methods = found.setdefault((each.pattern, each.flags), (f"{module.__name__}.{name}", set()))
                methods |= uses.of(name, named)
        for line, text, method in uses.literals:
            flags = 0 if isinstance(text, bytes) else re.UNICODE.value
            found.setdefault((text, flags), (f"{module.__name__}:{line}", set()))[1].add(method)
    return [
        Found(
            where,
            text if isinstance(text, str) else text.decode("latin-1"),
            flags,
            frozenset(methods),
            isinstance(text, bytes),
        )
        for (text, flags), (where, methods) in found.items()
    ]


def samples(tree: Any, most: int = 4) -> list[str]:
    """Some short texts that a part of a pattern matches."""
    texts = [""]
    for op, args in tree:
        texts = [one + other for one, other in islice(product(texts, _samples(op, args)), most * 3)][: most * 3]
    return list(dict.fromkeys(texts))[:most]


def _samples(op: Any, args: Any) -> list[str]:  # noqa: C901
    if op is sre.LITERAL:
        return [chr(args)]
    if op is sre.NOT_LITERAL:
        return ["a" if args != ord("a") else "b"]
    if op is sre.ANY:
        return ["a", " "]
    if op is sre.IN:
        return _of_class(args)
    if op is sre.BRANCH:
        return list(dict.fromkeys(each for branch in args[1] for each in samples(branch, 2)))[:12]
    if op is sre.SUBPATTERN:
        return samples(args[3])
    if op is sre.ATOMIC_GROUP:
        return samples(args)
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        low, high, body = args
        times = [max(low, 1)] if low else [1, 0]
        return [each * count for count in times if count <= high for each in samples(body)]
    if op is sre.GROUPREF_EXISTS:
        return samples(args[1])
    return [""]  # looks around, anchors, references


def _of_class(args: Any) -> list[str]:
    found: list[str] = []
    negated = args[0][0] is sre.NEGATE
    for op, value in args:
        if op is sre.LITERAL:
            found.append(chr(value))
        elif op is sre.RANGE:
            found.append(chr(value[0]))
        elif op is sre.CATEGORY:
            found += {
                sre.CATEGORY_DIGIT: ["1"],
                sre.CATEGORY_SPACE: [" "],
                sre.CATEGORY_WORD: ["a", "1"],
                sre.CATEGORY_NOT_WORD: ["-", " "],
                sre.CATEGORY_NOT_SPACE: ["a", "-"],
                sre.CATEGORY_NOT_DIGIT: ["a", " "],
            }[value]
    if negated:
        matcher = [each for each in "a1 -.é" if each not in found]
        return matcher[:3] or ["\u4e00"]
    return found[:4] + found[-1:]


def pumps(pattern: str, flags: int) -> Iterator[Pump]:
    """Inputs that grow where the pattern repeats something."""
    tree = parser.parse(pattern, flags)
    ends = ("\n\x00!", "")
    for start, parts in _repeats(tree, ""):
        for part in parts:
            for end in ends:
                yield Pump(start, part, end)
                if start:
                    yield Pump("", start + part, end)
                    yield Pump(start, part, start[:1] + end)


def _repeats(tree: Any, before: str) -> Iterator[tuple[str, list[str]]]:
    """Each repeat in a pattern: what leads up to it, and what it repeats."""
    for op, args in tree:
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            body = args[2]
            texts = [each for each in samples(body, 12) if each]
            if args[1] > 20:
                pairs = [one + other for one, other in product(texts[:5], repeat=2) if one != other]
                yield before, [*texts, *pairs]
            yield from _repeats(body, before)
        elif op is sre.BRANCH:
            for branch in args[1]:
                yield from _repeats(branch, before)
        elif op is sre.SUBPATTERN:
            yield from _repeats(args[3], before)
        elif op is sre.ATOMIC_GROUP:
            yield from _repeats(args, before)
        elif op in (sre.ASSERT, sre.ASSERT_NOT):
            yield from _repeats(args[1], before)
        before += next((each for each in _samples(op, args) if each), "")
    whole = samples(tree, 3)
    yield "", [each for each in whole if each]


def _seconds(pattern: re.Pattern[Any], method: str, text: str | bytes) -> float:
    """How long one try takes; infinite where the alarm goes off."""
    start = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, ALARM)
    try:
        if method in SEARCHES:
            for _ in pattern.finditer(text):
                pass
        else:
            getattr(pattern, method)(text)
    except Slow:
        return float("inf")
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return time.process_time() - start


def _ring(*_: object) -> None:
    raise Slow


def grows(
    pattern: str,
    flags: int = 0,
    methods: frozenset[str] = frozenset({"match", "fullmatch", "search"}),
    *,
    is_bytes: bool = False,
) -> tuple[str, Pump] | None:
    """A method and an input by which the pattern takes more than linear time; None where none is found."""
    known = flags & ~re.UNICODE.value if is_bytes else flags
    text: str | bytes = pattern.encode("latin-1") if is_bytes else pattern
    expression: re.Pattern[Any] = re.compile(text, known)
    tried = sorted({"search" if method in SEARCHES else method for method in methods})
    before = signal.signal(signal.SIGVTALRM, _ring)
    try:
        for pump in dict.fromkeys(islice(pumps(pattern, flags & ~re.DEBUG.value), MANY)):
            for method in tried:
                if _is_more(expression, method, pump, is_bytes=is_bytes):
                    return method, pump
    finally:
        signal.signal(signal.SIGVTALRM, before)
    return None


def _is_more(expression: re.Pattern[Any], method: str, pump: Pump, *, is_bytes: bool) -> bool:
    def seconds(size: int) -> float:
        text: str | bytes = pump.of(size)
        if is_bytes:
            text = str(text).encode("utf-8", "replace")
        return _seconds(expression, method, text)

    small, large = SIZES
    if seconds(60) > ALARM / 3:
        return True
    if seconds(small) > ALARM / 3:
        return True
    if seconds(large) < NOTHING:
        return False
    return min(seconds(large) for _ in range(2)) > MOST * max(seconds(small) for _ in range(3))
