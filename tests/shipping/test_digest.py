import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.shipping.digest import LONGEST_LINE, MAX_LINES, digest

TEXTS = sorted((Path(__file__).parent / "texts").glob("*.json"))
NOW = 1_785_592_800_000  # 2026-08-01 14:00 UTC
SERVICE = {"carrier": "USPS", "service": "Priority Mail", "cost": 12.99}
LABEL = {**SERVICE, "label_id": "label-1", "tracking_number": "9400", "is_sample": False}

Event = tuple[str, Any]


def effect(kind: str, status: str, data: dict[str, Any], id: str = "effect-1", **more: Any) -> Event:
    return "effect_changed", {"effect_id": id, "kind": kind, "status": status, "data": data, **more}


def asked(id: str, **about: Any) -> Event:
    data = {"kind": "buy", "carrier": "USPS", "service": "Priority Mail", "price": 12.99, **about}
    return "approval_requested", {"approval_id": id, "text": "Shall I buy it?", "expires_at": NOW, "data": data}


def answered(id: str, decision: str) -> Event:
    return "approval_resolved", {"approval_id": id, "decision": decision}


def changed(**patch: Any) -> Event:
    return "state_changed", {"patch": patch}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_the_whole_text(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    assert digest([tuple(event) for event in case["events"]], case["state"], case["now"]) == case["digest"]


def test_nothing_worth_saying() -> None:
    events: list[Event] = [
        ("client_tool_call", {"client_tool_call": {"tool_name": "get_session_state"}}),
        ("client_tool_result", {"result": {}, "is_error": False}),
        ("contextual_update", {"text": "quote_ready", "data": {}}),
        ("presence", {"devices": 2}),
        ("turn_ended", {"turn_id": "t", "outcome": "completed"}),
        changed(title="For Mum", current_step=1),
    ]
    assert digest(events, {}, NOW) == []
    assert digest([], {}, NOW) == []


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (effect("buy", "settled", LABEL), "Label bought: USPS Priority Mail for $12.99, tracking number 9400."),
        (
            effect("buy", "settled", {**LABEL, "is_sample": True}),
            "Label bought: USPS Priority Mail for $12.99, tracking number 9400 (sample, not postage).",
        ),
        (effect("buy", "failed", SERVICE), "Not bought: USPS Priority Mail for $12.99."),
        (
            effect("buy", "failed", SERVICE, say="The label was not bought. No funds."),
            "The label was not bought. No funds. (USPS Priority Mail for $12.99)",
        ),
        (effect("buy", "unknown", SERVICE), "Being confirmed with the carrier: USPS Priority Mail for $12.99."),
        (effect("buy", "claimed", SERVICE), "Being bought: USPS Priority Mail for $12.99."),
        (effect("void", "settled", {**LABEL, "refund": "refunded"}), "Label voided: 9400. The money was given back."),
        (
            effect("void", "settled", {**LABEL, "refund": "submitted"}),
            "Label voided: 9400. The carrier looks at it before it gives the money back.",
        ),
        (effect("void", "settled", {**LABEL, "is_sample": True}), "Label voided: 9400 (sample, not postage)."),
        (effect("void", "failed", LABEL), "Not voided: 9400."),
        (effect("void", "failed", LABEL, say="The label 9400 stays good."), "The label 9400 stays good."),
        (effect("void", "failed", LABEL, say="Too late."), "Too late. (9400)"),
        (effect("void", "unknown", LABEL), "Being voided: 9400."),
    ],
)
def test_one_line_for_what_was_done_outside(event: Event, line: str) -> None:
    assert digest([event], {}, NOW) == [line]


def test_an_effect_is_told_by_its_end() -> None:
    sample = {**SERVICE, "is_sample": True}
    events = [effect("buy", "claimed", sample), effect("buy", "unknown", SERVICE), effect("buy", "settled", LABEL)]
    assert digest(events[:2], {}, NOW) == [
        "Being confirmed with the carrier: USPS Priority Mail for $12.99 (sample, not postage)."
    ]
    assert digest(events, {}, NOW) == ["Label bought: USPS Priority Mail for $12.99, tracking number 9400."]


