"""The port's own small parts: a failed outcome, and a refusal."""

from shipanion.server.domain import Domain, NotAllowed, ToolOutcome, Update, failure
from tests.support.toy_domain import ShoppingList


def test_a_failure_is_told_to_the_asker_and_to_bob_in_one_sentence() -> None:
    told = {"message": "No such item.", "tool_name": "look_up", "is_error": True}
    assert failure("look_up", {"item": "x"}, "No such item.") == ToolOutcome(
        result={"error": "No such item.", "original_request": {"item": "x"}},
        is_error=True,
        updates=(Update("look_up_result", told),),
    )


def test_a_refusal_carries_code_sentence_and_payload() -> None:
    refusal = NotAllowed("bad_request", "No.", {"original_request": {}})
    assert (refusal.code, refusal.message, str(refusal)) == ("bad_request", "No.", "No.")
    assert refusal.payload == {"original_request": {}}


def test_a_shopping_list_is_a_domain() -> None:
    plugged: Domain = ShoppingList()
    before = plugged.new_state("s1")
    assert plugged.edit(before, {"items": {"milk": 1}}) == {"items": {"milk": 1}}
    assert plugged.derive(before, {"items": {"milk": 1}, "total": 0}) == {"total": 1}
