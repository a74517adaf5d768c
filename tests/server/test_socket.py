"""The transport: real frames of every kind over a real TCP connection, and descriptors that come back."""

import asyncio
import json
import socket as sockets
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from shipanion.server.socket import PINGS_BURST, PINGS_PER_SECOND, SEND_BUFFER, ServerSocket, text_frame
from tests.support.fake_socket import frames_in
from tests.support.shop_server import ShopServer, descriptors
from tests.support.until_true import until_true

Json = dict[str, Any]


async def said(client: Any, type: str) -> Json:
    """The next frame of this type."""
    async with asyncio.timeout(5):
        while True:
            frame: Json = json.loads(await client.recv())
            if frame["type"] == type:
                return frame


async def closed(client: Any) -> tuple[int | None, str | None]:
    """Read to the end: the code and reason it was closed with."""
    async with asyncio.timeout(5):
        try:
            while True:
                await client.recv()
        except ConnectionClosed as end:
            return (end.rcvd.code, end.rcvd.reason) if end.rcvd else (None, None)


def message(id: str, text: str) -> str:
    return json.dumps({"type": "user_message", "id": id, "text": text}, ensure_ascii=False)


def masked(opcode: int, payload: bytes, *, fin: bool = True) -> bytes:
    """A client's frame (RFC 6455 section 5.2), masked with zeros."""
    head = bytes([(0x80 if fin else 0) | opcode])
    size = len(payload)
    if size < 126:
        return head + bytes([0x80 | size]) + bytes(4) + payload
    if size < 65_536:
        return head + b"\xfe" + size.to_bytes(2, "big") + bytes(4) + payload
    return head + b"\xff" + size.to_bytes(8, "big") + bytes(4) + payload


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_frame_of_any_size_is_a_whole_text_frame(size: int) -> None:
    payload = json.dumps({"x": "y" * size}).encode()
    assert frames_in(text_frame(payload) * 2) == [{"x": "y" * size}] * 2


def test_the_length_is_written_as_short_as_the_standard_asks() -> None:
    assert text_frame(b"x" * 125)[:2] == b"\x81\x7d"
    assert text_frame(b"x" * 126)[:4] == b"\x81\x7e\x00\x7e"
    assert text_frame(b"x" * 65_535)[:4] == b"\x81\x7e\xff\xff"
    assert text_frame(b"x" * 65_536)[:10] == b"\x81\x7f" + (65_536).to_bytes(8, "big")


# --- what comes in --------------------------------------------------------------------------------------------------


async def test_what_another_make_of_client_says_is_understood() -> None:
    async with ShopServer.run() as server, server.dial() as client:
        assert (await said(client, "welcome"))["outcome"] == "created"
        await client.send(message("m1", "ünïcödé 🧀 " * 2000))
        assert (await said(client, "user_message"))["text"] == "ünïcödé 🧀 " * 2000
        await said(client, "turn_ended")


async def test_a_fragmented_message_is_one_message() -> None:
    async with ShopServer.run() as server:
        whole = message("m1", "milk 🧀").encode()
        raw = await server.raw()
        loop = asyncio.get_running_loop()
        cut = whole.index("🧀".encode()[1:])  # in the middle of a character
        parts = [
            masked(1, whole[:5], fin=False),
            masked(0, whole[5:cut], fin=False),
            masked(9, b"hi"),
            masked(0, whole[cut:]),
        ]
        for part in parts:
            await loop.sock_sendall(raw, part)
        got = b""
        async with asyncio.timeout(5):
            while b"turn_ended" not in got:
                got += await loop.sock_recv(raw, 4096)
        assert "milk 🧀".encode() in got
        assert b"\x8a\x02hi" in got, "the ping between the pieces was not answered"
        raw.close()


