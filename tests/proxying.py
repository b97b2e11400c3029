"""A small real reverse proxy for tests: on loopback, with a path prefix that it strips or keeps."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP = {"connection", "keep-alive", "transfer-encoding", "server", "date"}


@contextlib.contextmanager
def proxied(server: str, prefix: str, *, strips: bool) -> Iterator[str]:
    """A proxy that publishes `server` under `prefix` (``/verdicts/``) and nothing else; gives its own address.

    As proxies are told to, it passes on the Host that was asked for, and that the world sees https.
    """
    behind = urlsplit(server)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if not self.path.startswith(prefix):
                self.send_error(404, "not under the prefix")
                return
            path = "/" + self.path.removeprefix(prefix) if strips else self.path
            connection = http.client.HTTPConnection(behind.hostname or "", behind.port, timeout=20)
            passed = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
            connection.request("GET", path, headers=passed | {"X-Forwarded-Proto": "https"})
            answer = connection.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP | {"content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            connection.close()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name of its parent)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{proxy.server_address[1]}"
        finally:
            proxy.shutdown()
            thread.join()
