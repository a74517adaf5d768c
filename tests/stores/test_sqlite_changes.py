"""Changes that are not steps take effect for the steps of the same group."""

import asyncio

from shipanion.stores.base import Committed, Refused, Result, SessionRow
from shipanion.stores.sqlite import SqliteStore
from tests.support.store_steps import account, append, grant, make_session, new_session


async def test_a_session_is_there_for_a_step_queued_after_it(store: SqliteStore) -> None:
    seen: list[Result] = []
    making = asyncio.ensure_future(store.create_session(new_session()))
    await asyncio.sleep(0)
    store.submit([append("s1", b"x")], seen.extend)
    assert isinstance(await making, SessionRow)
    await store.close()
    assert seen == [Committed(head=1)]


async def test_disabling_holds_for_a_step_queued_after_it(store: SqliteStore) -> None:
    await store.add_user(account())
    await make_session(store)
    seen: list[Result] = []
    store.submit([append("s1", b"1", grant=grant())], seen.extend)
    disabling = asyncio.ensure_future(store.set_disabled("u1", True))
    await asyncio.sleep(0)
    store.submit([append("s1", b"2", grant=grant()), append("s1", b"3", grant=grant(version=2))], seen.extend)
    assert await disabling is True
    await store.close()
    assert seen == [Committed(head=1), Refused(reason="expired"), Refused(reason="expired")]


async def test_events_queued_before_count_in_a_row_read_by_a_change(store: SqliteStore) -> None:
    await make_session(store, key="k")
    seen: list[Result] = []
    store.submit([append("s1", b"1", b"2")], seen.extend)
    row = await store.create_session(new_session("s2", key="k"))
    assert isinstance(row, SessionRow)
    assert (row.session_id, row.head) == ("s1", 2)
