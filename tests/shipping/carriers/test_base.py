import inspect

from shipanion.shipping.carriers.base import Carrier
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.quotes import Quotation, QuoteRequest
from shipanion.shipping.rates.table import load


class OnlyQuotes:
    name = "half"
    costs_money = False
    patience_seconds = 0.0

    async def quote(self, request: QuoteRequest, anchor: str | None = None) -> Quotation:
        return Quotation(())


def test_the_rate_card_fills_the_port_and_costs_no_money() -> None:
    carrier: Carrier = RateCardCarrier(load())
    assert isinstance(carrier, Carrier)
    assert carrier.name == "ratecard"
    assert carrier.costs_money is False


def test_who_can_only_quote_is_no_carrier() -> None:
    assert not isinstance(object(), Carrier)
    assert not isinstance(OnlyQuotes(), Carrier)


def test_all_that_may_wait_for_a_network_is_awaited() -> None:
    calls = [member for name, member in vars(Carrier).items() if inspect.isfunction(member) and name[0] != "_"]
    assert {call.__name__ for call in calls} == {"buy", "find", "find_void", "quote", "track", "void"}
    assert all(inspect.iscoroutinefunction(call) for call in calls)
