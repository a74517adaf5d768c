"""What a client machine says, as JSON."""

import msgspec

from shipanion.protocol import client_outputs
from shipanion.protocol.client_outputs import Banner, Deliver, Output, Send
from shipanion.protocol.position import Position


def test_every_output_has_a_name_of_its_own() -> None:
    kinds = [kind for kind in vars(client_outputs).values() if isinstance(kind, type)]
    tags = [kind.__struct_config__.tag for kind in kinds if issubclass(kind, Output) and kind is not Output]
    assert len(tags) == len(set(tags)) == 17


def test_what_is_not_said_is_left_out() -> None:
    assert msgspec.to_builtins(Banner(status="live")) == {"out": "banner", "status": "live"}


def test_an_event_keeps_its_form() -> None:
    event = {"type": "new_thing", "offset": 3, "nothing": None}
    said = msgspec.to_builtins(Deliver(position=Position("e", 3), event=event))
    assert said == {"out": "deliver", "position": {"epoch": "e", "offset": 3}, "event": event}


def test_a_frame_is_compact_json_text() -> None:
    assert Send(frame={"type": "ping", "text": "é"}).text == '{"type":"ping","text":"é"}'
