"""Who may come in to a real server: tokens, pages and sessions that are not the caller's are refused alike."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import pytest

from tests.support.server_process import ServerProcess
from tests.support.warm_start import WarmStart
from tests.support.wire import Json, Wire, dial, still_works

EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, warm: WarmStart) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("who-asks"), launch=warm.launch) as running:
        yield running


@pytest.fixture(scope="module")
def token(server: ServerProcess) -> str:
    return server.guest()


def full(server: ServerProcess, token: str | None, **query: Any) -> AbstractAsyncContextManager[Wire]:
    return Wire.open(server.socket_url, token, **query)


async def refusal(url: str, token: str | None, **how: Any) -> tuple[Json, tuple[int, str]]:
    """The error frame and the close that a connection gets instead of a welcome."""
    wire = Wire(await dial(url, token, **how))
    try:
        error = await wire.next()
        assert error["type"] == "error", error
        return error, await wire.closed()
    finally:
        wire.drop()
        await wire.socket.wait_closed()


@pytest.mark.parametrize("spoken_full", [True, False])
async def test_an_unknown_session_and_somebody_elses_look_the_same(
    server: ServerProcess, token: str, spoken_full: bool
) -> None:
    async with full(server, server.guest()) as owner:
        theirs = owner.welcome["session_id"]
    unknown = theirs[:-4] + ("0000" if theirs[-4:] != "0000" else "1111")
    seen = [
        await refusal(server.socket_url, token, full=spoken_full, session_id=session_id)
        for session_id in (theirs, unknown, "session-123456", "../../etc/passwd")
    ]
    assert all(answer == seen[0] for answer in seen)
    error, (code, _) = seen[0]
    assert error["code"] == "not_found"
    assert code == (4301 if spoken_full else 1008)


async def test_another_session_named_in_a_frame(server: ServerProcess, token: str) -> None:
    async with full(server, server.guest()) as owner, full(server, token) as wire:
        answers = []
        for session_id in (owner.welcome["session_id"], "session-123456"):
            await wire.send("user_message", id="m", text="hello", session_id=session_id)
            answers.append(await wire.refused("m"))
        assert answers[0] == answers[1]
        assert answers[0]["code"] == "not_found"
        await still_works(wire)
        await owner.in_step()
        assert owner.events == []


@pytest.mark.parametrize(
    "how",
    [
        {"origin": EVIL},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"headers": {"Host": "evil.example"}},
        {"headers": {"Host": "evil.example:80"}, "origin": "http://evil.example:80"},
    ],
    ids=["foreign", "null", "another port", "rebinding", "rebinding with its origin"],
)
async def test_a_page_that_is_not_ours(server: ServerProcess, token: str, how: Json) -> None:
    error, (code, _) = await refusal(server.socket_url, token, **how)
    assert (error["code"], code) == ("origin", 4302)
    error, (code, _) = await refusal(server.socket_url, token, full=False, **how)
    assert (error["code"], code) == ("origin", 1008)
    headers = {"Origin": how["origin"]} if "origin" in how else {}
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{server.url}/guest", headers={**headers, **how.get("headers", {})})
    assert answer.is_client_error, "it could sign in as a guest"


async def test_our_own_page_may_connect(server: ServerProcess, token: str) -> None:
    async with full(server, token, origin=server.url) as wire:
        await still_works(wire)


def jwt(header: Json, claims: Json, key: bytes | None) -> str:
    """A JSON Web Token (RFC 7515 section 3.1), signed with HMAC-SHA-256 where there is a key."""

    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    signed = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    return f"{signed}.{part(hmac.digest(key, signed.encode(), hashlib.sha256)) if key is not None else ''}"


def claims_of(token: str) -> Json:
    middle = token.split(".")[1]
    claims: Json = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    return claims


def bad_tokens(server: ServerProcess, token: str) -> dict[str, tuple[str, str]]:
    secret = (server.data / "signing-secret").read_text().strip().encode()
    claims = claims_of(token)
    hs256 = {"alg": "HS256", "typ": "JWT"}
    past = {**claims, "iat": int(time.time()) - 7_200, "exp": int(time.time()) - 3_600}
    head, _, tail = token.rpartition(".")
    return {
        "expired": (jwt(hs256, past, secret), "expired"),
        "forged": (jwt(hs256, claims, b"x" * 32), "sign_in"),
        "none": (jwt({"alg": "none", "typ": "JWT"}, claims, None), "sign_in"),
        "none in capitals": (jwt({"alg": "NONE"}, claims, None), "sign_in"),
        "another algorithm": (jwt({"alg": "HS512"}, claims, secret), "sign_in"),
        "for ever": (jwt(hs256, {**claims, "exp": 2**52}, secret), "sign_in"),
        "somebody else": (jwt(hs256, {**claims, "sub": "user-nobody"}, secret), "sign_in"),
        "cut off": (f"{head}.{tail[:-4]}", "sign_in"),
        "signature missing": (f"{head}.", "sign_in"),
        "rubbish": ("banana", "sign_in"),
        "long rubbish": ("x" * 5_000, "sign_in"),
    }


async def test_tokens_that_are_no_good(server: ServerProcess, token: str) -> None:
    for name, (bad, wanted) in bad_tokens(server, token).items():
        error, (code, _) = await refusal(server.socket_url, bad)
        assert error["code"] in (wanted, "expired" if name == "somebody else" else wanted), name
        assert code == (4201 if error["code"] == "expired" else 4200), name
        error, (code, _) = await refusal(server.socket_url, bad, full=False)
        assert code == 1008, name
        error, _ = await refusal(server.socket_url, None, headers={"Authorization": f"Bearer {bad}"})
        assert error["code"] in ("expired", "sign_in"), name
        async with httpx.AsyncClient(trust_env=False) as http:
            me = await http.get(f"{server.url}/api/me", headers={"Authorization": f"Bearer {bad}"})
        assert me.status_code == 401, name


async def test_the_good_ones_are_taken_by_every_road(server: ServerProcess, token: str) -> None:
    async with full(server, None, headers={"Authorization": f"Bearer {token}"}) as wire:
        await still_works(wire)
    greeting = Wire(await dial(server.socket_url, None))
    try:
        await greeting.send("hello", token=token)
        await greeting.until("welcome")
        await still_works(greeting)
        await greeting.send("auth", token=bad_tokens(server, token)["forged"][0])
        assert (await greeting.refused())["code"] == "sign_in"
        await still_works(greeting)
        await greeting.send("auth", token=token)
        assert (await greeting.until("auth_ok"))["expires_at"] > time.time() * 1000
    finally:
        greeting.drop()
        await greeting.socket.wait_closed()


async def test_a_first_frame_without_a_token(server: ServerProcess) -> None:
    for text in ('{"type": "ping"}', '{"type": "hello"}'):
        wire = Wire(await dial(server.socket_url, None))
        await wire.socket.send(text)
        error = await wire.next()
        assert (error["type"], error["code"]) == ("error", "sign_in")
        assert (await wire.closed())[0] == 4200


async def test_no_credential_is_ever_logged(server: ServerProcess) -> None:
    token = server.guest()
    bad = bad_tokens(server, token)
    async with full(server, token) as wire:
        await wire.socket.send(f'{{"type": "auth", "token": "{token}"')
        await wire.refused()
        await wire.send("auth", token=token)
        await wire.until("auth_ok")
    for name in ("expired", "forged", "none", "rubbish"):
        await refusal(server.socket_url, bad[name][0])
    async with httpx.AsyncClient(trust_env=False) as http:
        await http.get(f"{server.url}/nowhere?token={token}")
        await http.get(f"{server.url}/api/me", headers={"Authorization": f"Bearer {token}"})
    log = server.log()
    assert "/nowhere?..." in log, "nothing was logged at all"
    for secret in (token, *(bad[name][0] for name in ("expired", "forged", "none"))):
        _, claims, signature = secret.split(".")
        assert claims not in log
        assert not signature or signature not in log
    assert (server.data / "signing-secret").read_text().strip() not in log
    assert "Traceback" not in log
