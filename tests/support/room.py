"""A whole server room for tests: a real node over a real store, sessions about a shopping list, peers in memory.

    room = Room(store); await room.start()
    ann = await room.enter("ann")            # a full client in a new session
    ann.send("user_message", id="m1", text="milk")
    await ann.until("turn_ended")

Nothing here sleeps: every wait is for a frame, and has a bound.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import msgspec

from shipanion.protocol.frames import WireLimits
from shipanion.server.connection import Connection
from shipanion.server.domain import Domain
from shipanion.server.identity import Identity, NotAuthenticated
from shipanion.server.node import Node
from shipanion.server.sessions import LiveSession
from shipanion.server.turns import RunTurn
from shipanion.stores.base import SessionStore, StoredEvent
from shipanion.stores.people import UserRow
from tests.support.fake_socket import FakeSocket
from tests.support.obedient_brain import ObedientBrain
from tests.support.toy_domain import ShoppingList

__all__ = ["START", "Json", "Peer", "Room", "body"]

Json = dict[str, Any]

START = 1_800_000_000_000
YEAR_MS = 366 * 24 * 3600 * 1000
SECONDS = 10.0
"""How long anything here waits before it fails."""
PEOPLE = ("ann", "ben")


class Peer:
    """The other end of one connection."""

    def __init__(self, room: "Room", *, full: bool) -> None:
        self.room = room
        self.full = full
        self.socket = FakeSocket()
        self.socket.last_heard = asyncio.get_running_loop().time()  # or the watch cuts it after a second
        self.connection = Connection(room.node, self.socket, room.node.machine(full=full))
        self.socket.on_write = self._came
        self.socket.on_end = self._ending
        self.socket.on_drain = self.connection.on_drain
        self._news = asyncio.Event()
        self._given: set[int] = set()
        self._acks_given: dict[str, int] = {}
        self._gone = False
        room.node.connected(self.connection)

    def open(self, token: str | None, **query: Any) -> None:
        """Begin the handshake."""
        self.connection.open({k: str(v) for k, v in query.items() if v is not None}, token)

    # --- out ------------------------------------------------------------------------------------------------------

    def send(self, type: str, **fields: Any) -> None:
        """Send one frame."""
        self.connection.on_text(json.dumps({"type": type, **fields}))

    def say(self, id: str, text: str) -> None:
        """Send a ``user_message``."""
        self.send("user_message", id=id, text=text)

    def edit(self, id: str, **items: int | None) -> None:
        """Send an ``update_state`` of the list."""
        self.send("update_state", id=id, patch={"items": items})

    def call(self, id: str, tool: str = "look_up", item: str = "milk", **metadata: Any) -> None:
        """Send a ``client_tool_call``."""
        call = {"tool_name": tool, "tool_call_id": id, "parameters": {"item": item}}
        self.send("client_tool_call", client_tool_call={**call, **({"metadata": metadata} if metadata else {})})

    def drop(self) -> None:
        """The line is cut: nothing more reaches the peer, and the server notices."""
        self.socket.aborted = True
        self._ended()

    # --- in -------------------------------------------------------------------------------------------------------

    @property
    def frames(self) -> list[Json]:
        """Everything the server has sent."""
        return self.socket.frames

    def of(self, *types: str) -> list[Json]:
        """Everything of these types so far."""
        return [frame for frame in self.frames if frame["type"] in types]

    @property
    def events(self) -> list[Json]:
        """The events of the log among them."""
        return [frame for frame in self.frames if "offset" in frame and "at" in frame]

    @property
    def welcome(self) -> Json:
        return self.of("welcome")[-1]

    @property
    def session_id(self) -> str:
        live = self.connection.session
        assert live is not None
        return live.session_id

    async def until(self, type: str, where: Callable[[Json], object] | None = None, **fields: Any) -> Json:
        """The oldest frame of this type with these fields that was not given out before; waits for it."""

        def wanted(frame: Json) -> bool:
            known = frame["type"] == type and all(frame.get(k) == v for k, v in fields.items())
            return known and (where is None or bool(where(frame)))

        def found() -> int | None:
            unseen = (at for at, frame in enumerate(self.frames) if at not in self._given and wanted(frame))
            return next(unseen, None)

        await self._wait(lambda: found() is not None, f"{type} {fields}")
        at = found()
        assert at is not None
        self._given.add(at)
        return self.frames[at]

    async def acked(self, id: str) -> Json:
        """The next acknowledgement of one command: ``{id, offset, duplicate}``."""

        self._acks_given[id] = nth = self._acks_given.get(id, 0) + 1

        def found() -> list[Json]:
            return [ack for frame in self.of("ack") for ack in frame["acks"] if ack["id"] == id]

        await self._wait(lambda: len(found()) >= nth, f"ack of {id}")
        return found()[nth - 1]

    async def _wait(self, done: Callable[[], bool], name: str) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                while not done():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {name} came; last: {self.frames[-4:]}") from None

    async def answered(self) -> None:
        """Everything sent so far was taken in, and its direct consequences are out."""
        before = len(self.of("pong"))
        self.send("ping")
        await self._wait(lambda: len(self.of("pong")) > before, "pong")

    async def over(self) -> tuple[int, str] | None:
        """Wait for the end; the close code and reason, None when the connection was cut."""
        async with asyncio.timeout(SECONDS):
            await asyncio.shield(self.connection.closed)
        return self.socket.closed

    def _came(self) -> None:
        self._news.set()

    def _ending(self) -> None:
        asyncio.get_running_loop().call_soon(self._ended)

    def _ended(self) -> None:
        if not self._gone:
            self._gone = True
            self.connection.lost()


class Room:
    """One node and whoever is in it. Several rooms after one another on one store are lives of one server."""

    def __init__(
        self, store: SessionStore, *, brain: RunTurn | None = None, domain: ShoppingList | None = None,
        limits: WireLimits | None = None, plugged: Domain | None = None, **options: Any,
    ) -> None:  # fmt: skip
        self.now = START
        self.brain = ObedientBrain()
        self.list = domain or ShoppingList()
        self.store = store
        mine: Domain = self.list
        self.node = Node(
            store, plugged or mine, brain or self.brain, self._authenticate, limits=limits,
            clock=lambda: self.now, ticks=lambda: self.now / 1000,
            **{"rate_limits": False, **options},
        )  # fmt: skip

    async def start(self) -> "Room":
        """Open the store with its people in it."""
        await self.node.start()
        for name in PEOPLE:
            await self.store.add_user(
                UserRow(
                    user_id=name, name=name.title(), kind="account", password_hash="x", version=1, disabled=False, at=1
                )
            )
        return self

    async def crash(self) -> None:
        """The process dies: nothing it had in hand is written any more, nobody is told."""
        for live in self.node.sessions:
            turn = live.turns.running
            tasks = [call.task for call in live.calls._open.values()] + [turn.task if turn else None]
            tasks += [under_way.task for under_way in live.effects]
            if turn is not None:
                turn.over = True
            for task in tasks:
                if task is not None:
                    task.cancel()
            live.actor.post = lambda work: None  # type: ignore[method-assign]
            live.actor._idle.set()  # what it waited for never comes
        await self.node._watch.stop()
        await self.store.close()

    # --- people ---------------------------------------------------------------------------------------------------

    async def _authenticate(self, token: str) -> Identity:
        """Tokens are ``NAME``, ``NAME@VERSION`` or ``NAME/ROLE``; ``late`` has run out, anything else is forged."""
        name, _, role = token.partition("/")
        name, _, version = name.partition("@")
        if name == "late":
            raise NotAuthenticated("expired", "That sign-in has run out.")
        if name not in PEOPLE:
            raise NotAuthenticated("sign_in", "That token is not one of ours.")
        return Identity(
            user_id=name, name=name.title(), kind="account", version=int(version or 1), expires_at=START + YEAR_MS,
            role=role or "owner",
        )  # fmt: skip

    def peer(self, *, full: bool = True) -> Peer:
        """Somebody at the door."""
        return Peer(self, full=full)

    async def enter(self, token: str = "ann", **query: Any) -> Peer:
        """A full client that was welcomed."""
        peer = self.peer()
        peer.open(token, **query)
        await peer.until("welcome")
        return peer

    async def plain(self, token: str = "ann", **query: Any) -> Peer:
        """A plain client; in the session named, once it is attached."""
        peer = self.peer(full=False)
        peer.open(token, **query)
        await peer.answered()
        return peer

    # --- looking inside -------------------------------------------------------------------------------------------

    def live(self, session_id: str) -> LiveSession:
        """The session as it is live here."""
        found = self.node.sessions.get(session_id)
        assert found is not None
        return found

    async def log(self, session_id: str) -> list[StoredEvent]:
        """Everything stored of a session."""
        return await self.store.events(session_id, after=0, upto=2**53, max_bytes=2**40, max_count=2**31)

    async def told(self, session_id: str, *types: str) -> list[Json]:
        """The stored bodies of these types."""
        return [body(event) for event in await self.log(session_id) if event.type in types]


def body(event: StoredEvent) -> Json:
    """The body of a stored event, decoded."""
    decoded: Json = msgspec.json.decode(event.body)
    return decoded
