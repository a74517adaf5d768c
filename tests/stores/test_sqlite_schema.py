"""The tables refuse by themselves what must never be, should a check ever be missing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import chain

import pytest

from shipanion.stores.migrations import VERSIONS


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in chain(*VERSIONS):
            connection.execute(statement)
        yield connection


EVENT = "INSERT INTO events (session, offset, type, author, at, id, body) VALUES (?, ?, 't', x'', 1, ?, x'')"
TURN = (
    "INSERT INTO turns (session, id, status, fence, message, text, next_index, ending) VALUES (?, ?, ?, 0, 1, '', 0, 0)"
)
CALL = "INSERT INTO calls (session, id, tool_name, owner, offset) VALUES (?, ?, 't', 'o', 1)"
USER = "INSERT INTO users VALUES (?, 'n', ?, ?, NULL, 1, 0, 1)"
SESSION = "INSERT INTO sessions (id, owner, epoch, at, client_key) VALUES (?, ?, 'e', 1, ?)"

APPROVAL = "INSERT INTO approvals (session, id, expires_at, decision) VALUES (?, ?, 1, ?)"
EFFECT = (
    "INSERT INTO effects (session, id, intent, kind, status, owner, fence, at, held, request) "
    "VALUES (?, ?, ?, 'k', ?, 'o', 1, 1, ?, x'')"
)
DOCUMENT = "INSERT INTO documents (session, id, media_type, name, body) VALUES (?, ?, 't', 'n', x'')"


@pytest.mark.parametrize(
    ("statement", "there", "allowed", "refused"),
    [
        (EVENT, (1, 1, "c1"), [(1, 2, "c2"), (2, 1, "c1"), (1, 3, None), (1, 4, None)], [(1, 1, None), (1, 9, "c1")]),
        (TURN, (1, "t1", "running"), [(1, "t2", "queued"), (2, "t1", "running")], [(1, "t3", "running")]),
        (TURN, (1, "t1", "ended"), [(1, "t2", "ended")], [(1, "t1", "queued"), (1, "t4", "unheard of")]),
        (CALL, (1, "k1"), [(1, "k2"), (2, "k1")], [(1, "k1")]),
        (USER, ("u1", "ann", "account"), [("g1", "ann", "guest"), ("g2", "ann", "guest")], [("u2", "ann", "account")]),
        (
            APPROVAL,
            (1, "a1", None),
            [(1, "a2", "approved"), (1, "a3", "expired"), (2, "a1", None)],
            [(1, "a4", None), (1, "a1", "declined"), (1, "a5", "unheard of")],
        ),
        *(
            (
                EFFECT,
                (1, "x1", "i", holding, 1),
                [
                    (1, "x2", "i", "failed", 0),
                    (1, "x3", "i", "settled", 0),
                    (1, "x4", "j", "claimed", 1),
                    (2, "x1", "i", "claimed", 1),
                ],
                [
                    *((1, "x5", "i", status, 1) for status in ("claimed", "unknown", "settled")),
                    (1, "x1", "k", "claimed", 1),
                    (1, "x6", "k", "unheard of", 1),
                    (1, "x7", "k", "failed", 1),
                    (1, "x8", "k", "claimed", 0),
                    (1, "x9", "k", "unknown", 0),
                    (1, "x10", "k", "settled", 2),
                ],
            )
            for holding in ("claimed", "unknown", "settled")
        ),
        (DOCUMENT, (1, "d1"), [(1, "d2")], [(1, "d1"), (2, "d1")]),
        (SESSION, ("s1", "u1", "k"), [("s2", "u2", "k"), ("s3", "u1", None)], [("s1", "u2", None), ("s4", "u1", "k")]),
    ],
)
def test_what_is_unique(
    connection: sqlite3.Connection,
    statement: str,
    there: tuple[object, ...],
    allowed: list[tuple[object, ...]],
    refused: list[tuple[object, ...]],
) -> None:
    connection.execute(statement, there)
    for row in allowed:
        connection.execute(statement, row)
    for row in refused:
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement, row)
