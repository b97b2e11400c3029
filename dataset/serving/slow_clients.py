"""Clients that hold a connection and do nothing: uvicorn has a limit for those between two requests, this for the rest.

A client that does not finish the head of a request within `HEAD_SECONDS`, or takes nothing of an answer for
`STALL_SECONDS`, is left. A web server in front does the same, and more.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 10.0
STALL_SECONDS = 60.0


class Protocol(H11Protocol):
    """uvicorn's protocol for HTTP/1.1 that waits for no client without end."""

    head: asyncio.TimerHandle | None = None
    taking: asyncio.TimerHandle | None = None

    def _leave_in(self, seconds: float) -> asyncio.TimerHandle:
        return self.loop.call_later(seconds, self.transport.abort)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there: its first head has to come."""
        super().connection_made(transport)
        self.head = self._leave_in(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone: nothing is waited for."""
        for timer in (self.head, self.taking):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """See whether the head is whole."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            if self.head is not None:  # it is whole: now it is for us to do something
                self.head.cancel()
                self.head = None
        elif self.head is None:  # not again with each byte: all of the head has so long
            self.head = self._leave_in(HEAD_SECONDS)

    def pause_writing(self) -> None:
        """The client has to take something first."""
        super().pause_writing()
        self.taking = self._leave_in(STALL_SECONDS)

    def resume_writing(self) -> None:
        """It did."""
        super().resume_writing()
        if self.taking is not None:
            self.taking.cancel()

    def timeout_keep_alive_handler(self) -> None:
        """No other request came: close, once all is taken."""
        super().timeout_keep_alive_handler()
        self.taking = self._leave_in(STALL_SECONDS)  # what is not taken by then is lost
