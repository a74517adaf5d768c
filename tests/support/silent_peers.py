"""Peers that connect, attach, and then never read a byte again. Raw sockets with the smallest buffers there are."""

import base64
import os
import resource
import socket
from types import TracebackType
from urllib.parse import urlencode

__all__ = ["SilentPeers"]

RECEIVE_BUFFER = 2_304
"""Bytes; the kernel takes no less (socket(7))."""


class SilentPeers:
    """A crowd of them on one session, all of the same device. Gone with the block.

    Args:
        port: the server's, on this machine.
        query: of ``/ws``.
        count: how many.
    """

    def __init__(self, port: int, query: dict[str, object], count: int) -> None:
        self.count = count
        self._port = port
        self._path = f"/ws?{urlencode(query)}"
        self._sockets: list[socket.socket] = []

    def connect(self) -> None:
        """Connect them all; blocks. Each waits for the server's answer to its upgrade, and reads no further."""
        allow_descriptors(self.count + 256)
        for _ in range(self.count):
            peer = socket.socket()
            self._sockets.append(peer)
            peer.settimeout(10)
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
            peer.connect(("127.0.0.1", self._port))
            peer.sendall(self._upgrade())
            answer = b""
            while b"\r\n\r\n" not in answer:
                piece = peer.recv(1_024)
                assert piece, f"refused: {answer!r}"
                answer += piece
            assert answer.startswith(b"HTTP/1.1 101 "), answer

    def __enter__(self) -> "SilentPeers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for peer in self._sockets:
            peer.close()

    def _upgrade(self) -> bytes:
        return (
            f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: shipanion.v1\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n"
        ).encode()


def allow_descriptors(count: int) -> None:
    """Let this process, and those it starts from now on, open at least so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))
