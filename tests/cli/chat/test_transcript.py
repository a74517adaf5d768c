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


def edited(offset: int, role: str = "agent") -> Event:
    patch = {"shipping_details": {"weight_lbs": 5}}
    return {"type": "state_changed", "offset": offset, "at": 1, "by": {"role": role, "device": "phone"}, "patch": patch}


def test_what_bob_notes_he_says_himself(transcript: Transcript) -> None:
    entries = through(transcript, said(1, "5 lb"), edited(2), answered(3, "Noted: 5 lb."), ended(4))
    assert shown(entries) == [("you", "5 lb"), ("bob", "Noted: 5 lb.")]
    interrupted = through(transcript, said(5, "5 lb", turn="t2"), edited(6), ended(7, "failed", "t2"))
    assert ("event", "Details noted.") in shown(interrupted), "he did not come to say so"


def test_what_a_person_changes_on_another_device_is_told_at_once(transcript: Transcript) -> None:
    assert shown(through(transcript, said(1, "hi"), edited(2, "owner")))[1:] == [("event", "Details noted.")]


def test_what_is_nothing_to_show(transcript: Transcript) -> None:
    assert transcript.take(Recovered(count=3)) == []


# --- questions, and what came of them -------------------------------------------------------------------------------

QUESTION = "Shall I make the sample label?"


def asked(offset: int, id: str = "a1") -> Event:
    return {
        "type": "approval_requested", "offset": offset, "at": 1, "approval_id": id, "expires_at": 9,
        "text": f"{QUESTION} Say yes or no.", "data": {"kind": "buy", "price": 26.05},
    }  # fmt: skip


def resolved(offset: int, decision: str = "approved", device: str = "here") -> Event:
    by = {"role": "owner", "device": device}
    return {
        "type": "approval_resolved", "offset": offset, "at": 1, "by": by, "approval_id": "a1", "decision": decision,
    }  # fmt: skip


def effect(offset: int, status: str, say: str | None = None, **fields: Any) -> Event:
    event = {"type": "effect_changed", "offset": offset, "at": 1, "effect_id": "e1", "kind": "buy", "status": status}
    return {**event, "data": {"is_sample": True}, **fields, **({} if say is None else {"say": say})}


def through(transcript: Transcript, *events: Event) -> list[Any]:
    return [entry for event in events for entry in transcript.take(deliver(event))]


def test_a_question_stands_below_bobs_words_and_does_not_repeat_them(transcript: Transcript) -> None:
    entries = through(transcript, said(1, "the cheapest"), asked(2))
    assert [entry.who for entry in entries] == ["you"], "Bob is about to say it himself"
    bob, question = through(transcript, answered(3, f"Good.\n{QUESTION} Say yes or no."))
    assert (bob.who, question.who, question.id) == ("bob", "question", "a1")
    assert question.state == {"kind": "buy", "price": 26.05, "expires_at": 9}
    assert through(transcript, ended(4)) == []


@pytest.mark.parametrize("last", [answered(3, "Well then."), ended(3, "interrupted")])
def test_a_question_that_bob_does_not_say_is_shown_whole(transcript: Transcript, last: Event) -> None:
    entries = through(transcript, said(1, "x"), asked(2), last)
    (question,) = [entry for entry in entries if entry.who == "question"]
    assert question.state["text"] == QUESTION


def test_a_question_without_a_turn_is_shown_at_once(transcript: Transcript) -> None:
    (question,) = through(transcript, asked(1))
    assert question.state["text"] == QUESTION


def test_a_question_that_was_answered_before_it_was_shown_is_not(transcript: Transcript) -> None:
    entries = through(transcript, said(1, "x"), asked(2), resolved(3, device="phone"), answered(4, "Hm."), ended(5))
    assert [entry.who for entry in entries] == ["you", "event", "bob"]
    assert entries[1].text == "You said yes on another device."


def test_a_question_that_bob_asks_again_is_not_said_to_have_changed(transcript: Transcript) -> None:
    through(transcript, said(1, "the cheapest"), asked(2), answered(3, QUESTION), ended(4))
    # As the server commits it: the new question, then the old one's end.
    entries = through(transcript, said(5, "how much"), asked(6, "a2"), resolved(7, "cancelled"), answered(8, QUESTION))
    assert [text for who, text in shown(entries) if who == "event"] == ["The question is asked afresh."]
    assert [entry.id for entry in entries if entry.who == "question"] == ["a2"]
    (line,) = through(transcript, {**resolved(9, "cancelled"), "approval_id": "a2"})
    assert line.text == "That question does not stand any more."


