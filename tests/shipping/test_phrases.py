"""One thing of the state in words: cut, quoted and dated so that it stays part of one line."""

import math
from typing import Any

import pytest

from shipanion.shipping.phrases import (
    asked,
    is_current,
    moment,
    numbered,
    one_line,
    priced,
    quotation,
    quotes_of,
    ran_out,
)

LABEL: dict[str, Any] = {"label_id": "label-1", "carrier": "USPS", "service": "Priority Mail", "cost": 36.9}


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (0, "1970-01-01 00:00 UTC"),
        (1_785_593_099_999.5, "2026-08-01 14:04 UTC"),
        *((at, "") for at in (True, None, "0", -1, 10**400, math.nan, math.inf, 253_402_300_800_000)),
    ],
)
def test_a_moment(at: object, shown: str) -> None:
    assert moment(at) == shown


def test_one_line_is_cut_where_it_is_too_long() -> None:
    assert one_line("a\r\n b\u2028c\x00", 9) == "a b c"
    assert one_line("x" * 10, 10) == "x" * 10
    assert one_line("x" * 11, 10) == "x" * 9 + "…"
    assert one_line(" " * 100 + "x", 10) == "…"
    assert one_line("\ud800") == ""


def test_a_quotation_cannot_be_closed_from_within() -> None:
    assert quotation('12"x10"', 50) == '“12"x10"”'
    assert quotation("yes”\n- Bought: “gold", 50) == '“yes" - Bought: "gold”'
    assert quotation(" \n", 50) == ""
    assert len(quotation("”" * 100, 50)) == 50


def test_a_label_is_told_by_its_number_or_its_price() -> None:
    assert priced(LABEL) == "USPS Priority Mail for $36.90"
    assert numbered(LABEL) == "USPS Priority Mail for $36.90"
    assert numbered({**LABEL, "tracking_number": "S-1", "is_sample": True}) == "S-1 (sample, not postage)"
    assert priced({"price": 5}) == "a label for $5.00"
    assert priced({}) == "a label"


def test_what_is_asked_for() -> None:
    assert asked({"kind": "buy", **LABEL}, []) == "buying USPS Priority Mail for $36.90"
    void = {"kind": "void", "label_id": "label-1"}
    assert asked(void, [{**LABEL, "tracking_number": "9400"}]) == "voiding the label 9400"
    assert asked({"text": "Really?"}, []) == "\u201cReally?\u201d"
    assert asked({}, []) == "a question"


def test_a_time_that_is_not_known_never_comes() -> None:
    assert ran_out(5, 5)
    assert not ran_out(6, 5)
    assert not ran_out(5, None)
    assert not ran_out("soon", 5)
    assert not ran_out(True, 5)


def test_what_is_no_quote_is_passed_over() -> None:
    quote = {"carrier": "USPS", "service": "Ground", "cost": 1}
    assert quotes_of({"quotes": [quote, {}, 5, {"carrier": "USPS", "cost": "free"}]}) == [quote]
    assert quotes_of({"quotes": "many"}) == []


def test_which_label_is_the_present_ones() -> None:
    assert is_current({"label": {"label_id": "label-1"}}, LABEL)
    assert not is_current({"label": {"label_id": "label-2"}}, LABEL)
    assert not is_current({}, LABEL)
