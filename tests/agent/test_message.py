from shipanion.agent.message import Message
from shipanion.shipping.grammar import read
from tests.support.bob_context import Conversation


def test_it_looks_the_state_up_each_time() -> None:
    talk = Conversation()
    message = Message(talk, "buy it", read("buy it"))
    assert (message.settled, message.details, message.listed("label-1")) == (False, {}, None)
    talk.state = {
        "shipping_details": {"from": "90210"}, "label": {"label_id": "label-1"}, "labels": [{"label_id": "label-1"}],
    }  # fmt: skip
    assert (message.settled, message.details) == (True, {"from": "90210"})
    assert message.listed("label-1") == {"label_id": "label-1"}
    message.details["to"] = "10001"
    assert message.details == {"from": "90210"}, "a copy"


def test_a_parcel_that_is_being_bought_is_settled_too() -> None:
    assert Message(Conversation(state={"purchase": {"status": "unknown"}}), "", read("")).settled


def test_it_wants_what_its_intents_say() -> None:
    message = Message(Conversation(), "buy the cheapest", read("buy the cheapest"))
    assert message.wants("void", "buy")
    assert not message.wants("void", "print")