async def test_fragments_cost_no_more_than_what_is_in_them() -> None:
    async with ShopServer.run() as server:
        raw = await server.raw()
        loop = asyncio.get_running_loop()
        connection = next(iter(server.room.node.connections))
        await loop.sock_sendall(raw, masked(1, b"", fin=False) + masked(0, b"", fin=False) * 2_000 + masked(9, b"?"))
        got = b""
        async with asyncio.timeout(5):
            while b"\x8a\x01?" not in got:
                got += await loop.sock_recv(raw, 4096)
        socket = connection.socket
        assert isinstance(socket, ServerSocket)
        assert (len(socket.frames), len(socket.frames[0])) == (1, 0)
        raw.close()


async def test_a_ping_is_answered_with_its_payload() -> None:
    async with ShopServer.run() as server, server.dial() as client:
        async with asyncio.timeout(5):
            await (await client.ping(b"are you there"))
        connection = next(iter(server.room.node.connections))
        assert connection.socket.last_heard > 0


async def test_the_servers_ping_is_one_a_client_answers() -> None:
    async with ShopServer.run() as server, server.dial() as client:
        await said(client, "welcome")
        connection = next(iter(server.room.node.connections))
        connection.socket.last_heard = 0.0
        connection.socket.ping()
        await until_true(lambda: connection.socket.last_heard > 0)


async def test_a_binary_frame_is_refused_and_the_connection_kept() -> None:
    async with ShopServer.run() as server, server.dial() as client:
        await client.send(b"\x00\x01")
        assert (await said(client, "error"))["code"] == "not_text"
        await client.send(message("m1", "milk"))
        await said(client, "turn_ended")


async def test_text_that_is_not_utf8_closes_with_1007() -> None:
    async with ShopServer.run() as server, server.dial() as client:
        await said(client, "welcome")
        await client.send(b'{"type":"ping","x":"\xff"}', text=True)
        assert (await closed(client))[0] == 1007
        await until_true(lambda: not server.room.node.connections)


@pytest.mark.parametrize("size", [70_000, 1_000_000])
async def test_a_large_frame_is_refused_and_the_connection_kept(size: int) -> None:
    async with ShopServer.run() as server, server.dial() as client:
        await client.send(message("m1", "x" * size))
        error = await said(client, "error")
        assert (error["code"], error["id"]) == ("too_large", "m1")
        await client.send(message("m2", "milk"))
        await said(client, "turn_ended")


async def test_three_megabytes_close_with_1009() -> None:
    async with ShopServer.run() as server, server.dial() as client:
        await said(client, "welcome")
        await client.send(message("m1", "x" * 3_000_000))
        assert (await closed(client))[0] == 1009
        await until_true(lambda: not server.room.node.connections)


async def test_while_nothing_is_read_nothing_arrives() -> None:
    async with ShopServer.run() as server, server.dial() as client:
        await said(client, "welcome")
        connection = next(iter(server.room.node.connections))
        socket = connection.socket
        for _ in range(2):
            socket.pause_reading()
        await client.send(message("m1", "milk"))
        async with server.dial() as other:  # a whole conversation passes meanwhile
            await other.send(message("m1", "tea"))
            await said(other, "turn_ended")
        live = connection.session
        assert live is not None
        assert live.actor.head == 0
        for _ in range(2):
            socket.resume_reading()
        await said(client, "turn_ended")


# --- what goes out --------------------------------------------------------------------------------------------------


async def test_what_a_peer_does_not_read_is_known_and_drains_when_it_does() -> None:
    async with ShopServer.run() as server:
        raw = await server.raw()
        await until_true(lambda: any(c.session for c in server.room.node.connections))
        connection = next(iter(server.room.node.connections))
        drained = asyncio.Event()
        socket = connection.socket
        assert isinstance(socket, ServerSocket)
        socket.attach(connection.on_text, connection.on_binary, drained.set)
        piece = text_frame(json.dumps("x" * 60_000).encode())
        for _ in range(100):
            socket.write(piece)
        waiting = socket.buffered()
        assert waiting > 4_000_000, "the kernel took more than it was given room for"
        loop = asyncio.get_running_loop()
        got = 0
        async with asyncio.timeout(10):
            while not drained.is_set():
                got += len(await loop.sock_recv(raw, 1_000_000))
        assert socket.buffered() <= SEND_BUFFER
        assert got > 4_000_000
        raw.close()


