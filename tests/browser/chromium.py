"""A headless Chromium, driven through its own pipe: no extra package, no port, no page of its own.

`Chromium` opens pages at a given width, runs a line of script in them, and takes pictures. It is used by the
page tests and by ``scripts/screenshots``.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
TIMEOUT = 30.0
"""Seconds that any one step may take."""

DESKTOP = (1280, 900)
PHONE = (390, 844)


def find_chromium() -> str | None:
    """The browser's command, or None where it is not installed (`scripts/install-system-packages` does that)."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class BrowserError(Exception):
    """The browser did not answer, or answered with an error."""


class Chromium:
    """One browser with one tab; a context manager."""

    def __init__(self) -> None:
        command = find_chromium()
        if command is None:
            raise BrowserError("chromium is not installed; run scripts/install-system-packages")
        self._profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        self._buffer = b""
        self._number = 0
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._loaded = False
        self._downloaded: str | None = None
        # Chromium reads its orders from descriptor 3 and answers on 4.
        order = 'exec "$0" "$@" 3<&"$IN" 4>&"$OUT"'
        self._process = subprocess.Popen(
            ["bash", "-c", order, command, *FLAGS, f"--user-data-dir={self._profile.name}", "about:blank"],
            env={**os.environ, "IN": str(to_browser), "OUT": str(from_browser)},
            pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._session: str | None = None
        try:
            self._attach()
        except BaseException:
            self.close()
            raise

    def _attach(self) -> None:
        target = self._order("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._order("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._order("Page.enable")
        self._order("Network.enable")
        self._order("Log.enable")
        self._order("Emulation.setFocusEmulationEnabled", enabled=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the browser and remove its profile."""
        with contextlib.suppress(OSError):
            os.write(self._write, b'{"id":0,"method":"Browser.close"}\0')
        for descriptor in (self._write, self._read):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._profile.cleanup()

    def _message(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self._read, 1 << 16) if ready else b""
            if not chunk:
                raise BrowserError("chromium does not answer")
            self._buffer += chunk
        raw, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(raw)
        self._note(message)
        return message

    def _note(self, message: dict[str, Any]) -> None:
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])
        elif message.get("method") == "Page.loadEventFired":
            self._loaded = True
        elif message.get("method") == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
            self.complaints.append(message["params"]["entry"]["text"])
        elif message.get("method") == "Browser.downloadProgress" and message["params"]["state"] != "inProgress":
            self._downloaded = message["params"]["state"]

    def _order(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        order = {"id": self._number, "method": method, "params": params}
        if self._session:
            order["sessionId"] = self._session
        os.write(self._write, json.dumps(order).encode() + b"\0")
        deadline = time.monotonic() + TIMEOUT
        while True:
            answer = self._message(deadline)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error'].get('message')}")
                result: dict[str, Any] = answer["result"]
                return result

    def open(self, url: str, size: tuple[int, int] = DESKTOP) -> None:
        """Go to `url` in a window of `size` and wait until it is loaded.

        `requests` then names what it asked for, and `complaints` what the browser found wrong with it.
        """
        self._order(
            "Emulation.setDeviceMetricsOverride",
            width=size[0],
            height=size[1],
            deviceScaleFactor=1,
            mobile=size[0] < 600,
        )
        self.requests = []
        self.complaints = []
        self._loaded = False
        if problem := self._order("Page.navigate", url=url).get("errorText"):
            raise BrowserError(f"{url}: {problem}")
        self._wait()

    def follow(self, expression: str) -> None:
        """Run `expression`, which leads to another page, and wait until that is loaded."""
        self._loaded = False
        self.script(expression)
        self._wait()

    def press(self, key: str) -> None:
        """Press a key, ``Tab`` or ``Enter``, as on a keyboard."""
        code, text = {"Tab": (9, ""), "Enter": (13, "\r")}[key]
        stroke = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self._order("Input.dispatchKeyEvent", type="keyDown", text=text, **stroke)
        self._order("Input.dispatchKeyEvent", type="keyUp", **stroke)

    def download(self, expression: str, folder: Path) -> Path:
        """Run `expression`, which starts a download, and wait for it: the file, in the empty `folder`."""
        self._downloaded = None
        self._order("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(folder), eventsEnabled=True)
        self.script(expression)
        deadline = time.monotonic() + TIMEOUT
        while self._downloaded is None:
            self._message(deadline)
        if self._downloaded != "completed":
            raise BrowserError(f"{expression}: the download was {self._downloaded}")
        (file,) = folder.iterdir()
        return file

    def prefer(self, scheme: str = "light", medium: str = "") -> None:
        """From now on show pages to who prefers `scheme`, ``light`` or ``dark``, on `medium`, such as ``print``."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._order("Emulation.setEmulatedMedia", media=medium, features=features)

    def _wait(self) -> None:
        deadline = time.monotonic() + TIMEOUT
        while not self._loaded:
            self._message(deadline)

    def script(self, expression: str) -> Any:
        """The value of `expression` in the page."""
        answer = self._order("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails'].get('text')}")
        return answer["result"].get("value")

    def text(self) -> str:
        """The text of the page as a person sees it."""
        return str(self.script("document.body.innerText"))

    def picture(self, target: Path, size: tuple[int, int], scale: float = 1.0) -> None:
        """A PNG of the top of the page, `size` wide and high, to `target`."""
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": scale}
        data = self._order("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)["data"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(base64.b64decode(data))
