"""The tables of the SQLite store, as SQL. ``migrations`` says which program made which of them.

Events are appended by rowid and found through an index: a table clustered by session would dirty another page
for every session written to. A command's id stands in its event's row, so that remembering it costs no second
table. docs/decisions/0004-sqlite-layout.md has the reasons and the figures.
"""

from typing import Final

__all__ = ["FIRST", "SECOND", "THIRD"]

FIRST: Final = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    # --- people: an account's name is unique without case (``folded``), a guest's is not unique at all
    """
    CREATE TABLE users (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        folded TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('guest', 'account')),
        password_hash TEXT,
        version INTEGER NOT NULL,
        disabled INTEGER NOT NULL,
        at INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX users_named ON users (folded) WHERE kind = 'account'",
    # --- sessions: ``key`` is the short name other tables use, ``client_key`` the client's own
    """
    CREATE TABLE sessions (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        owner TEXT NOT NULL,
        epoch TEXT NOT NULL,
        at INTEGER NOT NULL,
        client_key TEXT,
        title TEXT
    )
    """,
    "CREATE INDEX sessions_owned ON sessions (owner)",
    "CREATE UNIQUE INDEX sessions_keyed ON sessions (owner, client_key) WHERE client_key IS NOT NULL",
    # --- the log: ``author`` is the encoded participant
    """
    CREATE TABLE events (
        place INTEGER PRIMARY KEY,
        session INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        type TEXT NOT NULL,
        author BLOB NOT NULL,
        at INTEGER NOT NULL,
        id TEXT,
        digest BLOB,
        body BLOB NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX events_placed ON events (session, offset)",
    "CREATE UNIQUE INDEX events_named ON events (session, id) WHERE id IS NOT NULL",
    # --- ids of commands that made no event, with the offset that answers them
    """
    CREATE TABLE commands (
        session INTEGER NOT NULL,
        id TEXT NOT NULL,
        digest BLOB,
        offset INTEGER NOT NULL,
        PRIMARY KEY (session, id)
    ) WITHOUT ROWID
    """,
    # --- the shared state as of ``offset``, written now and then
    "CREATE TABLE states (session INTEGER PRIMARY KEY, offset INTEGER NOT NULL, state BLOB NOT NULL)",
    # --- turns: ``message`` is the offset of the message answered, ``ending`` the offset that ended it
    """
    CREATE TABLE turns (
        place INTEGER PRIMARY KEY,
        session INTEGER NOT NULL,
        id TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'ended')),
        owner TEXT,
        fence INTEGER NOT NULL,
        message INTEGER NOT NULL,
        text TEXT NOT NULL,
        next_index INTEGER NOT NULL,
        outcome TEXT,
        ending INTEGER NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX turns_named ON turns (session, id)",
    "CREATE UNIQUE INDEX turns_running ON turns (session) WHERE status = 'running'",
    "CREATE INDEX turns_open ON turns (session) WHERE status != 'ended'",
    # --- tool calls: ``offset`` is the call's event, ``result`` its result's, NULL while there is none
    """
    CREATE TABLE calls (
        place INTEGER PRIMARY KEY,
        session INTEGER NOT NULL,
        id TEXT NOT NULL,
        tool_name TEXT NOT NULL,
        owner TEXT NOT NULL,
        turn TEXT,
        offset INTEGER NOT NULL,
        result INTEGER
    )
    """,
    "CREATE UNIQUE INDEX calls_named ON calls (session, id)",
    "CREATE INDEX calls_open ON calls (session) WHERE result IS NULL",
    # --- what one device keeps; a write replaces the row, so that rowid is the order of writing
    """
    CREATE TABLE devices (
        place INTEGER PRIMARY KEY,
        session INTEGER NOT NULL,
        device TEXT NOT NULL,
        state BLOB,
        seen_epoch TEXT,
        seen_offset INTEGER,
        at INTEGER NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX devices_named ON devices (session, device)",
)

SECOND: Final = (
    # --- what a person is asked: ``decision`` is NULL while they are, ``ended_at`` (ms) says when that ended
    """
    CREATE TABLE approvals (
        place INTEGER PRIMARY KEY,
        session INTEGER NOT NULL,
        id TEXT NOT NULL,
        expires_at INTEGER NOT NULL,
        decision TEXT CHECK (decision IN ('approved', 'declined', 'expired', 'cancelled')),
        ended_at INTEGER
    )
    """,
    "CREATE UNIQUE INDEX approvals_named ON approvals (session, id)",
    "CREATE UNIQUE INDEX approvals_open ON approvals (session) WHERE decision IS NULL",
    "CREATE INDEX approvals_due ON approvals (expires_at) WHERE decision IS NULL",
    # --- what is done outside: nobody holds an intent beside another, and whatever is open holds its own
    """
    CREATE TABLE effects (
        place INTEGER PRIMARY KEY,
        session INTEGER NOT NULL,
        id TEXT NOT NULL,
        intent TEXT NOT NULL,
        kind TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('claimed', 'unknown', 'settled', 'failed')),
        owner TEXT NOT NULL,
        fence INTEGER NOT NULL,
        at INTEGER NOT NULL,
        call TEXT,
        held INTEGER NOT NULL CHECK (held = (status != 'failed') OR (held = 0 AND status = 'settled')),
        request BLOB NOT NULL,
        outcome BLOB
    )
    """,
    "CREATE UNIQUE INDEX effects_named ON effects (session, id)",
    "CREATE UNIQUE INDEX effects_held ON effects (session, intent) WHERE held",
    "CREATE INDEX effects_open ON effects (at) WHERE status IN ('claimed', 'unknown')",
    "CREATE INDEX effects_standing ON effects (status, at)",
    # --- files: the body stands last, so that reading the rest never touches its pages
    """
    CREATE TABLE documents (
        place INTEGER PRIMARY KEY,
        session INTEGER NOT NULL,
        id TEXT NOT NULL UNIQUE,
        media_type TEXT NOT NULL,
        name TEXT NOT NULL,
        body BLOB NOT NULL
    )
    """,
)

THIRD: Final = (
    # --- put away by its owner: not in the list of their sessions until they look for it or go on with it
    "ALTER TABLE sessions ADD COLUMN archived INTEGER NOT NULL DEFAULT 0",
)
