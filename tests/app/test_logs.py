"""Logging: one stream, and no credential in it, whoever writes."""

import io
import json
import logging
import time
from collections.abc import Callable, Iterator

import pytest
import structlog
from uvicorn.protocols.utils import get_client_addr, get_path_with_query_string

from shipanion.app.logs import UVICORN_LOGGERS, HideQuery, configure, hide_credentials

SECRET = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl"
Lines = Callable[[], str]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Logging belongs to the whole process; leave it as it was found."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    kept = [
        (logger, logger.filters[:], logger.propagate, logger.handlers[:])
        for logger in map(logging.getLogger, UVICORN_LOGGERS)
    ]
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for logger, filters, propagate, own in kept:
        logger.filters[:], logger.propagate, logger.handlers[:] = filters, propagate, own
    structlog.reset_defaults()


@pytest.fixture(params=["json", "terminal", "file"])
def lines(request: pytest.FixtureRequest) -> Lines:
    stream = Terminal() if request.param == "terminal" else io.StringIO()
    configure(stream=stream, json={"json": True, "terminal": None, "file": False}[request.param])
    return stream.getvalue


def uvicorn_scope(query: bytes) -> dict[str, object]:
    return {"type": "websocket", "client": ("192.0.2.1", 5), "path": "/ws", "query_string": query, "method": "GET"}


@pytest.mark.parametrize(
    "query",
    [
        b"token=" + SECRET.encode(),
        b"session_id=s1&token=opaque-secret",
        b"%74oken=opaque-secret",
        b"TOKEN=opaque-secret&new=1",
        b"a=?token=opaque-secret",
        b"token=opaque secret",
        b"expires=1800000600&signature=opaque-secret",
        b"%73ignature=opaque-secret&download=1",
    ],
)
def test_what_uvicorn_writes_of_a_request_has_no_query(lines: Lines, query: bytes) -> None:
    scope = uvicorn_scope(query)
    # The very calls uvicorn makes: accept and refusal of a socket, and an answer to a request.
    error, access = logging.getLogger("uvicorn.error"), logging.getLogger("uvicorn.access")
    address, path = get_client_addr(scope), get_path_with_query_string(scope)  # type: ignore[arg-type]
    error.info('%s - "WebSocket %s" [accepted]', address, path)
    error.info('%s - "WebSocket %s" 403', address, path)
    error.info('%s - "WebSocket %s" %d', address, path, 429)
    access.info('%s - "%s %s HTTP/%s" %d', address, "GET", path, "1.1", 200)
    written = lines()
    assert written.count("/ws") == 4
    assert written.count("192.0.2.1:5") == 4
    for word in (SECRET, "opaque", "s1", "token", "TOKEN", "ignature", "expires"):
        assert word not in written


def test_the_filter_leaves_other_words_alone(lines: Lines) -> None:
    logging.getLogger("uvicorn.error").info("Uvicorn running on %s://%s:%d", "http", "127.0.0.1", 8000)
    logging.getLogger("uvicorn.error").info("Really?")
    logging.getLogger("uvicorn.error").info("%(a)s", {"a": 1}, extra={"color_message": "twice"})
    assert "http://127.0.0.1:8000" in lines()
    assert "Really?" in lines()
    assert "twice" not in lines()


