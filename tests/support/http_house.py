"""A whole HTTP side over a real store, with clocks that a test sets, and ways to ask it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import argon2
import httpx
from prometheus_client import CollectorRegistry

from shipanion.app.accounts import Accounts
from shipanion.app.origins import Origins
from shipanion.app.routes import Parts, make_app
from shipanion.app.session_list import Activity
from shipanion.app.throttle import RULES, Rule, Throttle
from shipanion.app.tokens import Tokens
from shipanion.protocol.codes import ERRORS
from shipanion.stores.base import Committed, NewEvent, NewSession, SessionStore, Step

__all__ = ["CHEAP", "PASSWORD", "START", "HttpHouse", "Node", "bearer", "begun", "new_guest", "refusal", "sign_in"]

START = 1_800_000_000_000
PASSWORD = "correct horse"
CHEAP = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Node:
    """What the routes ask of a node."""

    ready: bool = True


@dataclass
class HttpHouse:
    """The routes, and what they were made of. ``close`` it in the end."""

    store: SessionStore
    guests: bool = True
    rules: dict[str, Rule] = field(default_factory=lambda: dict(RULES))
    allowed_origins: tuple[str, ...] = ()
    public_url: str | None = None
    node: Node = field(default_factory=Node)
    now: int = START
    active: dict[str, Activity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cut: list[str] = []
        """Whose connections were to be cut."""
        self.held: list[tuple[str, int]] = []
        """Whose connections were to be told nothing until they show which version."""
        self.tokens = Tokens(b"k" * 32)
        self.accounts = Accounts(self.store, self.tokens, lambda: self.now, guests=self.guests, hasher=CHEAP)
        self.registry = CollectorRegistry()
        self.parts = Parts(
            accounts=self.accounts,
            tokens=self.tokens,
            throttle=Throttle(clock=lambda: self.now / 1000, rules=self.rules),
            store=self.store,
            node=self.node,
            registry=self.registry,
            now=lambda: self.now,
            public_url=self.public_url,
            signed_out=self._signed_out,
            hold=lambda user_id, version: self.held.append((user_id, version)),
            activity=lambda session_id: self.active.get(session_id, Activity()),
        )
        origins = Origins.of("127.0.0.1", self.public_url, self.allowed_origins)
        self.app = make_app(self.parts, origins, allowed_origins=self.allowed_origins)

    def client(self, address: str = "192.0.2.1", base_url: str = "http://localhost:8000") -> httpx.AsyncClient:
        """A program or a browser at an address; it keeps cookies."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url=base_url)

    async def _signed_out(self, user_id: str) -> None:
        self.cut.append(user_id)

    def close(self) -> None:
        """Let the worker threads go."""
        self.accounts.close()


async def sign_in(client: httpx.AsyncClient, name: str, password: str = PASSWORD) -> httpx.Response:
    """Ask for an account's token."""
    return await client.post("/token", data={"username": name, "password": password})


async def new_guest(client: httpx.AsyncClient) -> dict[str, Any]:
    """The token answer of a new guest."""
    answer = await client.post("/guest")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def bearer(token: str) -> dict[str, str]:
    """The header that brings a token."""
    return {"Authorization": f"Bearer {token}"}


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an answer that refuses, held to the form every refusal has."""
    error = answer.json()["error"]
    assert answer.json().keys() == {"error"}
    assert error.keys() - {"retry_after_ms"} == {"code", "message"}
    assert error["code"] in ERRORS
    assert error["message"].endswith(".")
    assert ("retry_after_ms" in error) == ("retry-after" in answer.headers)
    return answer.status_code, error["code"]


async def begun(store: SessionStore, owner: str, session_id: str, *, at: int = START, title: str | None = None) -> str:
    """A session in which something was said at ``at``."""
    await store.create_session(NewSession(session_id=session_id, owner=owner, epoch="e", at=at))
    said = NewEvent(type="user_message", body=b"{}", by=b"{}", at=at)
    done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    store.submit([Step(session_id=session_id, events=(said,), title=title)], done.set_result)
    assert list(await done) == [Committed(head=1)]
    return session_id
