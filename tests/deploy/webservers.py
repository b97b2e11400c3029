"""nginx and Caddy in front of the server, with the configuration in ``deploy/``: real ones, on loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from tests.serving import ROOT

NGINX = ROOT / "deploy" / "nginx" / "verdictlog.conf"
CADDY = ROOT / "deploy" / "caddy" / "Caddyfile"

# Around what the operator includes: nothing but where it listens, and folders of its own.
AROUND = """
daemon off;
pid {folder}/nginx.pid;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        include {folder}/verdictlog.conf;
    }}
}}
"""


def missing(kind: str) -> str | None:
    """Why the web server `kind` can't be started, None where it can."""
    return None if shutil.which(kind) else f"{kind} is not installed (scripts/install-system-packages)"


@contextlib.contextmanager
def in_front(kind: str, server: str, folder: Path) -> Iterator[str]:
    """A web server of `kind` in front of `server`; gives its own host and port. `folder` is for its files."""
    port = _free_port()
    behind = f"127.0.0.1:{urlsplit(server).port}"
    process = (_nginx if kind == "nginx" else _caddy)(folder, port, behind)
    try:
        _wait_for(port, process, folder)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _nginx(folder: Path, port: int, behind: str) -> subprocess.Popen[bytes]:
    user = "user root;" if os.geteuid() == 0 else ""  # pytest's folders are for their owner alone
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, port=port, user=user))
    (folder / "verdictlog.conf").write_text(_filled(NGINX, {"127.0.0.1:8001": behind}))
    return _start(["nginx", "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")], folder)


def _caddy(folder: Path, port: int, behind: str) -> subprocess.Popen[bytes]:
    site = _filled(CADDY, {"127.0.0.1:8001": behind, "data.example.org": f"http://127.0.0.1:{port}"})
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + site)
    words = ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    return _start(words, folder, XDG_DATA_HOME=str(folder), XDG_CONFIG_HOME=str(folder), HOME=str(folder))


def _filled(path: Path, instead: dict[str, str]) -> str:
    text = path.read_text("utf-8")
    for old, new in instead.items():
        assert old in text, f"{path.name} has no {old}"
        text = text.replace(old, new)
    return text


def _start(words: list[str], folder: Path, **more: str) -> subprocess.Popen[bytes]:
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(words, stdout=log, stderr=log, env={**os.environ, **more})


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError((folder / "log").read_text(errors="replace"))
        time.sleep(0.02)
