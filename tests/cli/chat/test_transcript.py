"""What there is to show: every event once, whatever way it came; drafts never outlive their turn."""

from typing import Any

import pytest

from shipanion.cli.chat.transcript import Transcript
from shipanion.client import Attached, Deliver, Delta, Failed, Position, Recovered, Refused, Snapshot, TurnText

Event = dict[str, Any]


def said(offset: int, text: str, *, id: str = "m", device: str = "here", turn: str = "t1") -> Event:
    by = {"role": "owner", "name": "Guest", "device": device}
    return {"type": "user_message", "offset": offset, "at": 1, "by": by, "id": id, "text": text, "turn_id": turn}


def answered(offset: int, text: str, turn: str = "t1") -> Event:
    return {"type": "agent_message", "offset": offset, "at": 1, "text": text, "turn_id": turn}


def ended(offset: int, outcome: str = "completed", turn: str = "t1") -> Event:
    return {"type": "turn_ended", "offset": offset, "at": 1, "outcome": outcome, "turn_id": turn}


def deliver(event: Event, epoch: str = "e") -> Deliver:
    return Deliver(position=Position(epoch, event["offset"]), event=event)


@pytest.fixture
def transcript() -> Transcript:
    return Transcript("here")


def shown(entries: list[Any]) -> list[tuple[str, str]]:
    return [(entry.who, entry.text) for entry in entries]


def test_a_turn_from_its_message_to_its_end(transcript: Transcript) -> None:
    transcript.texts["m"] = "5 lb"
    assert shown(transcript.take(deliver(said(1, "5 lb")))) == [("you", "5 lb")]
    assert (transcript.running, transcript.turn_of, transcript.texts) == ("t1", {"m": "t1"}, {})
    assert transcript.take(Delta(turn_id="t1", piece="Le", text="Le")) == []
    assert transcript.draft == "Le"
    assert shown(transcript.take(deliver(answered(2, "Let me see.\n")))) == [("bob", "Let me see.")]
    assert transcript.draft == ""
    assert transcript.running == "t1"
    assert transcript.take(deliver(ended(3))) == []
    assert transcript.ended == {"t1": "completed"}
    assert not transcript.running


def test_other_devices_are_told_apart(transcript: Transcript) -> None:
    assert transcript.take(deliver(said(1, "x", device="phone")))[0].who == "elsewhere"


@pytest.mark.parametrize(("outcome", "word"), [("stopped", "Stopped"), ("interrupted", "ask again"), ("failed", "Bob")])
def test_a_turn_that_did_not_complete_says_so(transcript: Transcript, outcome: str, word: str) -> None:
    (entry,) = transcript.take(deliver(ended(1, outcome)))
    assert word in entry.text
    assert entry.outcome == outcome


def test_the_past_and_the_present_show_each_event_once(transcript: Transcript) -> None:
    past = [said(1, "a"), answered(2, "b"), ended(3)]
    assert len(transcript.past(past, Position("e", 3))) == 2
    for event in past:
        assert transcript.take(deliver(event)) == []
    assert transcript.past(past, Position("e", 3)) == []
    assert shown(transcript.take(deliver(said(4, "c")))) == [("you", "c")]


def test_a_snapshot_shows_what_was_not_shown_and_says_why(transcript: Transcript) -> None:
    transcript.take(deliver(said(1, "a")))
    tail = [said(1, "a"), answered(2, "b")]
    snapshot = Snapshot(position=Position("e", 2), state={}, tail=tail, reason="limit")
    assert [entry.who for entry in transcript.take(snapshot)] == ["warning", "bob"]
    assert transcript.take(deliver(answered(2, "b"))) == []
    fresh = Snapshot(position=Position("another", 1), state={}, tail=[said(1, "z")], reason="epoch")
    warning, entry = transcript.take(fresh)
    assert "may be missing" in warning.text
    assert entry.text == "z"


def test_a_new_connection_forgets_the_draft(transcript: Transcript) -> None:
    transcript.take(Delta(turn_id="t1", piece="a", text="a b c"))
    transcript.take(Attached(session_id="s"))
    assert transcript.draft == ""
    transcript.take(TurnText(turn_id="t1", text="a b"))
    assert (transcript.draft, transcript.running) == ("a b", "t1")
    transcript.take(deliver(ended(1, "interrupted")))
    assert (transcript.draft, transcript.running) == ("", None)


def test_queued_turns_are_answered_in_order(transcript: Transcript) -> None:
    transcript.take(deliver(said(1, "a", id="1", turn="t1")))
    transcript.take(deliver(said(2, "b", id="2", turn="t2")))
    assert transcript.running == "t1"
    transcript.take(deliver(ended(3, turn="t1")))
    assert transcript.running == "t2"


def test_what_was_refused_is_shown_with_what_was_said(transcript: Transcript) -> None:
    transcript.texts["m"] = "long"
    (entry,) = transcript.take(Failed(id="m", code="too_large", message="Too large."))
    assert entry.who == "warning"
    assert entry.text == "Too large. This was not sent: long"
    assert "m" not in transcript.texts
    assert shown(transcript.take(Refused(code="x", message="No.", temporary=False))) == [("warning", "No.")]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"type": "contextual_update", "text": "quote_ready", "data": {"message": "Quote ready"}}, ["Quote ready"]),
        ({"type": "contextual_update", "text": "x_result", "data": {"message": "Quote ready"}}, []),
        ({"type": "contextual_update", "text": "x_result", "data": {"message": "No", "is_error": True}}, ["No"]),
        ({"type": "contextual_update", "text": "quote_ready", "data": None}, []),
        ({"type": "state_changed", "patch": {"title": "Books"}}, ["Title: Books"]),
        (
            {"type": "state_changed", "patch": {"title": None, "shipping_details": {}}},
            ["The title is gone.", "Details"],
        ),
        ({"type": "state_changed"}, []),
        ({"type": "never_heard_of"}, []),
    ],
)
def test_what_else_happens(transcript: Transcript, event: Event, words: list[str]) -> None:
    entries = transcript.take(deliver({**event, "offset": 1, "at": 1}))
    assert len(entries) == len(words)
    for entry, word in zip(entries, words, strict=True):
        assert entry.who == "event"
        assert word in entry.text


def test_what_is_nothing_to_show(transcript: Transcript) -> None:
    assert transcript.take(Recovered(count=3)) == []
