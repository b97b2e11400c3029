"""`verdictlog serve`: the dataset open in Datasette, on one address, until Ctrl-C.

The server makes no outside requests and writes nothing. It follows the dataset file: a build that replaces
it becomes visible with the next request (`dataset.serving.live`). All that it shows is the doing of the plugin
(`dataset.serving.plugin`), which any `datasette` finds; this only fills in its arguments, and looks after the socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from click import ClickException
from datasette.app import Datasette  # type: ignore[import-untyped]
from datasette.plugins import pm  # type: ignore[import-untyped]

from dataset.place import dataset_path
from dataset.schema.metadata import metadata
from dataset.serving.live import live_database
from dataset.serving.slow_clients import Protocol
from dataset.serving.web_headers import ROBOTS, code_version

GRACE_SECONDS = 3
"""How long running answers may take after Ctrl-C."""

MOST_CONNECTIONS = 500
"""Who comes when so many connections are open is asked to come back (503)."""

SETTINGS: dict[str, Any] = {
    "allow_download": True,
    "default_cache_ttl": 0,  # a build must show at once, not five seconds later
    "default_page_size": 50,
    "facet_time_limit_ms": 500,
    "max_returned_rows": 1000,
    "num_sql_threads": 4,
    "sql_time_limit_ms": 2500,
    "suggest_facets": False,  # on a large table they cost thirty times the page itself
    "truncate_cells_html": 240,
}
"""Datasette's settings; what is not named here is as Datasette has it."""


class ServeError(Exception):
    """The dataset can't be served; the message says why and what to do."""


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _complain(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def make_app(data: Path, *, base_url: str = "/", robots: str = ROBOTS[0]) -> Datasette:
    """Datasette over the dataset in the data folder `data`, ready for requests; what it shows is the plugin's doing.

    `base_url` is the path under which a proxy publishes it; `robots` is what search engines may do, ``allow`` or
    ``block``. Raises ServeError where there is no dataset, or none that can be served.
    """
    path = dataset_path(data)
    if not path.is_file():
        raise ServeError(f"There is no dataset at {path} yet; run `verdictlog build` first.")
    if not pm.has_plugin("verdictlog"):
        raise ServeError("verdictlog is not installed whole: Datasette does not find its plugin. Run `make setup`.")
    datasette = Datasette(
        files=[str(path)],
        metadata={**metadata(), "plugins": {"verdictlog": {"robots": robots}}},
        settings={**SETTINGS, "base_url": f"/{base_url.strip('/')}/".replace("//", "/")},
    )
    code_version()  # worked out once, before the first request
    try:
        asyncio.run(datasette.invoke_startup())
    except ClickException as error:
        raise ServeError(error.message) from error
    return datasette


def _listen(host: str, port: int) -> socket.socket:
    """A socket bound to `host` and `port`; raises ServeError where that can't be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, OverflowError) as error:
        raise ServeError(f"{host}:{port} is no address to listen on ({error}).") from error
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen()
    except OSError as error:
        bound.close()
        raise ServeError(
            f"Can't listen on {host}:{port} ({error.strerror}). Stop what uses that port, or choose another "
            "with --port."
        ) from error
    return bound


class _Server(uvicorn.Server):
    """uvicorn that says when it is there, and takes Ctrl-C as the ordinary end."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()


def serve(  # noqa: PLR0913  (each is a plain option of the command)
    data: Path,
    host: str = "127.0.0.1",
    port: int = 8001,
    *,
    base_url: str = "/",
    robots: str = ROBOTS[0],
    say: Callable[[str], None] = _say,
    complain: Callable[[str], None] = _complain,
) -> int:
    """Serve the dataset in `data` until Ctrl-C, and return the exit code.

    `port` 0 takes any free port; `base_url` and `robots` are as in `make_app`. `say` gets the address once it
    answers; `complain` gets what went wrong. 0 after Ctrl-C or SIGTERM; 1 where there is no dataset or the port is
    taken.
    """
    try:
        datasette = make_app(data, base_url=base_url, robots=robots)
        bound = _listen(host, port)
    except ServeError as error:
        complain(str(error))
        return 1
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{bound.getsockname()[1]}{datasette.setting('base_url')}"

    async def run() -> None:
        # Before the first request: Datasette would let a second one in while the first one still does this.
        await datasette.refresh_schemas()
        config = uvicorn.Config(
            datasette.app(),
            http=Protocol,
            log_level="error",  # a warning for each request that is none would fill the log
            lifespan="on",
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        server = _Server(config, lambda: say(f"Serving {dataset_path(data)} at {address} (Ctrl-C stops it)"))
        await server.serve(sockets=[bound])

    # uvicorn raises the signal that ended it once more, after it has finished: that one is ours to take.
    former = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with bound, contextlib.suppress(KeyboardInterrupt):
            asyncio.run(run())
    finally:
        signal.signal(signal.SIGTERM, former)
        database = live_database(datasette)
        if database is not None:
            database.close()
    return 0