def test_effects_are_told_in_the_order_of_their_ends() -> None:
    other = effect("buy", "settled", {**LABEL, "tracking_number": "9500"}, "effect-2")
    events = [effect("buy", "claimed", SERVICE), other, effect("buy", "settled", LABEL)]
    assert [line[-5:] for line in digest(events, {}, NOW)] == ["9500.", "9400."]


def test_what_is_under_way_is_told_once() -> None:
    buying = {"effect_id": "effect-1", "status": "unknown", **SERVICE, "is_sample": False}
    line = "Being confirmed with the carrier: USPS Priority Mail for $12.99. It is not bought twice."
    assert digest([effect("buy", "unknown", SERVICE)], {"purchase": buying}, NOW) == [line]
    earlier = {**LABEL, "tracking_number": None, "shipment_id": "shipment-1", "status": "confirming"}
    line = "Being confirmed with the carrier: USPS Priority Mail for $12.99."
    told = digest([effect("buy", "unknown", {**SERVICE, "shipment_id": "shipment-1"})], {"labels": [earlier]}, NOW)
    assert told == [line]
    two = {"labels": [earlier, earlier]}
    told = digest([effect("buy", "unknown", {**SERVICE, "shipment_id": "shipment-1"})], two, NOW)
    assert told == ["Being confirmed with the carrier: USPS Priority Mail for $12.99, and 1 more."]
    taking_back = {"labels": [{**LABEL, "status": "voiding"}, {**LABEL, "label_id": "label-2", "status": "voiding"}]}
    assert digest([effect("void", "claimed", LABEL)], taking_back, NOW) == ["Being voided: 9400, and 1 more."]


@pytest.mark.parametrize(
    ("events", "lines"),
    [
        ([asked("a"), answered("a", "declined")], ["Answered with no: buying USPS Priority Mail for $12.99."]),
        ([asked("a"), answered("a", "approved")], ["Answered with yes: buying USPS Priority Mail for $12.99."]),
        (
            [asked("a", kind="void", label_id="label-1"), answered("a", "expired")],
            ["Ran out without an answer: voiding the label 9400."],
        ),
        (
            [asked("a"), answered("a", "cancelled"), asked("b", price=9), answered("b", "declined")],
            [
                "No longer asked: buying USPS Priority Mail for $12.99.",
                "Answered with no: buying USPS Priority Mail for $9.00.",
            ],
        ),
        ([answered("a", "expired")], ["Ran out without an answer: what Bob had asked before."]),
        (
            [asked("a"), answered("a", "declined"), asked("b"), answered("b", "declined")],
            ["Answered with no: buying USPS Priority Mail for $12.99."],
        ),
        ([asked("a"), answered("a", "perhaps")], []),
        ([asked("a")], ["Bob asked for a yes: buying USPS Priority Mail for $12.99."]),
        ([asked("a", kind="gift")], ["Bob asked for a yes: “Shall I buy it?”."]),
    ],
)
def test_a_question_and_its_answer(events: list[Event], lines: list[str]) -> None:
    assert digest(events, {"labels": [{**LABEL, "status": "bought"}]}, NOW) == lines


def test_a_yes_whose_purchase_is_told_is_not_told_itself() -> None:
    bought = "Label bought: USPS Priority Mail for $12.99, tracking number 9400."
    assert digest([asked("a"), answered("a", "approved"), effect("buy", "settled", LABEL)], {}, NOW) == [bought]
    assert digest([answered("a", "approved"), effect("buy", "settled", LABEL)], {}, NOW) == [bought]
    other = [asked("a", price=50), answered("a", "approved"), effect("buy", "settled", LABEL)]
    assert digest(other, {}, NOW) == [bought, "Answered with yes: buying USPS Priority Mail for $50.00."]


