import pytest

from shipanion.shipping.language import measures
from shipanion.shipping.language.sentence import Sentence


def weight(text: str) -> tuple[float | None, set[str]]:
    said = Sentence(text)
    return measures.weight(said), said.ambiguous


def dimensions(text: str) -> tuple[str | None, set[str]]:
    said = Sentence(text)
    return measures.dimensions(said), said.ambiguous


@pytest.mark.parametrize(
    ("text", "pounds"),
    [
        ("5 lb", 5), ("5lbs", 5), ("8 oz", 0.5), ("2 lb 8 oz", 2.5), ("2 pounds and 8 ounces", 2.5), ("1 kg", 2.2046),
        ("1 kg 500 g", 3.3069), ("454 grams", 1.0009), ("half a pound", 0.5), ("a pound and a half", 1.5),
        ("two pounds and a quarter", 2.25), ("5-pound box", 5), ("-5 lb", -5), ("weighs about 5", 5),
        ("weight: 5", 5), ("a pound and half of it", 1),
    ],
)  # fmt: skip
def test_a_weight_in_any_unit(text: str, pounds: float) -> None:
    assert weight(text) == (pounds, set())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("5 lb or 6 lb", "weight_twice"),
        ("5-6 lb", "weight_range"),
        ("5 to 6 lb", "weight_range"),
        ("under 5 lb", "weight_vague"),
        ("not a 5 lb box", "weight_vague"),
        ("a few pounds", "weight_vague"),
        ("a couple of pounds", "weight_vague"),
    ],
)
def test_a_weight_that_is_not_sure_is_none(text: str, reason: str) -> None:
    assert weight(text) == (None, {reason})


def test_the_same_weight_said_twice_is_sure() -> None:
    assert weight("5 lb, yes 5 pounds") == (5, set())


@pytest.mark.parametrize(
    "text", ["5", "$5 a pound", "5 a pound", "5 inches", "weight 90210", "weighs 12 inches", "weighs 12x10x8", "pounds"]
)
def test_what_is_no_weight(text: str) -> None:
    assert weight(text) == (None, set())


@pytest.mark.parametrize(
    ("text", "inches"),
    [
        ("12x10x8", "12x10x8"), ("8 x 10 x 12", "8x10x12"), ("12 by 10 by 8", "12x10x8"), ("1x1x1 ft", "12x12x12"),
        ("25.4 x 50.8 x 2.54 cm", "10x20x1"), ('12" x 10" x 8"', "12x10x8"), ("1 ft x 10 in x 8 in", "12x10x8"),
    ],
)  # fmt: skip
def test_dimensions_in_any_unit(text: str, inches: str) -> None:
    assert dimensions(text) == (inches, set())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("12x10", "dimensions_incomplete"),
        ("12x10x8x6", "dimensions_incomplete"),
        ("12x10x8 or 9x9x9", "dimensions_twice"),
    ],
)
def test_dimensions_that_are_not_sure_are_none(text: str, reason: str) -> None:
    assert dimensions(text) == (None, {reason})


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("one package", []), ("1 box", []), ("a box", []), ("one more parcel", []), ("two packages", ["two"]),
        ("two more parcels", ["two"]), ("one more day", ["one"]),
    ],
)  # fmt: skip
def test_one_package_is_understood_and_two_are_not(text: str, left: list[str]) -> None:
    said = Sentence(text)
    measures.one_parcel(said)
    assert [token.text for token in said.left()] == left


@pytest.mark.parametrize(
    ("text", "inches"),
    [
        ("12 inches long, 10 wide and 8 high", "12x10x8"),
        ("length 12, width 10, height 8", "12x10x8"),
        ("12 inches long by 10 inches wide by 8 inches high", "12x10x8"),
        ("30 cm long, 20 wide, 10 deep", "11.811x7.874x3.937"),
        ("a one foot cube", "12x12x12"),
    ],
)
def test_dimensions_one_by_one(text: str, inches: str) -> None:
    assert dimensions(text) == (inches, set())


@pytest.mark.parametrize(
    "text", ["a foot long", "12 inches", "5 inches by 6 feet", "10 wide 8 high", "24 inches long 10 wide 8 high 6 deep"]
)
def test_fewer_sides_than_three_are_incomplete(text: str) -> None:
    assert dimensions(text) == (None, {"dimensions_incomplete"})


def test_a_weight_behind_a_side_is_no_side() -> None:
    assert weight("a foot long 5 lb") == (5, set())
    assert dimensions("how long 5 days") == (None, set())


@pytest.mark.parametrize(
    ("text", "pounds"), [("not 5 pounds, 6 pounds", 6), ("8 oz, not pounds", 0.5), ("start over, 2 lb", 2)]
)
def test_a_weight_that_corrects_another(text: str, pounds: float) -> None:
    assert weight(text) == (pounds, set())


@pytest.mark.parametrize("text", ["not 5 lb", "over 2 lb", "not pounds"])
def test_a_weight_that_is_only_denied_is_vague(text: str) -> None:
    assert weight(text) == (None, {"weight_vague"})


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("I meant ounces", "oz"),
        ("ounces, not pounds", "oz"),
        ("not ounces, pounds", "lb"),
        ("sorry, kilos", "kg"),
        ("8 ounces", None),
        ("ounces or grams", None),
        ("how many ounces", None),
        ("", None),
    ],
)
def test_a_unit_alone_corrects_the_one_before(text: str, unit: str | None) -> None:
    assert measures.meant_unit(Sentence(text)) == unit
