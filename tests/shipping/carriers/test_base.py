from shipanion.shipping.carriers.base import Carrier
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.rates.table import load


def test_the_rate_card_fills_the_port_and_sells_nothing() -> None:
    carrier: Carrier = RateCardCarrier(load())
    assert isinstance(carrier, Carrier)
    assert carrier.name == "ratecard"
    assert carrier.costs_money is False


def test_what_cannot_quote_is_no_carrier() -> None:
    assert not isinstance(object(), Carrier)
