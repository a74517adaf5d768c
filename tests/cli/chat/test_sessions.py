"""The list of sessions, and a look at one."""

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Response

from shipanion.cli.chat.sessions import ago, session_lines, why_not
from tests.client.scripted_server import ScriptedServer

ROWS = [
    {"id": "s-1", "title": "Books \x1b[2J", "last_at": 1_000_000, "head": 7},
    {"id": "s-2", "last_at": 0, "head": 0},
]


def test_one_line_a_session() -> None:
    assert session_lines(ROWS, "s-2", 1_000.0) == [
        "  1  Books \ufffd[2J, just now, 7 events",
        "  2  s-2, 16 minutes ago, 0 events  (you are here)",
    ]


def test_a_long_list_is_cut() -> None:
    lines = session_lines([ROWS[1]] * 25, None, 0)
    assert len(lines) == 21
    assert lines[-1].strip() == "and 5 more"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "just now"), (59, "just now"), (60, "1 minute ago"), (7_300, "2 hours ago"), (200_000, "2 days ago")],
)
def test_how_long_ago(seconds: float, words: str) -> None:
    assert ago(seconds) == words


async def test_a_server_that_is_away_says_nothing_against_a_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipanion.cli.chat.sessions.LOOK_SECONDS", 0.05)
    assert await why_not("http://127.0.0.1:1", "good", "s-1", "here") == ""


async def test_nor_does_one_that_wants_another_token_and_only_a_refusal_is_a_reason() -> None:
    async with ScriptedServer().running() as server:
        assert await why_not(server.url, "bad", "s-1", "here") == ""
        assert await why_not(server.url, "good", "s-1", "here") == ""
        server.answer_with = Response(403, "Forbidden", Headers(), b"")
        assert await why_not(server.url, "good", "s-1", "here") != ""
