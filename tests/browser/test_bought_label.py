"""A label that costs money, and a server that is killed in the middle of buying it: the page tells of one label."""

import pytest
from playwright.async_api import expect

from tests.support.buyer import Buyer
from tests.support.buying_shop import Shop
from tests.support.easypost_double import EasyPostDouble
from tests.support.page_steps import items, labels_in, log_of, opened, status
from tests.support.scene import Scene


@pytest.mark.parametrize(
    "point",
    [
        pytest.param("buy.claim.before", id="before the yes is in the log"),
        pytest.param("buy.claim.after", id="when it is, and before the carrier heard of it"),
        pytest.param("buy.after", id="when the carrier has sold it, and nobody knows"),
    ],
)
async def test_the_server_is_killed(shop_scene: Scene, shop: Shop, double: EasyPostDouble, point: str) -> None:
    scene = shop_scene
    laptop = await scene.device()
    await opened(laptop)
    program = await Buyer(scene.server.socket_url, await laptop.token()).come()
    await program.offered()
    await program.leave()
    tab = await opened(laptop, f"/s/{program.session_id}")
    parcel = tab.get_by_role("region", name="Parcel", exact=True)
    shop.plan(f"kill {point}")
    scene.disturbed = True
    await parcel.get_by_role("button", name="Yes, pay").click()
    await shop.died()
    await status(tab, "reconnecting")
    await scene.shot(tab, f"killed-{point}")
    await shop.up()
    await status(tab, "live", "resumed", "still_working")
    await expect(parcel.get_by_role("button", name="Track", exact=True)).to_be_visible()
    (bought,) = double.labels()
    (number,) = labels_in(await log_of(scene, laptop, program.session_id))
    await expect(parcel).to_contain_text(number)
    await expect(items(tab).filter(has_text="Your label is bought")).to_have_count(1)
    await tab.reload()
    await status(tab, "live", "resumed", "snapshot")
    await expect(items(tab).filter(has_text="Your label is bought")).to_have_count(1)
    assert double.labels() == [bought]