def test_nor_is_one_that_was_asked_before_this_start(transcript: Transcript) -> None:
    (line,) = through(transcript, resolved(1, "cancelled"))
    assert line.text == "That question does not stand any more."
    past = transcript.past([asked(2, "a2"), asked(3, "a3"), {**resolved(4, "cancelled"), "approval_id": "a2"}],
        Position("e", 4))  # fmt: skip
    assert past[-1].text == "The question is asked afresh."


def test_in_the_past_a_question_is_a_line(transcript: Transcript) -> None:
    past = [asked(1), resolved(2), effect(3, "claimed"), effect(4, "settled", "It is made.")]
    entries = transcript.past(past, Position("e", 4))
    assert shown(entries) == [
        ("event", f"Bob asked: {QUESTION}"),
        ("event", "You said yes."),
        ("event", "It is made."),
    ]


def test_what_came_of_a_yes_that_was_given_by_itself(transcript: Transcript) -> None:
    through(transcript, asked(1))
    assert shown(through(transcript, resolved(2), effect(3, "claimed"))) == [
        ("event", "You said yes."),
        ("event", "Making the sample label…"),
    ]
    assert (transcript.answers, transcript.outcomes) == ({"a1": "approved"}, {"a1": "claimed"})
    made, more = through(transcript, effect(4, "settled", "It is made."))
    assert (made.text, made.id) == ("It is made.", "a1")
    assert "/label" in more.text
    assert transcript.outcomes == {"a1": "settled"}


def test_another_purchase_is_not_what_came_of_a_no(transcript: Transcript) -> None:
    (line, _) = through(transcript, resolved(1, "declined"), effect(2, "claimed"))
    assert line.text == "You said no."
    assert transcript.outcomes == {}


def test_what_bob_says_himself_is_not_said_twice(transcript: Transcript) -> None:
    entries = through(
        transcript, said(1, "yes"), resolved(2), effect(3, "claimed"), effect(4, "settled", "It is made."),
        answered(5, "It is\nmade. Say print for its file."), ended(6),
    )  # fmt: skip
    assert [entry.text for entry in entries if entry.who == "event"] == [
        "You said yes.",
        "Making the sample label…",
        "/label saves it as a PDF.",
    ]
    assert entries[-1].text.startswith("/label"), "what can be done now comes after his words"


@pytest.mark.parametrize("last", [answered(5, "Fine."), ended(5, "failed")])
def test_what_bob_does_not_say_is_told_all_the_same(transcript: Transcript, last: Event) -> None:
    entries = through(transcript, said(1, "yes"), effect(4, "unknown", "Nobody knows yet."), last)
    assert ("event", "Nobody knows yet.") in shown(entries)
    assert shown(entries).index(("event", "Nobody knows yet.")) == 1


def test_a_failure_is_told_once(transcript: Transcript) -> None:
    update = {"type": "contextual_update", "offset": 2, "at": 1, "text": "create_label_result"}
    update["data"] = {"message": "It was not bought.", "is_error": True}
    entries = through(transcript, effect(1, "failed", "It was not bought."), update)
    assert shown(entries) == [("event", "It was not bought.")]


def test_what_fails_of_bobs_calls_he_tells_himself(transcript: Transcript) -> None:
    update = {"type": "contextual_update", "offset": 2, "at": 1, "text": "create_label_result"}
    update |= {"by": {"role": "agent"}, "data": {"message": "Which one?", "is_error": True}}
    entries = through(transcript, said(1, "buy it"), update, answered(3, "Which service shall it be?"), ended(4))
    assert [entry.who for entry in entries] == ["you", "bob"]
    interrupted = through(transcript, said(5, "buy it", turn="t2"), {**update, "offset": 6}, ended(7, "failed", "t2"))
    assert ("event", "Which one?") in shown(interrupted)


def test_news_that_waits_is_not_lost_by_a_snapshot_nor_called_shown(transcript: Transcript) -> None:
    through(transcript, said(1, "yes"), effect(2, "settled", "It is made."))
    assert transcript.shown is None
    entries = transcript.take(Snapshot(position=Position("e", 3), state={}, tail=[answered(3, "x")], reason="limit"))
    assert next(entry.text for entry in entries if entry.who == "event") == "It is made."
    assert transcript.shown == Position("e", 3)
