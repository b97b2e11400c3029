"""Crawls over https: what is kept comes from the site, or is not kept."""

from __future__ import annotations

import datetime
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.serving import Json
from tests.verdictlog.running import run


class Page(BaseHTTPRequestHandler):
    """Has a page at every address."""

    def do_GET(self) -> None:
        """Answer a GET."""
        body = b"User-agent: *\nDisallow:\n" if self.path == "/robots.txt" else b"<p>A page"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that it has signed itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(
        now + datetime.timedelta(days=1)
    )
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    pem, pkcs8, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(pem, pkcs8, plain))
    return paths


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The address of a site over https, and the certificate by which it can be trusted."""
    cert, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that doesn't trust us
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}/tool/a", cert
        finally:
            server.shutdown()
            thread.join()


def crawled(url: str, data: Path, **env: str) -> Json:
    ran = run("crawl", url, "--data", data, "--delay", "0", "--timeout", "5", "--json", env=env)
    end: Json = json.loads(ran.out.splitlines()[-1])
    return end


def test_a_site_is_crawled_whose_certificate_is_trusted(secure: tuple[str, Path], tmp_path: Path) -> None:
    url, cert = secure
    end = crawled(url, tmp_path / "data", SSL_CERT_FILE=str(cert))
    assert (end["reason"], end["counters"]["responses_200"]) == ("finished", 2)


def test_another_is_not(secure: tuple[str, Path], tmp_path: Path) -> None:
    end = crawled(secure[0], tmp_path / "data")
    assert end["reason"] == "robots"
    assert "its certificate is not valid" in end["reason_text"]
    assert end["counters"]["responses_200"] == 0
