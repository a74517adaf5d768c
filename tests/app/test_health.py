"""Health, readiness and metrics, asked as a client asks, on a real store."""

import asyncio

import httpx
import pytest
from prometheus_client import Counter

from shipanion import __version__
from shipanion.app import health as health_module
from shipanion.errors import StoreUnavailable
from shipanion.stores.memory import MemoryStore
from shipanion.stores.people import UserRow
from tests.support.http_house import HttpHouse, bearer, new_guest, refusal, sign_in


async def test_health_and_readiness(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    for path in ("/healthz", "/readyz"):
        assert (await client.head(path)).status_code == 200


async def test_a_node_on_its_way_out_is_healthy_and_not_ready(house: HttpHouse, client: httpx.AsyncClient) -> None:
    house.node.ready = False
    assert (await client.get("/healthz")).status_code == 200
    assert refusal(await client.get("/readyz")) == (503, "starting")


async def test_a_store_that_does_not_answer_is_told_everywhere(house: HttpHouse, client: httpx.AsyncClient) -> None:
    token = (await new_guest(client))["access_token"]
    await house.store.close()
    assert refusal(await client.get("/readyz")) == (503, "unavailable")
    assert refusal(await client.get("/api/me", headers=bearer(token))) == (503, "unavailable")
    assert refusal(await sign_in(client, "zoe")) == (503, "unavailable")
    assert refusal(await client.post("/guest")) == (503, "unavailable")
    assert (await client.get("/healthz")).status_code == 200


async def test_a_store_that_hangs_is_not_waited_for(
    house: HttpHouse, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(user_id: str) -> UserRow | None:
        await asyncio.Event().wait()
        raise StoreUnavailable

    monkeypatch.setattr(house.store, "user", hang)
    monkeypatch.setattr(health_module, "STORE_SECONDS", 0.01)
    assert refusal(await client.get("/readyz")) == (503, "unavailable")


async def test_metrics_are_those_of_the_registry_given(house: HttpHouse, client: httpx.AsyncClient) -> None:
    Counter("parcels", "Parcels.", registry=house.registry).inc(3)
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "parcels_total 3.0" in answer.text


async def test_what_the_server_is_is_told_to_anybody(store: MemoryStore) -> None:
    for guests in (True, False):
        house = HttpHouse(store, guests=guests)
        async with house.client() as client:
            answer = await client.get("/api/about")
        house.close()
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json() == {
            "name": "Shipanion",
            "version": __version__,
            "guests": guests,
            "sign_up": guests,
            "carrier": {"name": "", "real": False},
            "built": False,
            "cookie": False,
        }


async def test_a_page_learns_whether_it_brought_a_cookie(store: MemoryStore) -> None:
    house = HttpHouse(store, guests=True)
    async with house.client() as client:
        assert (await client.post("/api/guest")).status_code == 200
        assert (await client.get("/api/about")).json()["cookie"] is True
        client.cookies.clear()
        assert (await client.get("/api/about")).json()["cookie"] is False
    house.close()
