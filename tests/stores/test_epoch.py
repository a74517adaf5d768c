import pytest

from shipanion.protocol.position import valid_epoch
from shipanion.stores.epoch import new_incarnation, wire_epoch


def test_incarnations_differ_and_leave_room_for_the_sessions_own_epoch() -> None:
    assert new_incarnation() != new_incarnation()
    longest = wire_epoch("e" * 51, new_incarnation())
    assert valid_epoch(longest)
    assert len(longest) == 64


@pytest.mark.parametrize("epoch", ["", "e" * 52, "a b", "é", "a/b"])
def test_what_cannot_go_on_the_wire_is_refused(epoch: str) -> None:
    with pytest.raises(ValueError, match="1 to 51 letters"):
        wire_epoch(epoch, new_incarnation())