@pytest.mark.parametrize("size", [10, 3_000, 60_000])
async def test_frames_given_together_arrive_in_order(size: int) -> None:
    async with ShopServer.run() as server:
        raw = await server.raw()
        await until_true(lambda: any(c.session for c in server.room.node.connections))
        socket = next(iter(server.room.node.connections)).socket
        frames = [text_frame(json.dumps(f"{n}" + "x" * size).encode()) for n in range(20)]
        socket.write(*frames[:1])
        socket.write(*frames[1:])
        loop, expected, got = asyncio.get_running_loop(), b"".join(frames), b""
        async with asyncio.timeout(10):
            while not got.endswith(frames[-1]):
                got += await loop.sock_recv(raw, 1_000_000)
        assert got.endswith(expected)
        raw.close()


async def test_pings_from_a_peer_that_reads_nothing_do_not_fill_our_memory() -> None:
    async with ShopServer.run() as server:
        raw = await server.raw()
        await until_true(lambda: any(c.session for c in server.room.node.connections))
        connection = next(iter(server.room.node.connections))
        piece = text_frame(json.dumps("x" * 60_000).encode())
        while connection.socket.buffered() < 2 * SEND_BUFFER:
            connection.socket.write(piece)
        before = connection.socket.buffered()
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(
            raw, masked(9, b"p" * 125) * (PINGS_BURST - 1) + masked(1, message("m1", "milk").encode())
        )
        live = connection.session
        assert live is not None
        await until_true(lambda: live.actor.head > 0)
        assert connection.socket.buffered() < before + 1_000
        raw.close()


async def test_of_a_flood_of_pings_a_slice_is_answered_and_then_the_peer_is_let_wait() -> None:
    async with ShopServer.run() as server:
        raw = await server.raw()
        await until_true(lambda: any(c.session for c in server.room.node.connections))
        socket = next(iter(server.room.node.connections)).socket
        assert isinstance(socket, ServerSocket)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(raw, masked(9, b"") * 20_000)
        await until_true(lambda: socket._resting is not None)
        assert socket._resting is not None
        assert socket._resting.when() - loop.time() > 5
        pongs = b""
        with suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                while True:
                    pongs += await loop.sock_recv(raw, 1_000_000)
        assert PINGS_BURST <= pongs.count(b"\x8a\x00") < 1_000
        raw.close()


async def test_pings_beyond_their_number_are_answered_at_their_pace_and_what_follows_is_not_lost() -> None:
    async with ShopServer.run() as server:
        raw = await server.raw()
        await until_true(lambda: any(c.session for c in server.room.node.connections))
        live = next(iter(server.room.node.connections)).session
        assert live is not None
        loop = asyncio.get_running_loop()
        began = loop.time()
        await loop.sock_sendall(raw, masked(9, b"") * (PINGS_BURST + 3))
        socket = next(iter(server.room.node.connections)).socket
        assert isinstance(socket, ServerSocket)
        await until_true(lambda: socket._resting is not None)
        await loop.sock_sendall(raw, masked(1, message("m1", "milk").encode()))
        await until_true(lambda: live.actor.head > 0)
        assert loop.time() - began >= 1 / PINGS_PER_SECOND
        raw.close()


