import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shipanion.errors import ShippingError
from shipanion.shipping.parcel import Dimensions, Parcel, read_dimensions, read_parcel, read_weight
from shipanion.shipping.refusals import CODES

anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.integers()),
    st.dictionaries(
        st.sampled_from(["length", "width", "height", "depth"]), st.one_of(st.floats(), st.text(), st.none())
    ),
    st.from_regex(r"[0-9.]{1,6}( )?(x|X|×|by)( )?[0-9.]{1,6}x[0-9.]{1,6}( in)?", fullmatch=True),
    st.from_regex(r"[-+]?[0-9]{0,9}\.?[0-9]{0,9}", fullmatch=True),
)  # fmt: skip


def code(read: object, value: object) -> str:
    assert callable(read)
    with pytest.raises(ShippingError) as caught:
        read(value)
    assert caught.value.field in ("weight", "dimensions")
    assert caught.value.message.endswith(".")
    return caught.value.code


@pytest.mark.parametrize(
    ("sent", "pounds"),
    [
        (5, 5.0),
        (5.5, 5.5),
        ("5.5", 5.5),
        (" 5 ", 5.0),
        (".5", 0.5),
        ("5.", 5.0),
        (70, 70.0),
        (1e-9, 0.0001),
        (70.00001, 70.0),
    ],
)
def test_weights_that_can_be_sent(sent: object, pounds: float) -> None:
    assert read_weight(sent) == pounds


@pytest.mark.parametrize(
    "sent",
    ["banana", "", "nan", "inf", "1e3", "5 lb", "\u0665", "1_0", None, True, math.nan, math.inf, -math.inf, [], {}],
)
def test_what_is_no_weight(sent: object) -> None:
    assert code(read_weight, sent) == "malformed_weight"


@pytest.mark.parametrize("sent", [0, 0.0, -0.0, -5, "-3", "0", -1e-12, -(10**400)])
def test_nothing_weighs_zero_or_less(sent: object) -> None:
    assert code(read_weight, sent) == "weight_not_positive"


@pytest.mark.parametrize("sent", [900, 70.1, "900", 10**400, 1e308, "999999999"])
def test_too_heavy(sent: object) -> None:
    assert code(read_weight, sent) == "too_heavy"


def test_a_rounding_error_does_not_spill_into_the_next_pound() -> None:
    assert read_weight(math.nextafter(5.0, 6.0)) == 5.0


@pytest.mark.parametrize(
    "sent",
    [
        "12x10x8", "12 x 10 x 8", "12X10X8", "12×10×8 in", "12 by 10 by 8 inches", '12" x 10" x 8"', "8x12x10",
        "12in x 10in x 8in", "12.0*10*8.", {"length": 8, "width": 12, "height": 10},
        {"length": "8", "width": "12", "height": 10.0, "unit": "in"},
    ],
)  # fmt: skip
def test_dimensions_however_they_are_written(sent: object) -> None:
    dimensions = read_dimensions(sent)
    assert dimensions == Dimensions(12, 10, 8)
    assert str(dimensions) == "12x10x8"


@pytest.mark.parametrize(
    "sent",
    [
        "banana", "", "12x10", "12x10x8x4", "0x10x8", "-1x10x8", "axbxc", "12x10x8 cm", "1" * 5000, 12, None, True,
        [12, 10, 8], {}, {"length": 12, "width": 10}, {"length": 12, "width": 10, "height": math.nan},
        {"length": 12, "width": 10, "height": 0}, {"length": 12, "width": 10, "height": True},
    ],
)  # fmt: skip
def test_what_is_no_size(sent: object) -> None:
    assert code(read_dimensions, sent) == "malformed_dimensions"


def test_length_plus_girth_has_a_limit() -> None:
    assert read_dimensions("50x20x20").length_plus_girth == 130
    assert code(read_dimensions, "50.1x20x20") == "too_large"
    assert code(read_dimensions, {"length": 10**400, "width": 1, "height": 1}) == "too_large"


def test_sides_for_dimensional_weight_are_rounded_up() -> None:
    assert Dimensions(12.1, 10, 7.9).rounded_up() == Dimensions(13, 10, 8)
    assert Dimensions(12, 10, 8).volume == 960
    assert Dimensions(12, 10, 8).girth == 36


@pytest.mark.parametrize("sent", [None, "", "  "])
def test_a_parcel_may_have_no_dimensions(sent: object) -> None:
    parcel = read_parcel(0.5, sent)
    assert parcel.dimensions is None
    assert parcel.ounces == 8


@given(anything, anything)
def test_whatever_is_sent_is_a_parcel_or_a_designed_refusal(weight: object, dimensions: object) -> None:
    designed = True
    try:
        parcel: Parcel | None = read_parcel(weight, dimensions)
    except ShippingError as error:
        designed = error.field in ("weight", "dimensions") and error.code in CODES
        parcel = None
    assert designed
    if parcel is None:
        return
    assert 0 < parcel.weight_lbs <= 70
    if parcel.dimensions is not None:
        size = parcel.dimensions
        assert size.length >= size.width >= size.height > 0
        assert size.length_plus_girth <= 130
        assert read_dimensions(str(size)) == size


@given(st.floats(0, 70, exclude_min=True), st.floats(0, 70, exclude_min=True))
def test_reading_a_weight_keeps_the_order(one: float, other: float) -> None:
    assume(one <= other)
    assert read_weight(one) <= read_weight(other)