def test_a_query_in_the_message_itself_is_cut_too() -> None:
    record = logging.LogRecord("uvicorn.error", logging.INFO, "f", 1, "GET /ws?token=x HTTP", (), None)
    assert HideQuery().filter(record)
    assert record.getMessage() == "GET /ws?... HTTP"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("/ws?session_id=s&token=abc&x=1", "/ws?session_id=s&token=[hidden]&x=1"),
        ("access_token=abc", "access_token=[hidden]"),
        ("/api/labels/label-1.pdf?expires=5&signature=a-b_c", "/api/labels/label-1.pdf?expires=5&signature=[hidden]"),
        ("{'token': 'abc', 'n': 1}", "{'token': '[hidden]', 'n': 1}"),
        ('{"password": "abc"}', '{"password": "[hidden]"}'),
        ("Authorization: Bearer abcdefgh.ijk", "Authorization: Bearer [hidden]"),
        (f"odd {SECRET} place", "odd [hidden] place"),
        (f"shipanion-8000={SECRET}; theme=dark", "shipanion-8000=[hidden]; theme=dark"),
        ("odd ticket-q0_-Aq0_-Aq0_-Aq0_-Aq0_-A place", "odd [hidden] place"),
        (f"GET /x%3Btoken%3D{SECRET} HTTP/1.1", "GET /x%3Btoken%3D[hidden] HTTP/1.1"),
        (f"GET /x%3D{SECRET}", "GET /x%3D[hidden]"),
        (f"GET /x%253D{SECRET}", "GET /x%253D[hidden]"),
        ("/ws%3Ftoken%3Dticket-q0_-Aq0_-Aq0_-Aq0_-Aq0_-A", "/ws%3Ftoken%3D[hidden]"),
        ("/x%3Fticket-q0_-Aq0_-Aq0_-Aq0_-Aq0_-A", "/x%3F[hidden]"),
        ("/x.pdf%3Fsignature%3DAbc-1 200", "/x.pdf%3Fsignature%3D[hidden] 200"),
        ("/x%3Fpassword%3Dhunter2%21", "/x%3Fpassword%3D[hidden]"),
        ("/x%253Faccess_token%253Dabc", "/x%253Faccess_token%253D[hidden]"),
        ("/x%26access_token%3Dabc", "/x%26access_token%3D[hidden]"),
        ("/x%7B%22token%22%3A%20%22abc%22%7D", "/x%7B%22token%22%3A%20[hidden]"),
        ("/x%3A%20Bearer%20abcdefgh.ijk", "/x%3A%20Bearer%20[hidden]"),
        ("/x%3Ftokens%3D5", "/x%3Ftokens%3D5"),
        ("a ticket-taking page", "a ticket-taking page"),
        ("token=[hidden]", "token=[hidden]"),
        ("tokens are counted: 5", "tokens are counted: 5"),
        ("the bearer of news", "the bearer of news"),
        ("", ""),
    ],
)
def test_what_looks_like_a_credential_is_hidden(line: str, expected: str) -> None:
    assert hide_credentials(line) == expected


@pytest.mark.parametrize(
    "piece", ["eyJ", "%3DeyJ", "token", "%25", "token%25", "token ", "bearer ", "ticket-", "0Aeyj"]
)
def test_a_long_line_takes_no_long_time(piece: str) -> None:
    began = time.perf_counter()
    hide_credentials(piece * (65_536 // len(piece)))
    assert time.perf_counter() - began < 1


def test_our_own_lines_hide_what_they_should_not_have_had(lines: Lines) -> None:
    log = structlog.get_logger("shipanion.test")
    log.info("came in", token="opaque-secret", password="opaque-secret", authorization="opaque-secret", who="zoe")
    log.info("link", signature="opaque-secret")
    log.info("went /ws?token=opaque-secret", header="Bearer opaque-secret", raw=SECRET)
    logging.getLogger("elsewhere").warning("token=%s", "opaque-secret")
    logging.getLogger("elsewhere").warning("odd", extra={"token": "opaque-secret"})
    written = lines()
    assert "opaque" not in written
    assert SECRET not in written
    assert "zoe" in written
    assert "elsewhere" in written


def test_a_traceback_shows_no_variables_and_no_token(lines: Lines) -> None:
    local_variable = "opaque-" + "secret"
    for log in (structlog.get_logger("shipanion.test"), logging.getLogger("uvicorn.error")):
        try:
            raise RuntimeError(f"broke at {SECRET}")
        except RuntimeError:
            log.exception("Exception in ASGI application\n")
    written = lines()
    assert written.count("RuntimeError: broke at [hidden]") == 2
    assert local_variable not in written
    assert SECRET not in written


def test_lines_for_programs_are_whole_json_objects() -> None:
    stream = io.StringIO()
    configure(stream=stream)  # a file: not a terminal
    structlog.get_logger("shipanion.test").info("first\nline", n=1)
    logging.getLogger("elsewhere").info("%s line", "second")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["event"], first["n"], first["level"], first["logger"]) == ("first\nline", 1, "info", "shipanion.test")
    assert second["event"] == "second line"
    assert second["timestamp"].endswith("Z")


def test_the_level_holds_for_everybody() -> None:
    stream = io.StringIO()
    configure(stream=stream, level=logging.WARNING)
    structlog.get_logger("shipanion.test").info("quiet")
    logging.getLogger("uvicorn.access").info("quiet")
    structlog.get_logger("shipanion.test").warning("loud")
    assert "quiet" not in stream.getvalue()
    assert "loud" in stream.getvalue()


def test_setting_up_twice_writes_once() -> None:
    stream = io.StringIO()
    configure(stream=io.StringIO())
    configure(stream=stream)
    logging.getLogger("uvicorn.error").info("once")
    assert len(stream.getvalue().splitlines()) == 1
    assert sum(isinstance(known, HideQuery) for known in logging.getLogger("uvicorn.error").filters) == 1