@pytest.mark.parametrize("size", [1, 4_095, 4_096, 4_097, 30_000])
async def test_what_came_in_one_piece_is_taken_in_slices_and_whole(size: int) -> None:
    async with ShopServer.run() as server:
        raw = await server.raw()
        await until_true(lambda: any(c.session for c in server.room.node.connections))
        live = next(iter(server.room.node.connections)).session
        assert live is not None
        frames = b"".join(masked(1, message(f"m{n}", "x" * size).encode()) for n in range(5))
        await asyncio.get_running_loop().sock_sendall(raw, frames)
        await until_true(lambda: live.actor.head >= 5)
        found = await server.room.store.events(live.session_id, after=0, upto=99, max_bytes=10**6, max_count=99)
        said = [event.id for event in found if event.type == "user_message"]
        assert said == [f"m{n}" for n in range(5)][: len(said)]
        raw.close()


async def test_a_peer_that_is_cut_gives_its_descriptor_back_at_once() -> None:
    async with ShopServer.run() as server:
        before = descriptors()
        raws = [await server.raw() for _ in range(5)]
        await until_true(lambda: len(server.room.node.connections) == 5)
        piece = text_frame(json.dumps("x" * 60_000).encode())
        for connection in tuple(server.room.node.connections):
            for _ in range(50):
                connection.socket.write(piece)
            connection.cut()
        await until_true(lambda: not server.room.node.connections)
        await until_true(lambda: descriptors() <= before + len(raws))
        for raw in raws:
            raw.close()


@pytest.mark.parametrize("reads", [True, False])
async def test_a_peer_that_never_answers_the_close_gives_its_descriptor_back_after_a_while(reads: bool) -> None:
    async with ShopServer.run() as server:
        before = descriptors()
        raw = await server.raw()
        await until_true(lambda: any(c.session for c in server.room.node.connections))
        connection = next(iter(server.room.node.connections))
        socket = connection.socket
        assert isinstance(socket, ServerSocket)
        socket.close_timeout = 0.05
        if not reads:
            for _ in range(100):
                socket.write(text_frame(json.dumps("x" * 60_000).encode()))
        connection.end("resume_now")
        await until_true(lambda: not server.room.node.connections)
        await until_true(lambda: descriptors() == before + 1)  # only the test's own end is left
        raw.close()


async def test_a_peer_that_says_goodbye_but_takes_nothing_gives_its_descriptor_back_after_a_while() -> None:
    async with ShopServer.run() as server:
        before = descriptors()
        raw = await server.raw()
        await until_true(lambda: any(c.session for c in server.room.node.connections))
        socket = next(iter(server.room.node.connections)).socket
        assert isinstance(socket, ServerSocket)
        socket.close_timeout = 0.05
        for _ in range(100):
            socket.write(text_frame(json.dumps("x" * 60_000).encode()))
        await asyncio.get_running_loop().sock_sendall(raw, masked(8, b"\x03\xe8"))
        await until_true(lambda: not server.room.node.connections)
        await until_true(lambda: descriptors() == before + 1)


async def test_a_close_is_answered_and_everything_sent_before_it_arrives() -> None:
    async with ShopServer.run() as server, server.dial() as client:
        await said(client, "welcome")
        connection = next(iter(server.room.node.connections))
        for n in range(20):
            connection.push(text_frame(json.dumps({"type": "pong", "n": n, "x": "x" * 10_000}).encode()))
        connection.end("going_away")
        async with asyncio.timeout(5):
            for n in range(20):
                assert json.loads(await client.recv())["n"] == n
        assert await closed(client) == (1001, "going_away")
        connection.socket.close(1000, "twice does nothing")
        connection.socket.write(b"nothing either")
        await until_true(lambda: not server.room.node.connections)


async def test_a_peer_that_says_goodbye_is_let_go() -> None:
    async with ShopServer.run() as server:
        async with server.dial() as client:
            await said(client, "welcome")
        assert client.close_code == 1000
        await until_true(lambda: not server.room.node.connections and len(server.room.node.sessions) == 0)


async def test_a_line_that_breaks_is_noticed() -> None:
    async with ShopServer.run() as server:
        raw = await server.raw()
        await until_true(lambda: any(c.session for c in server.room.node.connections))
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        raw.close()
        await until_true(lambda: not server.room.node.connections)
        assert len(server.room.node.sessions) == 0
