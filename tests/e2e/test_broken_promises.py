"""Promises that are broken as of now, each by the smallest test that shows it. What is mended loses its mark here."""

import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from shipanion.app.secret import secret_file, signing_secret
from shipanion.app.tokens import Role, Tokens
from shipanion.shipping.consent import consent
from shipanion.stores.base import UserRow
from tests.support.buyer import Buyer
from tests.support.buying_shop import BuyingStart, Shop
from tests.support.easypost_double import EasyPostDouble
from tests.support.server_process import ServerProcess
from tests.support.until_true import until_true
from tests.support.warm_start import WarmStart
from tests.support.wire import Json


@pytest.fixture(scope="module")
def start() -> Iterator[BuyingStart]:
    with BuyingStart() as starter:
        yield starter


@pytest.fixture
def double() -> Iterator[EasyPostDouble]:
    with EasyPostDouble("production") as running:
        yield running


@pytest.fixture
def shop(tmp_path: Path, double: EasyPostDouble, start: BuyingStart) -> Iterator[Shop]:
    shop = Shop(tmp_path, double.url, start)
    with shop.server:
        yield shop


@pytest.fixture
async def ann(shop: Shop) -> AsyncIterator[Buyer]:
    buyer = await Buyer(shop.server.socket_url, shop.server.guest()).come()
    yield buyer
    await buyer.leave()


def token_for(server: ServerProcess, token: str, role: Role = "owner", *, ends_in_ms: int | None = None) -> str:
    """A token for the person of ``token``: in another role, or one that ends soon."""
    tokens = Tokens(signing_secret(None, secret_file(server.data).parent))
    now = time.time_ns() // 1_000_000
    person = tokens.read(token, now)
    user = UserRow(
        user_id=person.user_id, name=person.name, kind=person.kind, password_hash=None, version=person.version,
        disabled=False, at=now,
    )  # fmt: skip
    if ends_in_ms is not None:
        now += ends_in_ms - 1000 * tokens.issue(user, now)[1]
    return tokens.issue(user, now, role=role)[0]


async def answered(buyer: Buyer, id: str) -> None:
    """Wait for the end of the turn that answers this message."""
    said = await buyer.event("user_message", id=id)
    await buyer.event("turn_ended", turn_id=said["turn_id"])


async def resolved(buyer: Buyer, approval: Json) -> list[Json]:
    """How this approval ended, as far as it is known after what was said last."""
    await buyer.in_step()
    ends = [event for event in buyer.events if event["type"] == "approval_resolved"]
    return [event for event in ends if event["approval_id"] == approval["approval_id"]]


@pytest.mark.xfail(
    strict=True,
    reason="a message of another device's, or of an editor's, makes the next question the one that a 'yes' answers, "
    "though whoever typed the yes had read another: nothing in user_message says what they had before them",
)
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


@pytest.mark.xfail(
    strict=True, reason="Domain.consent does not look at what is asked: 'buy it' is a yes to a void, too"
)
@pytest.mark.parametrize("words", ["buy it", "ship it", "get the label"])
async def test_words_that_want_the_label_do_not_take_it_back(shop: Shop, ann: Buyer, words: str) -> None:
    await ann.bought()
    await ann.say("m1", "hello")
    await answered(ann, "m1")
    void = await ann.asked("void_label")
    await ann.say("m2", words)
    await answered(ann, "m2")
    assert await resolved(ann, void) == []


@pytest.mark.xfail(strict=True, reason="'uh uh' is a no, and also twice a filler that is passed over beside a yes")
@pytest.mark.parametrize("text", ["yes... uh-uh", "buy it, uh uh"])
def test_a_yes_with_a_no_beside_it_is_neither(text: str) -> None:
    assert consent("uh-uh") == "no"
    assert consent(text) is None


@pytest.mark.xfail(strict=True, reason="a label link lives for ten minutes whenever the token that made it ends (I11)")
async def test_a_link_ends_with_the_sign_in_that_made_it(tmp_path: Path, warm: WarmStart) -> None:
    with ServerProcess(tmp_path, launch=warm.launch) as server:
        ann = await Buyer(server.socket_url, server.guest()).come()
        await ann.quote()
        path = (await ann.call("create_label", quote="cheapest"))["result"]["label_url"]
        await ann.leave()
        short = token_for(server, ann.token, ends_in_ms=2_000)
        bearer = {"Authorization": f"Bearer {short}"}
        async with httpx.AsyncClient(trust_env=False, base_url=server.url) as http:
            link = (await http.post(f"{path}/link", headers=bearer)).json()["url"]

            async def ended() -> bool:
                return (await http.get(path, headers=bearer)).status_code == 401

            await until_true(ended)
            assert (await http.get(link)).status_code == 404


@pytest.mark.xfail(strict=True, reason="a token of another role given by 'auth' changes what may be done, not 'by'")
async def test_the_log_tells_in_which_role_something_was_done(shop: Shop, ann: Buyer) -> None:
    await ann.send("auth", token=token_for(shop.server, ann.token, "agent"))
    await ann.in_step()
    await ann.send("update_state", id="u1", patch={"title": "Not by the owner"})
    assert (await ann.event("state_changed", id="u1"))["by"]["role"] == "agent"


@pytest.mark.xfail(
    strict=True,
    reason="a question of a program's that falls into a turn of Bob's counts as asked last, though Bob went on to ask "
    "something else after it: the yes to that buys",
)
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
