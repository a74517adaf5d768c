"""The gate in front of every HTTP request: names, pages, and bodies that are too large or too slow."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from shipanion.app.gate import Gate, refused
from shipanion.app.origins import Origins

LOCAL = Origins.of("127.0.0.1", None, ())


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await PlainTextResponse(f"{scope['method']} {len(body)}")(scope, receive, send)


def client(gate: Gate) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url="http://localhost:8000")


@pytest.fixture
async def inside() -> AsyncIterator[httpx.AsyncClient]:
    async with client(Gate(echo, LOCAL, body_bytes=100)) as found:
        yield found


async def test_what_is_meant_for_us_goes_through(inside: httpx.AsyncClient) -> None:
    assert (await inside.get("/")).text == "GET 0"
    assert (await inside.post("/", content=b"x" * 100)).text == "POST 100"
    own = await inside.post("/", content=b"x", headers={"Origin": "http://localhost:8000"})
    assert own.text == "POST 1"


async def test_every_answer_is_kept_from_other_sites_and_taken_for_what_it_says(inside: httpx.AsyncClient) -> None:
    asked = [("GET", "/"), ("POST", "/"), ("GET", "http://evil.example/")]
    for method, url in asked:
        answer = await inside.request(method, url)
        assert answer.headers.get_list("cross-origin-resource-policy") == ["same-origin"]
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"]


async def test_a_turned_name_is_refused_whatever_it_asks(inside: httpx.AsyncClient) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "POST", "DELETE", "ODD"):
        answer = await inside.request(
            method, "http://evil.example:8000/", headers={"Origin": "http://evil.example:8000"}
        )
        assert answer.status_code == 421
    answer = await inside.get("http://evil.example/")
    assert answer.json()["error"]["code"] == "origin"
    assert "SHIPANION_PUBLIC_URL" in answer.json()["error"]["message"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "ODD"])
@pytest.mark.parametrize("origin", ["null", "http://evil.example", "http://localhost:3000", ""])
async def test_a_foreign_page_changes_nothing(inside: httpx.AsyncClient, method: str, origin: str) -> None:
    answer = await inside.request(method, "/", headers={"Origin": origin})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "origin"


async def test_a_body_is_bounded_whether_its_size_is_said_or_not(inside: httpx.AsyncClient) -> None:
    said = await inside.post("/", content=b"x" * 101)
    assert (said.status_code, said.json()["error"]["code"]) == (413, "too_large")

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 10

    unsaid = await inside.post("/", content=pieces())
    assert "content-length" not in unsaid.request.headers
    assert unsaid.status_code == 413


async def test_a_body_whose_size_is_said_is_refused_before_it_is_read() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("the body was read")

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/", "scheme": "http", "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-length", b"9" * 400)],
    }  # fmt: skip
    await Gate(echo, LOCAL)(scope, receive, send)
    assert sent[0]["status"] == 413


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    async with client(Gate(echo, LOCAL, body_seconds=0.01)) as slow:
        answer = await slow.post("/", content=pieces())
    assert answer.status_code == 408
    assert answer.headers["connection"] == "close"


async def test_half_a_body_is_not_acted_on() -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": b"username=zoe", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("the application was asked")

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        raise AssertionError("nobody is there to answer")

    scope = {
        "type": "http", "method": "POST", "path": "/", "scheme": "http", "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }  # fmt: skip
    await Gate(application, LOCAL)(scope, receive, send)
    assert messages == []


async def test_sockets_and_start_up_pass_unseen() -> None:
    passed: list[str] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        passed.append(scope["type"])

    async def nothing(*_: object) -> Message:
        return {}

    for kind in ("websocket", "lifespan"):
        await Gate(application, LOCAL)({"type": kind, "headers": []}, nothing, nothing)  # type: ignore[arg-type]
    assert passed == ["websocket", "lifespan"]


def test_a_refusal_says_when_to_come_again_in_both_units() -> None:
    answer = refused(429, "rate_limited", "Wait.", retry_after_ms=1_200)
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body == b'{"error":{"code":"rate_limited","message":"Wait.","retry_after_ms":1200}}'
    assert "retry-after" not in refused(403, "forbidden", "No.").headers
