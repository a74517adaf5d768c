"""The events of a log: how they read as JSON, and that none is missing from the schema."""

import msgspec
import pytest

from shipanion.app.schema import EVENTS
from shipanion.protocol import events
from shipanion.protocol.events import ApprovalRequested, ApprovalResolved, EffectChanged, EventBody


@pytest.mark.parametrize(
    ("event", "encoded"),
    [
        (
            ApprovalRequested(approval_id="a1", text="Buy it?", expires_at=9, data={"price": 12.99}),
            {"type": "approval_requested", "approval_id": "a1", "text": "Buy it?", "expires_at": 9,
             "data": {"price": 12.99}},
        ),
        (
            ApprovalResolved(approval_id="a1", decision="cancelled", patch={"approval": None}),
            {"type": "approval_resolved", "approval_id": "a1", "decision": "cancelled", "patch": {"approval": None}},
        ),
        (
            EffectChanged(effect_id="e1", kind="buy", status="claimed"),
            {"type": "effect_changed", "effect_id": "e1", "kind": "buy", "status": "claimed"},
        ),
    ],
)  # fmt: skip
def test_an_event_as_json(event: EventBody, encoded: dict[str, object]) -> None:
    assert msgspec.to_builtins(event) == encoded


def test_every_event_is_in_the_schema() -> None:
    named = {kind for kind in vars(events).values() if isinstance(kind, type) and issubclass(kind, EventBody)}
    assert named - {EventBody} == set(EVENTS)