def test_a_question_that_is_still_open_is_told_once_and_as_it_stands() -> None:
    open_ = {"approval_id": "a", "kind": "buy", **SERVICE, "text": "Shall I buy it?", "expires_at": NOW + 60_000}
    events = [asked("a"), ("agent_message", {"text": "Shall I buy it?"})]
    waiting = "Bob is waiting for your yes: buying USPS Priority Mail for $12.99, until 2026-08-01 14:01 UTC."
    assert digest(events, {"approval": open_}, NOW) == [waiting]
    assert digest(events, {"approval": open_}, NOW + 60_000) == [
        "Bob's question ran out at 2026-08-01 14:01 UTC without an answer: buying USPS Priority Mail for $12.99."
    ]


def test_the_last_quotes_are_told_once_by_the_cheapest() -> None:
    quotes = [{**SERVICE, "cost": 20}, {**SERVICE, "service": "Ground Advantage", "cost": 9.5}]
    events = [changed(quotes=[SERVICE]), changed(quotes=quotes)]
    assert digest(events, {"quotes": quotes}, NOW) == ["New quotes: 2, the cheapest USPS Ground Advantage for $9.50."]
    assert digest(events[:1], {"quotes": [SERVICE]}, NOW) == ["New quote: USPS Priority Mail for $12.99."]
    assert digest([*events, changed(quotes=None)], {}, NOW) == []
    ran_out = digest([], {"quotes": quotes, "quotes_expire_at": NOW}, NOW)
    assert ran_out == ["The quotes ran out at 2026-08-01 14:00 UTC; they must be asked for again."]


def test_only_what_changed_of_the_parcel_is_told_as_it_is_now() -> None:
    details = {"from": "90210", "to": "10001", "weight_lbs": 6, "dimensions": "12x10x8", "sender": {"name": "Ann"}}
    events = [changed(shipping_details={"weight_lbs": 5}), changed(shipping_details={"weight_lbs": 6})]
    assert digest(events, {"shipping_details": details}, NOW) == ["The parcel is now: 6 lbs."]
    everything = [changed(shipping_details=dict.fromkeys(details, "old"))]
    told = digest(everything, {"shipping_details": details}, NOW)
    assert told == ["The parcel is now: from 90210 to 10001, 6 lbs, 12x10x8 inches, sender Ann."]


def test_what_changed_before_another_parcel_began_is_not_told_of_that() -> None:
    events = [
        changed(shipping_details={"from": "90210", "weight_lbs": 5}, quotes=[SERVICE]),
        changed(shipment_id="shipment-1-2", shipping_details={"to": "02134"}, quotes=None),
    ]
    state = {"shipment_id": "shipment-1-2", "shipping_details": {"from": "1", "to": "02134", "weight_lbs": 9}}
    begun = ["Another parcel was begun.", "The parcel is now: to 02134."]
    assert digest(events, state, NOW) == begun
    again = changed(shipment_id="shipment-1-3", shipping_details=None)
    assert digest([*events, again], {"shipping_details": {"weight_lbs": 1}}, NOW) == ["2 more parcels were begun."]


def test_the_talk_is_counted_and_bob_quoted() -> None:
    person, bob = ("user_message", {"text": "Hello"}), ("agent_message", {"text": "Hm.\n" + "x" * 200})
    quoted = "Bob said last: “Hm. " + "x" * 133 + "…”"
    assert digest([bob], {}, NOW) == [quoted]
    assert digest([person], {}, NOW) == ["One message was written."]
    assert digest([person, bob], {}, NOW) == [quoted, "2 messages were written."]
    for outcome in ("interrupted", "failed"):
        cut_off = ("turn_ended", {"outcome": outcome})
        assert digest([cut_off, cut_off], {}, NOW) == ["An answer of Bob's was cut off before its end."]
    assert digest([("turn_ended", {"outcome": "stopped"})], {}, NOW) == []
    told = effect("buy", "failed", {}, say="The label was not bought.")
    assert digest([told, ("agent_message", {"text": "The label was not bought."})], {}, NOW) == [
        "The label was not bought. (a label)"
    ]


