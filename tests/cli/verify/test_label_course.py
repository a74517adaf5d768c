"""The run about labels against real servers: it meets what the checks look at, and buys nothing that costs money."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from shipanion.cli.verify.check import examine
from shipanion.cli.verify.command import LABEL_CHECKS
from shipanion.cli.verify.history import History
from shipanion.cli.verify.label_course import LabelCourse
from tests.cli.verify.tampering import failures
from tests.support.buying_shop import BuyingStart, Shop
from tests.support.easypost_double import EasyPostDouble
from tests.support.server_process import ServerProcess


def test_a_good_server_passes_everything(labels: History) -> None:
    assert failures(labels) == set()
    assert {finding.ok for finding in examine(labels, LABEL_CHECKS)} == {True}
    assert not labels.ended
    assert [str(entry) for entry in labels.entries if entry.what == "missed"] == []


def test_it_is_cut_off_before_the_first_answer(labels: History) -> None:
    assert labels.of("page", "cut")
    assert not list(labels.find("page", "client_tool_result", tool_name="create_label"))
    calls = [call["client_tool_call"]["tool_call_id"] for call in labels.sent("page-again", "client_tool_call")]
    assert calls[0] == labels.id("l1"), "the same id again, on the connection after the cut"


def test_no_token_and_no_file_is_written_down(labels: History) -> None:
    told = "".join(str(entry.frame) for entry in labels.entries)
    assert "eyJ" not in told
    assert "%PDF" not in told


async def test_nothing_there_to_connect_to() -> None:
    history = await LabelCourse("ws://127.0.0.1:1/ws", "t", None, History(), files="http://127.0.0.1:1").run()
    assert "No WebSocket" in history.ended
    assert len([finding for finding in examine(history, LABEL_CHECKS) if finding.ok is False]) == len(LABEL_CHECKS)


async def test_a_refused_token(verified_server: ServerProcess) -> None:
    course = LabelCourse(verified_server.socket_url, "no-token", None, History(), files=verified_server.url)
    assert "no welcome" in (await course.run()).ended


@pytest.fixture(scope="module")
def costly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EasyPostDouble, History]]:
    """A run where labels cost money, and the carrier's book after it."""
    with EasyPostDouble("production") as double, BuyingStart() as start:
        shop = Shop(Path(tmp_path_factory.mktemp("costly")), double.url, start)
        with shop.server as server:
            course = LabelCourse(server.socket_url, server.guest(), server.guest(), History(), files=server.url)
            yield double, asyncio.run(course.run())


def test_where_labels_cost_money_none_is_bought(costly: tuple[EasyPostDouble, History]) -> None:
    double, history = costly
    assert not history.ended
    assert list(double.calls("create")), "it did ask for quotes"
    assert list(double.calls("buy")) == []
    assert not [event for event in history.log().values() if event["type"] == "effect_changed"]


def test_where_labels_cost_money_it_says_so_and_passes(costly: tuple[EasyPostDouble, History]) -> None:
    _, history = costly
    found = {finding.check.id: (finding.ok, finding.seen) for finding in examine(history, LABEL_CHECKS)}
    assert found.pop("one-answer") == (True, "declined on two connections: 1 counted, 1 refused; 0 bought")
    assert set(found.values()) == {(None, "not checked: labels cost money here")}
