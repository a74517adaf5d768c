"""The stage itself: it hears every error, and its line does to a browser's socket what it says."""

import httpx
from playwright.async_api import Page

from tests.support.scene import Scene
from tests.support.wire import Wire

CONNECT = """() => new Promise((done) => {
    window.heard = [];
    window.socket = new WebSocket(location.origin.replace("http", "ws") + "/ws");
    window.socket.onopen = () => window.heard.push("open");
    window.socket.onmessage = (message) => { window.heard.push(JSON.parse(message.data).requestId); };
    window.socket.onclose = (close) => { window.heard.push(close.code); done(false); };
    window.socket.addEventListener("open", () => done(true));
})"""
PING = """(id) => window.socket.send(JSON.stringify({type: "ping", requestId: id}))"""
HEARD = "window.heard.includes({!r})"
STALLED = "() => new Promise((look) => setTimeout(() => look([window.socket.readyState, window.heard]), 300))"


async def test_every_kind_of_error_is_heard(scene: Scene, bare_tab: Page) -> None:
    await bare_tab.evaluate("console.error('said')")
    await bare_tab.evaluate("setTimeout(() => { throw new Error('thrown') })")
    await bare_tab.evaluate("void Promise.reject(new Error('rejected'))")
    await bare_tab.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: '1'}))")
    await bare_tab.evaluate("fetch('/nowhere').then((answer) => answer.text())")
    for kind in ("said", "thrown", "rejected", "Content Security Policy", "status of 404"):
        assert len([error for error in scene.errors() if kind in error]) == 1, (kind, scene.errors())
        scene.allow(kind)
    assert scene.errors() == []


async def test_noise_of_a_broken_line_counts_only_before_it_is_broken(scene: Scene, bare_tab: Page) -> None:
    await bare_tab.evaluate("fetch('http://127.0.0.1:9/').catch(() => null)")
    assert len(scene.errors()) > 0  # the policy forbids it
    scene.allow("127.0.0.1:9")
    scene.line.refuse()
    scene.line.cut()
    assert await bare_tab.evaluate("fetch('/api/me').catch(() => 'failed')") == "failed"
    assert scene.errors() == []


async def test_a_cut_line_closes_the_socket_and_the_next_one_opens(scene: Scene, bare_tab: Page) -> None:
    assert await bare_tab.evaluate(CONNECT)
    scene.line.cut()
    await bare_tab.wait_for_function(HEARD.format(1006))
    assert await bare_tab.evaluate(CONNECT)


async def test_a_silent_line_leaves_the_socket_open_and_delivers_later(scene: Scene, bare_tab: Page) -> None:
    assert await bare_tab.evaluate(CONNECT)
    scene.line.silence()
    await bare_tab.evaluate(PING, "a")
    assert await bare_tab.evaluate(STALLED) == [1, ["open"]]
    scene.line.mend()
    await bare_tab.wait_for_function(HEARD.format("a"))


async def test_a_refused_line_keeps_the_old_socket_and_opens_no_new_one(scene: Scene, bare_tab: Page) -> None:
    assert await bare_tab.evaluate(CONNECT)
    scene.line.refuse()
    await bare_tab.evaluate(PING, "a")
    await bare_tab.wait_for_function(HEARD.format("a"))
    assert not await bare_tab.evaluate(CONNECT)
    scene.line.mend()
    assert await bare_tab.evaluate(CONNECT)


async def test_a_killed_server_is_gone_and_comes_back_at_the_same_address(scene: Scene, bare_tab: Page) -> None:
    assert await bare_tab.evaluate(CONNECT)
    await scene.kill_server()
    await bare_tab.wait_for_function(HEARD.format(1006))
    assert not await bare_tab.evaluate(CONNECT)
    await scene.start_server()
    assert await bare_tab.evaluate(CONNECT)


async def test_offline_stalls_a_socket_without_closing_it(scene: Scene, bare_tab: Page) -> None:
    assert await bare_tab.evaluate(CONNECT)
    laptop = scene.devices[0]
    await laptop.offline(True)
    assert not await bare_tab.evaluate("navigator.onLine")
    await bare_tab.evaluate(PING, "a")
    assert await bare_tab.evaluate(STALLED) == [1, ["open"]]
    await laptop.offline(False)
    await bare_tab.wait_for_function(HEARD.format("a"))


async def test_a_long_session_is_one_that_the_server_made(scene: Scene, bare_tab: Page) -> None:
    laptop = scene.devices[0]
    session_id = await scene.long_session(laptop, 10_000)
    async with Wire.open(scene.server.socket_url, await laptop.token(), session_id=session_id) as wire:
        assert wire.welcome["position"]["offset"] == 10_000
        assert wire.welcome["tail"][-1]["offset"] == 10_000
        await wire.send("history", id="h", before=100, limit=50)
        page = await wire.until("history_page")
    assert page["events"][-1]["text"] == "message 99"


async def test_another_device_and_a_program_are_the_same_person(scene: Scene, bare_tab: Page) -> None:
    laptop = scene.devices[0]
    phone = await scene.device("phone", phone=True, like=laptop)
    there = await phone.open("/")
    who = "fetch('/api/me').then((answer) => answer.json()).then((me) => me.user_id)"
    assert await there.evaluate(who) == await bare_tab.evaluate(who)
    token = await laptop.token()
    async with httpx.AsyncClient(trust_env=False) as program:
        me = await program.get(f"{scene.server.url}/api/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["user_id"] == await bare_tab.evaluate(who)
    async with Wire.open(scene.server.socket_url, token, new="a") as wire:
        assert wire.welcome["outcome"] == "created"
