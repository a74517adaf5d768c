"""What must hold of a session's log, checked afterwards on the events that clients were sent."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tests.support.wire import Json, merged

__all__ = ["calls_and_results", "contiguous", "folded", "ids_of", "ids_once", "open_turns", "turns_end_once"]


def contiguous(events: Sequence[Json], after: int) -> None:
    """The offsets are after+1, after+2, … without a gap and without a repeat (I1)."""
    offsets = [event["offset"] for event in events]
    assert offsets == list(range(after + 1, after + 1 + len(events))), f"after {after}: {offsets}"


def folded(state: Any, events: Iterable[Json]) -> Any:
    """The state that these events' patches lead to (I7)."""
    for event in events:
        state = merged(state, event.get("patch", {}))
    return state


def ids_of(events: Iterable[Json], kind: str) -> list[str]:
    """The command ids of the events of one type, in log order."""
    return [event["id"] for event in events if event["type"] == kind and "id" in event]


def ids_once(events: Iterable[Json]) -> None:
    """No command is in the log twice (I5)."""
    twice = [id for id, count in Counter(event["id"] for event in events if "id" in event).items() if count > 1]
    assert not twice, f"in the log more than once: {twice}"


def open_turns(events: Iterable[Json]) -> list[str]:
    """The turns that a message asked for and nothing ended yet, in order."""
    asked: dict[str, None] = {}
    for event in events:
        if event["type"] == "user_message":
            asked[event["turn_id"]] = None
        elif event["type"] == "turn_ended":
            asked.pop(event["turn_id"], None)
    return list(asked)


def turns_end_once(events: Sequence[Json]) -> Counter[str]:
    """Every message of a whole log has its turn, and every turn exactly one end, after its message (I10).

    Returns how many turns had which outcome.
    """
    asked = [event["turn_id"] for event in events if event["type"] == "user_message"]
    ended = [event["turn_id"] for event in events if event["type"] == "turn_ended"]
    assert len(set(asked)) == len(asked)
    assert Counter(asked) == Counter(ended), f"asked {len(asked)}, ended {len(ended)}"
    assert not open_turns(events), "a turn ended before it was asked for"
    return Counter(event["outcome"] for event in events if event["type"] == "turn_ended")


def calls_and_results(events: Iterable[Json]) -> list[tuple[Json, Json]]:
    """Every tool call of a whole log with its one result, in the order of the calls."""
    calls: dict[str, Json] = {}
    results: dict[str, Json] = {}
    for event in events:
        if event["type"] == "client_tool_call":
            calls[event["client_tool_call"]["tool_call_id"]] = event
        elif event["type"] == "client_tool_result":
            assert event["tool_call_id"] not in results, f"{event['tool_call_id']} has two results"
            assert event["tool_call_id"] in calls, f"{event['tool_call_id']} has a result before it was called"
            results[event["tool_call_id"]] = event
    assert calls.keys() == results.keys(), f"without a result: {sorted(calls.keys() - results.keys())}"
    return [(call, results[id]) for id, call in calls.items()]