def test_money_is_told_first_when_there_is_too_much() -> None:
    labels = [effect("buy", "settled", {**LABEL, "tracking_number": f"T{n}"}, f"e{n}") for n in range(20)]
    questions = [event for n in range(9) for event in (asked(f"a{n}", price=n), answered(f"a{n}", "declined"))]
    state = {
        "purchase": {"effect_id": "x", **SERVICE},
        "approval": {"approval_id": "open", "kind": "buy", **SERVICE, "expires_at": NOW + 1},
        "labels": [{**LABEL, "status": "voiding"}, {**SERVICE, "status": "confirming"}] * 2,
    }
    told = digest([*questions, *labels, ("agent_message", {"text": "Hm."})], state, NOW)
    assert told == [
        "13 earlier purchases and voids are not named here.",
        *(f"Label bought: USPS Priority Mail for $12.99, tracking number T{n}." for n in range(13, 20)),
        "Bob is waiting for your yes: buying USPS Priority Mail for $12.99, until 2026-08-01 14:00 UTC.",
        "Being bought: USPS Priority Mail for $12.99.",
        "Being confirmed with the carrier: USPS Priority Mail for $12.99, and 1 more.",
        "Being voided: 9400, and 1 more.",
    ]
    assert len(told) == MAX_LINES


def test_of_what_matters_as_much_the_later_is_kept() -> None:
    questions = [event for n in range(20) for event in (asked(f"a{n}", price=n), answered(f"a{n}", "declined"))]
    told = digest([*questions, ("user_message", {})], {}, NOW)
    assert told == [f"Answered with no: buying USPS Priority Mail for ${n}.00." for n in range(8, 20)]


def test_the_mark_of_a_sample_is_never_cut_off() -> None:
    long = dict.fromkeys(("carrier", "service", "tracking_number"), "w" * 100000)
    data = {**long, "cost": 999_999_999, "is_sample": True}
    for kind, status in (("buy", "settled"), ("buy", "unknown"), ("void", "settled"), ("void", "failed")):
        (line,) = digest([effect(kind, status, data, say="w" * 1_000)], {}, NOW)
        assert "(sample, not postage)" in line
        assert len(line) <= LONGEST_LINE


KEYS = [
    "patch", "shipping_details", "shipment_id", "quotes", "label", "labels", "approval", "purchase", "from", "to",
    "carrier", "service", "cost", "kind", "text", "expires_at", "label_id", "status", "say", "data", "effect_id",
    "approval_id", "decision", "outcome", "tracking_number", "is_sample", "quotes_expire_at",
]  # fmt: skip
TYPES = [
    "effect_changed", "approval_requested", "approval_resolved", "user_message", "agent_message", "turn_ended",
    "state_changed", "client_tool_result",
]  # fmt: skip
words = st.text() | st.sampled_from(["settled", "claimed", "unknown", "failed", "buy", "void", "expired", "confirming"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | words.map(lambda text: text * 5_000),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=15,
)
bodies = st.dictionaries(st.sampled_from(KEYS), values)


@given(st.lists(st.tuples(st.sampled_from(TYPES) | st.text(), bodies | values)), bodies, st.integers())
def test_whatever_it_is_given_the_digest_is_bounded_and_the_same_again(
    events: list[Event], state: dict[str, Any], now: int
) -> None:
    lines = digest(events, state, now)
    assert len(lines) <= MAX_LINES
    assert all(0 < len(line) <= LONGEST_LINE and line.isprintable() for line in lines)
    assert len(set(lines)) == len(lines)
    assert lines == digest(events, state, now)
