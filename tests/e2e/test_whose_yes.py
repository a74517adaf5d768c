"""A typed yes answers what its writer had read, when it was the last thing they were asked (I10)."""

from pathlib import Path

import pytest

from tests.support.buyer import Buyer
from tests.support.buying_shop import Shop
from tests.support.easypost_double import EasyPostDouble
from tests.support.role_token import token_for
from tests.support.server_process import ServerProcess
from tests.support.warm_start import WarmStart
from tests.support.wire import Json


async def answered(buyer: Buyer, id: str) -> None:
    """Wait for the end of the turn that answers this message."""
    said = await buyer.event("user_message", id=id)
    await buyer.event("turn_ended", turn_id=said["turn_id"])


async def resolved(buyer: Buyer, approval: Json) -> list[Json]:
    """How this approval ended, as far as it is known after what was said last."""
    await buyer.in_step()
    ends = [event for event in buyer.events if event["type"] == "approval_resolved"]
    return [event for event in ends if event["approval_id"] == approval["approval_id"]]


@pytest.mark.parametrize("by", ["an editor", "a device of her own"])
async def test_a_typed_yes_never_buys_an_offer_that_came_after_what_the_typist_had_read(
    shop: Shop, double: EasyPostDouble, ann: Buyer, by: str
) -> None:
    shown = await ann.offered()
    token = token_for(shop.server, ann.token, "editor") if by == "an editor" else ann.token
    other = await Buyer(ann.url, token, "other", of=ann).come()
    await other.say("faster", "a faster one, please")
    await other.event("turn_ended")
    dearer = (await other.call("create_label", quote="fastest"))["result"]
    assert dearer["status"] == "needs_approval"
    assert ann.state["approval"] == shown, "nothing more was read here: offline, or a moment too early"
    await ann.say("word", "yes")
    await answered(ann, "word")
    bought = [event for event in await resolved(ann, dearer) if event["decision"] == "approved"]
    await other.leave()
    assert bought == [], f"shown {shown['price']}, bought {dearer['price']}: {double.labels()}"


@pytest.mark.parametrize("words", ["buy it", "ship it", "get the label"])
async def test_words_that_want_the_label_do_not_take_it_back(shop: Shop, ann: Buyer, words: str) -> None:
    await ann.bought()
    await ann.say("m1", "hello")
    await answered(ann, "m1")
    void = await ann.asked("void_label")
    await ann.say("m2", words)
    await answered(ann, "m2")
    assert await resolved(ann, void) == []


async def test_a_yes_to_what_bob_asked_last_does_not_buy_what_a_program_asked_before(
    tmp_path: Path, warm: WarmStart
) -> None:
    with ServerProcess(tmp_path, launch=warm.launch) as server:
        ann = await Buyer(server.socket_url, server.guest()).come()
        await ann.quote()
        program = await Buyer(ann.url, token_for(server, ann.token, "agent"), "program", of=ann).come()
        await ann.say("m1", "is 10001 New York?")
        await ann.event("user_message", id="m1")
        approval = await program.asked(quote="fastest")
        await program.leave()
        await answered(ann, "m1")
        asked = await ann.event("approval_requested", approval_id=approval["approval_id"])
        said = await ann.event("agent_message")
        assert asked["offset"] < said["offset"]
        assert said["text"].endswith("Say from or to."), "the last that she was asked"
        await ann.say("m2", "yes")
        await answered(ann, "m2")
        bought = [event for event in await resolved(ann, approval) if event["decision"] == "approved"]
        await ann.leave()
        assert bought == []
