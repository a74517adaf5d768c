"""Step 3: what must hold for whoever was cut off or left, and came back."""

from typing import Final

from shipanion.cli.verify.check import Check, Wrong
from shipanion.cli.verify.history import History, Json
from shipanion.cli.verify.on_connect import BARE_FIRST, never_reached
from shipanion.cli.verify.on_messages import acks_of

__all__ = ["CHECKS", "resumed"]


def resumed(history: History, line: str) -> tuple[Json, int]:
    """Hold the resume of a line to what it claimed: its welcome, and how many events it was sent in answer.

    It must be recovered at the claimed position; what was replayed must be what it missed, each once, without a gap.
    """
    claimed = history.opening(line).get("query", {})
    welcome = history.welcome(line)
    if welcome is None:
        first = history.of(line, "got", "closed")[:1]
        raise Wrong(f"{line} was not welcomed", *first) if first else never_reached(history, "the welcome")
    if welcome["outcome"] != "recovered":
        raise Wrong(f"{line} was not recovered but got a {welcome['outcome']}", claimed, welcome)
    position = {"epoch": claimed["epoch"], "offset": claimed["offset"]}
    if welcome["position"] != position:
        raise Wrong(f"{line} was put at another position than its own", claimed, welcome)
    start, replayed = position["offset"], welcome["replayed"]
    # Everything that anybody had been sent before this connection was opened was surely committed by then.
    missed = history.head_before(line) - start
    if replayed < missed:
        raise Wrong(f"{line} missed at least {missed} events, and {replayed} were announced", welcome)
    wanted = list(range(start + 1, start + replayed + 1))
    got = [event["offset"] for event in history.events(line) if event["offset"] <= start + replayed]
    if got != wanted:
        lost = sorted(set(wanted) - set(got))
        twice = sorted({offset for offset in got if got.count(offset) > 1})
        words = f"{line} was to get {_span(wanted)}; "
        words += f"missing: {lost}" if lost else f"twice: {twice}" if twice else f"got {got}"
        raise Wrong(words, welcome)
    return welcome, replayed


def _after_a_cut(history: History) -> str:
    _, replayed = resumed(history, "back")
    if not replayed:
        raise Wrong("nothing was missed, so nothing was shown")
    return f"cut in mid-answer; recovered, {replayed} missed events replayed in order"


def _after_a_goodbye(history: History) -> str:
    _, replayed = resumed(history, "back-again")
    if not replayed:
        raise Wrong("nothing was missed, so nothing was shown")
    return f"left with 1000; recovered, {replayed} replayed"


def _the_answer_goes_on(history: History) -> str:
    welcome, _ = resumed(history, "page-again")
    said = next(history.find("page", "user_message", id=history.id("m2")), None)
    if said is None:
        raise never_reached(history, "the message")
    turn = said["turn_id"]
    answer = next(history.find("page-again", "agent_message", turn_id=turn), None)
    end = next(history.find("page-again", "turn_ended", turn_id=turn), None)
    if answer is None or end is None:
        raise never_reached(history, "the rest of the answer")
    if end["outcome"] != "completed":
        raise Wrong(f"the disconnect ended the turn: {end['outcome']}", end)
    draft = welcome.get("turn")
    if draft is None:
        raise Wrong("the welcome says nothing of the running turn", welcome)
    pieces = list(history.find("page-again", "agent_delta", turn_id=turn))
    indices = [piece["index"] for piece in pieces]
    if indices != list(range(draft["next_index"], draft["next_index"] + len(pieces))):
        raise Wrong(f"after next_index {draft['next_index']} came the pieces {indices[:6]}", welcome)
    if draft["text"] + "".join(piece["text"] for piece in pieces) != answer["text"]:
        raise Wrong("the text so far and the later pieces do not make the message", welcome, answer)
    before = len(list(history.find("page", "agent_delta", turn_id=turn)))
    return f"cut after {before} pieces; text so far, then {len(pieces)} more, make the message"


def _sent_twice_done_once(history: History) -> str:
    id = history.id("u2")
    acks = acks_of(history, "page-again").get(id, [])
    events = [event for event in history.log().values() if event.get("id") == id]
    if not acks:
        raise never_reached(history, "the ack of the repeated command")
    if len(events) != 1:
        raise Wrong(f"it is in the log {len(events)} times", *events)
    if acks[0]["offset"] != events[0]["offset"]:
        raise Wrong("the ack points elsewhere", acks[0], events[0])
    first = "the cut one had arrived" if acks[0]["duplicate"] else "the cut one had not arrived"
    return f"one event, at {events[0]['offset']}; {first}"


def _plain_gets_no_replay(history: History) -> str:
    got = history.of("bare-again", "got")
    if not got:
        raise never_reached(history, "the answer to its first request")
    if got[0].frame.get("type") != BARE_FIRST["bare-again"]:
        raise Wrong(f"it was sent {got[0].frame.get('type')} before anything it asked for", got[0])
    return "the first frame was the answer to its request"


def _span(offsets: list[int]) -> str:
    return f"{offsets[0]} to {offsets[-1]}" if offsets else "nothing"


CHECKS: Final = [
    Check("resume-cut", 3, "TCP cut in mid-answer, back later", "recovered: what was missed, once each", _after_a_cut),
    Check("turn-goes-on", 3, "TCP cut in mid-answer, back at once", "the same answer goes on", _the_answer_goes_on),
    Check("resume-close", 3, "Clean goodbye, back later", "recovered: what was missed, once each", _after_a_goodbye),
    Check("unacked", 3, "A command cut off before its ack, again", "done once", _sent_twice_done_once),
    Check("plain-return", 3, "A plain client comes back", "nothing is sent until it asks", _plain_gets_no_replay),
]
