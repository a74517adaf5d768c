"""uvicorn's HTTP protocol, held to bounds: how long a request may take to arrive, and how large its head may be.

By itself it waits for ever for the end of a request and keeps headers of any length: half a request would cost a
descriptor, and headers without an end all memory, before anybody was asked who they are (I12).
"""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

__all__ = ["HEAD_BYTES", "REQUEST_SECONDS", "HttpProtocol"]

HEAD_BYTES: Final = 65_536
"""The request line and all headers; a token has 2 KiB, a browser's cookies for one host seldom more than 8."""

REQUEST_SECONDS: Final = 20.0
"""From the first byte of a request, or from the beginning of the connection, to the last one: twice what is given to
a body alone."""


class HttpProtocol(HttpToolsProtocol):
    """Give it to uvicorn as ``http=``. A WebSocket is none of its business once the upgrade has arrived."""

    request_seconds = REQUEST_SECONDS

    _deadline: asyncio.TimerHandle | None = None
    _head: int | None = 0
    """Bytes of a head that is not whole yet; None while a body follows."""
    _whole = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        whole = self._whole
        super().data_received(data)
        if self._whole != whole or self.transport.is_closing():
            return
        if self._deadline is None:
            self._expect()
        if self._head is not None:
            self._head += len(data)
            if self._head > HEAD_BYTES:
                self.send_400_response(f"A request may have at most {HEAD_BYTES} bytes of headers.")

    def on_headers_complete(self) -> None:
        self._head = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._arrived()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._arrived()
        super().handle_websocket_upgrade()

    def _expect(self) -> None:
        self._deadline = self.loop.call_later(self.request_seconds, self.transport.abort)

    def _arrived(self) -> None:
        """The request is whole."""
        self._whole += 1
        self._head = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
