"""A person's sessions over HTTP: the list, and what they put away."""

from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from shipanion.app.credential import Person, never_kept
from shipanion.app.gate import refused
from shipanion.server.identity import Identity
from shipanion.server.sessions import LiveSession
from shipanion.stores.base import SessionRow

if TYPE_CHECKING:
    from shipanion.app.routes import Parts

__all__ = ["Activity", "SessionItem", "SessionList", "activity", "add_session_list"]

SESSIONS_SHOWN: Final = 200
"""Sessions listed at once, last used first."""

_OWNER_ONLY: Final = "This token was given to somebody else: only its owner's own lists sessions and puts them away."


class Activity(NamedTuple):
    """What goes on in a session on this node now: how many devices are connected, and whether Bob is at work."""

    devices: int = 0
    working: bool = False


class SessionItem(BaseModel):
    """One session in the list: its last event was at ``last_at`` (ms) and has the offset ``head``."""

    id: str
    title: str | None
    last_at: int
    head: int
    archived: bool
    devices: int
    working: bool


class SessionList(BaseModel):
    """A person's sessions, last used first, whether there are more, and how many of theirs are put away in all."""

    sessions: list[SessionItem]
    more: bool
    archived: int


def activity(live: LiveSession | None) -> Activity:
    """The activity of a session that may be live here. A connection that names no device counts as one of its own."""
    if live is None:
        return Activity()
    devices = {listener.device or id(listener) for listener in live.audience}
    return Activity(len(devices), not live.turns.idle)


def add_session_list(router: APIRouter, parts: "Parts", person: Person) -> None:
    """Add the routes."""

    def item(row: SessionRow) -> SessionItem:
        now = parts.activity(row.session_id)
        return SessionItem(
            id=row.session_id, title=row.title, last_at=row.last_at, head=row.head, archived=row.archived,
            devices=now.devices, working=now.working,
        )  # fmt: skip

    @router.get(
        "/api/sessions", dependencies=[Depends(never_kept)], response_model=SessionList,
        response_model_exclude_none=True,
    )  # fmt: skip
    async def sessions(who: Annotated[Identity, Depends(person)], archived: bool = False) -> Any:
        if who.role != "owner":
            return refused(403, "forbidden", _OWNER_ONLY)
        rows = await parts.store.sessions_of(who.user_id, limit=SESSIONS_SHOWN + 1, archived=archived)
        put_away = await parts.store.archived_of(who.user_id)
        shown = [item(row) for row in rows[:SESSIONS_SHOWN]]
        return SessionList(sessions=shown, more=len(rows) > SESSIONS_SHOWN, archived=put_away)

    async def put(who: Identity, session_id: str, archived: bool) -> Response:
        if who.role != "owner":
            return refused(403, "forbidden", _OWNER_ONLY)
        if not await parts.store.set_archived(session_id, who.user_id, archived):
            return refused(404, "not_found", "There is no such session.")
        return Response(status_code=204, headers={"Cache-Control": "no-store"})

    @router.post("/api/sessions/{session_id}/archive", status_code=204)
    async def archive(session_id: str, who: Annotated[Identity, Depends(person)]) -> Response:
        return await put(who, session_id, True)

    @router.post("/api/sessions/{session_id}/unarchive", status_code=204)
    async def unarchive(session_id: str, who: Annotated[Identity, Depends(person)]) -> Response:
        return await put(who, session_id, False)
