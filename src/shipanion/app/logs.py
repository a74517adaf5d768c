"""Logging: one stream, ours (structlog) and everybody else's (stdlib), and no credential in either.

Tokens reach the log by three roads, and each is closed on its own:

- uvicorn writes the path with its query when it accepts a WebSocket or answers a request: ``HideQuery`` on
  its two loggers cuts the query off whole, since a name in it can be spelled in many ways (``%74oken=``).
- a value logged by mistake, ours or a library's: whatever looks like a credential is hidden in the finished
  line.
- tracebacks that print local variables: switched off.
"""

import logging
import re
import sys
from typing import Final, TextIO

import structlog

__all__ = ["HideQuery", "configure", "hide_credentials"]

UVICORN_LOGGERS: Final = ("uvicorn.error", "uvicorn.access", "uvicorn.asgi")

# What comes in a path is percent-encoded, once or more, so that the last digit of a code stands before the name.
_NAMED: Final = re.compile(
    r"(?i)(?:(?<![a-z])|(?<=\d[0-9a-f]))((?:access_)?token|ticket|password|secret|signature)"
    r"((?:['\"\s]|%(?:25)*2[027])*(?:[=:]|%(?:25)*3[ad])(?:\s|%(?:25)*20)*)"
    r"(['\"]?)(?!\[hidden\])[^\s&;,'\"}]+"
)
_SECRET_FIELDS: Final = frozenset(
    {"token", "access_token", "ticket", "password", "secret", "signature", "authorization", "cookie"}
)
_BEARER: Final = re.compile(r"(?i)(bearer)((?:\s|%(?:25)*20)+)[\w.~+/-]{8,}=*")
_SHAPED: Final = re.compile(
    r"(?:(?<![\w-])|(?<=%[0-9A-Fa-f]{2})|(?<=%25[0-9A-Fa-f]{2}))eyJ[\w-]{5,}\.[\w-]*\.[\w-]*|ticket-[\w-]{20,}"
)
"""What is a token or a ticket by its looks."""


def hide_credentials(line: str) -> str:
    """The same text with everything in it that looks like a token or a password replaced by ``[hidden]``."""
    line = _SHAPED.sub("[hidden]", line)
    line = _BEARER.sub(r"\1\2[hidden]", line)
    return _NAMED.sub(r"\1\2\3[hidden]", line)


class HideQuery(logging.Filter):
    """Cuts queries off the paths that uvicorn logs; lets every record through."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_without_query(value) for value in record.args)
        if not record.args:
            record.msg = _without_query(record.msg)
        return True


def _without_query(value: object) -> object:
    """``/ws?token=…`` becomes ``/ws?...``. uvicorn quotes the path, so the first question mark begins the
    query."""
    if isinstance(value, str) and "?" in value and "/" in value.partition("?")[0]:
        return re.sub(r"\?\S+", "?...", value)
    return value


def _hide_fields(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Hide credentials in a record's fields, before colours are put between a name and its value."""
    event.pop("color_message", None)  # uvicorn says the same a second time, in colour
    for name, value in event.items():
        if name in _SECRET_FIELDS:
            event[name] = "[hidden]"
        elif isinstance(value, str):
            event[name] = hide_credentials(value)
    return event


class _Hiding(logging.Formatter):
    """Any formatter, with credentials hidden in what it made, tracebacks included."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return hide_credentials(self._inner.format(record))


def configure(*, level: int = logging.INFO, stream: TextIO | None = None, json: bool | None = None) -> None:
    """Set logging up for this process, replacing what was set up before.

    Start uvicorn with ``log_config=None`` afterwards, so that its records come here.

    Args:
        level: the lowest level shown.
        stream: where lines go; standard error unless given.
        json: one JSON object a line; unless given, when the stream is not a terminal.
    """
    stream = sys.stderr if stream is None else stream
    json = not stream.isatty() if json is None else json
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    last: list[structlog.typing.Processor]
    if json:
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        last = [
            structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        _Hiding(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=shared,
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    _hide_fields,
                    *last,
                ],
            )
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in UVICORN_LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        if not any(isinstance(known, HideQuery) for known in logger.filters):
            logger.addFilter(HideQuery())
