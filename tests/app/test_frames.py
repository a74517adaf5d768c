"""The frames that shipping adds."""

import msgspec
import pytest

from shipanion.app.frames import GetRates
from shipanion.errors import ProtocolError
from shipanion.protocol.codec import Codec
from shipanion.protocol.frames import WireLimits
from shipanion.protocol.registry import Registry

CODEC = Codec(Registry((GetRates,)), WireLimits())


def test_get_rates_is_read_as_the_guide_writes_it() -> None:
    text = '{"type":"get_rates","payload":{"origin_zip":"90210","weight":5},"requestId":"r1","timestamp":1.5}'
    request = CODEC.decode(text)
    assert request == GetRates(payload={"origin_zip": "90210", "weight": 5}, request_id="r1")
    assert msgspec.to_builtins(request)["type"] == "get_rates"


@pytest.mark.parametrize("payload", ["", ',"payload":null', ',"payload":[1]', ',"payload":"5 lb"'])
def test_get_rates_without_an_object_is_refused(payload: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        CODEC.decode(f'{{"type":"get_rates","requestId":7{payload}}}')
    assert (refused.value.code, refused.value.request_id) == ("invalid", 7)
