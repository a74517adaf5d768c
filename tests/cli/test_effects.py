"""``shipanion effects``: the ledger as whoever runs the server sees it."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from shipanion.cli import app
from shipanion.cli.effects import columns, line_of
from shipanion.stores.base import Committed, EffectRow, Step
from shipanion.stores.sqlite import SqliteStore
from tests.support.pseudo_terminal import PseudoTerminal
from tests.support.server_process import ServerProcess
from tests.support.store_steps import claims, make_session, one, settles

AT = 1_783_850_400_000  # 2026-07-12T10:00:00Z
ADDRESS = {"name": "Ann Example", "street": "12 Main St", "unit": "4b", "city": "Beverly Hills", "state": "CA"}
ORDER = {
    "reference": "purchase-1",
    "shipment_id": "shipment-1",
    "anchor": "shipment-1",
    "quote_id": "q1",
    "carrier": "USPS",
    "service": "Ground Advantage",
    "cost": 1265,
    "details": {
        "from": "90210-1234",
        "from_place": "Beverly Hills, CA",
        "to": "10001",
        "to_place": "New York, NY",
        "weight_lbs": 5,
        "sender": {**ADDRESS, "zip": "90210-1234"},
        "recipient": {**ADDRESS, "zip": "10001"},
    },
    "transit_days": 5,
    "at": AT,
}
BOUGHT = {"tracking_number": "SAMPLE-123", "cost": 1265, "sample": True, "purchase_id": "p1"}
VOID = {
    "label_id": "label-1",
    "tracking_number": "SAMPLE-123",
    "carrier": "USPS",
    "service": "Ground Advantage",
    "cost": 12.65,
    "is_sample": True,
}


def row(request: Any, outcome: Any = None, **fields: Any) -> EffectRow:
    given: dict[str, Any] = {
        "session_id": "s1",
        "effect_id": "x1",
        "intent": "purchase of shipment-1",
        "kind": "buy",
        "status": "settled",
        "owner": "boot",
        "fence": 1,
        "at": AT,
        "call_id": None,
        "held": True,
    }
    return EffectRow(
        request=request if isinstance(request, bytes) else msgspec.json.encode(request),
        outcome=outcome if isinstance(outcome, bytes | None) else msgspec.json.encode(outcome),
        **(given | fields),
    )


def what(request: Any, outcome: Any = None) -> str:
    return line_of(row(request, outcome)).split("\t")[4]


# --- a line


def test_a_purchase_as_a_line() -> None:
    assert line_of(row({"order": ORDER, "resend_until": AT}, BOUGHT)).split("\t") == [
        "2026-07-12T10:00:00Z",
        "settled",
        "buy",
        "s1",
        "USPS Ground Advantage $12.65 90210→10001 SAMPLE-123",
        "x1",
    ]


def test_a_void_has_dollars_where_an_order_has_cents() -> None:
    assert what(VOID, {"refund": "not_applicable"}) == "USPS Ground Advantage $12.65 SAMPLE-123"


@pytest.mark.parametrize(
    ("request_", "outcome", "expected"),
    [
        ({"order": ORDER}, {"message": "no answer in time"}, "USPS Ground Advantage $12.65 90210→10001"),
        ({"order": ORDER}, b"", "USPS Ground Advantage $12.65 90210→10001"),
        ({"order": ORDER}, b"\xff{", "USPS Ground Advantage $12.65 90210→10001"),
        ({"order": {"carrier": "UPS", "details": {"from": "90210"}}}, None, "UPS"),
        ({"order": {"details": {"from": {"name": "Ann"}, "to": "12 Main St"}, "cost": "5"}}, None, ""),
        ({"order": {"cost": True}}, None, ""),
        ({"order": ["USPS"], "carrier": "UPS"}, None, "UPS"),
        ({"carrier": "U\tP\nS\x1b[2J", "service": "x" * 500}, None, f"U P S\ufffd[2J {'x' * 60}"),
        ({"cost": 1e308}, None, ""),
        (b'{"cost": 1' + b"0" * 5_000 + b"}", None, ""),
        (b"[" * 100_000, None, ""),
        (b"null", b"[]", ""),
        (b"", None, ""),
    ],
)
def test_what_is_not_known_is_left_out(request_: Any, outcome: Any, expected: str) -> None:
    assert what(request_, outcome) == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*ORDER, *VOID, "order", "from", "to"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(JSON, JSON, st.text(), st.text())
def test_whatever_is_in_the_ledger_is_one_line_of_six_cells(
    request_: Any, outcome: Any, kind: str, session: str
) -> None:
    line = line_of(row(request_, outcome, kind=kind, session_id=session))
    assert line.count("\t") == 5
    assert len(line.splitlines()) == 1
    assert line.replace("\t", " ").isprintable()


@given(st.binary())
def test_bytes_that_are_no_json_are_one_too(request_: bytes) -> None:
    assert line_of(row(request_, request_)).count("\t") == 5


# --- the command


def run(*arguments: str, store: str) -> tuple[int, str, str]:
    answer = CliRunner().invoke(app, ["effects", *arguments, "--store", store])
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer.exit_code, answer.stdout, answer.stderr


async def fill(file: Path) -> None:
    """Five effects of two sessions, in every status, beside whoever has the file."""
    store = SqliteStore(file, serve=False)
    await store.open()
    for session_id in ("s1", "s2"):
        await make_session(store, session_id)
    bought = msgspec.json.encode(BOUGHT)
    order = msgspec.json.encode({"order": ORDER, "resend_until": AT})
    void = msgspec.json.encode(VOID)
    steps: list[Step] = [
        claims("buy-1", kind="buy", intent="a", request=order, at=AT),
        settles("buy-1", "settled", outcome=bought),
        claims("void-1", kind="void", intent="b", request=void, at=AT + 1_000),
        settles("void-1", "failed", outcome=b'{"message": "no"}'),
        claims("buy-2", session_id="s2", kind="buy", intent="c", request=order, at=AT + 4_000),
        settles("buy-2", "unknown", session_id="s2", outcome=b'{"message": "no answer in time"}'),
        claims("buy-3", kind="buy", intent="d", request=order, at=AT + 2_000),
    ]
    for step in steps:
        assert isinstance(await one(store, step), Committed)
    await store.close()


@pytest.fixture
def store(tmp_path: Path) -> str:
    asyncio.run(fill(tmp_path / "s.db"))
    return f"sqlite:///{tmp_path}/s.db"


def ids(out: str) -> list[str]:
    return [line.split("\t")[5] for line in out.splitlines()]


def test_the_newest_comes_first_and_nobody_is_named(store: str) -> None:
    code, out, err = run(store=store)
    assert (code, err) == (0, "")
    assert [line.split("\t")[1:3] for line in out.splitlines()] == [
        ["unknown", "buy"],
        ["claimed", "buy"],
        ["failed", "void"],
        ["settled", "buy"],
    ]
    assert ids(out) == ["buy-2", "buy-3", "void-1", "buy-1"]
    for word in ("Ann", "Main", "4b", "Beverly", "New York", "1234", "intent"):
        assert word not in out.replace("SAMPLE-123", "")


def test_those_that_nobody_knows_the_outcome_of(store: str) -> None:
    code, out, err = run("--unknown", store=store)
    assert (code, ids(out)) == (0, ["buy-2", "buy-3"])
    assert len(err.splitlines()) == 1
    assert "nobody knows" in err
    assert "the server asks the other end by itself" in err
    code, out, err = run("--unknown", "--limit", "1", store=store)
    assert (code, ids(out)) == (0, ["buy-2"])


def test_as_many_as_were_asked_for(store: str) -> None:
    assert ids(run("--limit", "2", store=store)[1]) == ["buy-2", "buy-3"]
    for wrong in ("0", "-1", "banana", "9" * 30):
        assert run("--limit", wrong, store=store)[0] == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [([], "Nothing was done outside yet"), (["--unknown"], "nothing whose outcome nobody knows")],
)
def test_an_empty_ledger_is_told_beside_what_programs_read(tmp_path: Path, arguments: list[str], words: str) -> None:
    code, out, err = run(*arguments, store=f"sqlite:///{tmp_path}/s.db")
    assert (code, out) == (0, "")
    assert words in err
    assert len(err.splitlines()) == 1


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert columns(["a\tbb\tc", "aaa\tb\t"]) == ["a    bb  c", "aaa  b"]


async def test_on_a_terminal_there_is_a_header(tmp_path: Path) -> None:
    await fill(tmp_path / "s.db")
    async with PseudoTerminal("effects", "--store", f"sqlite:///{tmp_path}/s.db", columns=160, rows=20) as terminal:
        await terminal.until(lambda screen: any("buy-1" in line for line in screen.lines()))
        header, *rows = terminal.screen.lines()
        assert header.split() == ["time", "status", "kind", "session", "what", "effect", "id"]
        assert len(rows) == 4
        assert all(header.find("kind") in (row.find("buy "), row.find("void ")) for row in rows)


@pytest.mark.parametrize(
    ("store", "words"), [("memory:", "keeps no ledger"), ("sqlite:////nowhere/at/all.db", "which is not a folder")]
)
def test_a_store_that_cannot_be_used(store: str, words: str) -> None:
    code, out, err = run(store=store)
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.splitlines()) == 1


def test_it_works_beside_a_running_server_and_on_a_terminal_that_knows_no_arrow(tmp_path: Path) -> None:
    with ServerProcess(tmp_path) as server:
        asyncio.run(fill(server.file))
        done = subprocess.run(
            [sys.executable, "-m", "shipanion", "effects", "--data", str(server.data)],
            capture_output=True,
            timeout=30,
            env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"},
        )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.splitlines()[-1] == (
        b"2026-07-12T10:00:00Z\tsettled\tbuy\ts1\tUSPS Ground Advantage $12.65 90210?10001 SAMPLE-123\tbuy-1"
    )
