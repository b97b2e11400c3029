"""Measuring CPU time fairly: all contestants take turns, so that a busy moment of the machine hits each alike.

The result of a contestant is the least CPU time of a call over all its turns. A turn is a batch of calls of some
milliseconds with the garbage collector as Python sets it, so that its share is in the result.

Each benchmark of pages runs in a process of its own (`alone`). In a process that has parsed many different pages
before, lxml was seen to take half as long again for the same page, which would flatter whatever is compared with it.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from time import perf_counter, process_time

from bench.results import Group, Tell

BATCH_SECONDS = 0.01
FEWEST_ROUNDS = 3

Task = Callable[[], object]


def _batch(task: Task, calls: int) -> float:
    start = process_time()
    for _ in range(calls):
        task()
    return process_time() - start


def _calls(task: Task) -> int:
    """How many calls of `task` fill a batch."""
    calls = 1
    while (spent := _batch(task, calls)) < BATCH_SECONDS / 2:
        calls *= 2
    return max(1, round(calls * BATCH_SECONDS / spent))


def interleaved(tasks: Mapping[str, Task], seconds: float) -> dict[str, float]:
    """The CPU seconds of one call of each of `tasks`, measured in turns for about so many seconds."""
    calls = {name: _calls(task) for name, task in tasks.items()}
    best = dict.fromkeys(tasks, float("inf"))
    start = perf_counter()
    rounds = 0
    while rounds < FEWEST_ROUNDS or perf_counter() - start < seconds:
        for name, task in tasks.items():
            best[name] = min(best[name], _batch(task, calls[name]) / calls[name])
        rounds += 1
    return best


def alone(bench: Callable[[float], Group], seconds: float, tell: Tell, what: str) -> Group:
    """What `bench`, which measures for about so many seconds, finds in a new process."""
    start = perf_counter()
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = pool.submit(bench, seconds)
        while True:
            try:
                return found.result(timeout=0.2)
            except NotYet:
                tell(what, round(min(seconds, perf_counter() - start) * 10), round(seconds * 10))
