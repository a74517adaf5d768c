from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shipanion.errors import ShippingError
from shipanion.shipping.address import Address, as_json, lines, read_address

ANA = {"name": "Ana Diaz", "street": "123 Main St"}
WHOLE = Address("Ana Diaz", "123 Main St", "Apt 4", "Beverly Hills", "CA", "90210")


def refused(value: object, zip_code: str = "90210") -> ShippingError:
    with pytest.raises(ShippingError) as caught:
        read_address(value, "sender", zip=zip_code)
    assert str(caught.value.field).startswith("sender")
    assert caught.value.message.endswith((".", "?")) or "Missing required field" in caught.value.message
    assert len(caught.value.message.splitlines()) == 1
    return caught.value


def test_what_is_missing_comes_from_the_zip_of_the_route() -> None:
    assert read_address(ANA, "sender", zip="90210") == Address(
        "Ana Diaz", "123 Main St", None, "Beverly Hills", "CA", "90210"
    )
    assert read_address({**ANA, "unit": "", "city": None, "state": " ", "zip": ""}, "sender", zip="90210-1234") == (
        read_address(ANA, "sender", zip="90210")
    )


@pytest.mark.parametrize("state", ["CA", "ca", " California ", "california", "C.A."])
@pytest.mark.parametrize(
    ("zip_code", "kept"),
    [("90210", "90210"), (90210, "90210"), ("90210-1234", "90210-1234"), ("902101234", "90210-1234")],
)
def test_a_whole_address_as_it_is_written(state: str, zip_code: object, kept: str) -> None:
    sent = {"name": " Ana  Diaz ", "street": "123\u00a0Main St", "unit": "Apt 4", "city": "Beverly Hills"}
    read = read_address({**sent, "state": state, "zip": zip_code}, "sender", zip="90210")
    assert read == Address("Ana Diaz", "123 Main St", "Apt 4", "Beverly Hills", "CA", kept)
    assert read_address(as_json(read), "sender", zip="90210") == read


@pytest.mark.parametrize(
    "street",
    ["1 A", "PO Box 77", "P.O. Box 77", "p o box", "General Delivery", "RR 2 Box 15", "HC 1 Box 2", "221B Baker St"],
)
def test_streets(street: str) -> None:
    assert read_address({**ANA, "street": street}, "sender", zip="90210").street == street


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"name": None}, "missing_field", "sender.name"),
        ({"name": " \n"}, "missing_field", "sender.name"),
        ({"street": ""}, "missing_field", "sender.street"),
        ({"name": 5}, "wrong_type", "sender.name"),
        ({"street": ["123 Main St"]}, "wrong_type", "sender.street"),
        ({"unit": 4}, "wrong_type", "sender.unit"),
        ({"state": 4}, "wrong_type", "sender.state"),
        ({"name": "x" * 61}, "malformed_address", "sender.name"),
        ({"street": "1 " + "x" * 59}, "malformed_address", "sender.street"),
        ({"unit": "x" * 31}, "malformed_address", "sender.unit"),
        ({"city": "x" * 41}, "malformed_address", "sender.city"),
        ({"name": "Ana\nDiaz"}, "malformed_address", "sender.name"),
        ({"name": "Ana\u202eDiaz"}, "malformed_address", "sender.name"),
        ({"street": "1 Main\x00St"}, "malformed_address", "sender.street"),
        ({"name": "..."}, "malformed_address", "sender.name"),
        ({"street": "Main Street"}, "malformed_address", "sender.street"),
        ({"street": "123"}, "malformed_address", "sender.street"),
        ({"street": "the PO Box"}, "malformed_address", "sender.street"),
        ({"city": "Beverly Hills, CA"}, "malformed_address", "sender.city"),
        ({"city": "90210"}, "malformed_address", "sender.city"),
        ({"state": "XX"}, "unknown_state", "sender.state"),
        ({"state": "California" + " " * 60 + "Nevada"}, "unknown_state", "sender.state"),
        ({"zip": "9021"}, "malformed_zip", "sender.zip"),
        ({"zip": "00000"}, "unknown_zip", "sender.zip"),
        ({"zip": "90211"}, "zip_differs", "sender.zip"),
        ({"zip": "10001", "state": "NY"}, "zip_differs", "sender.zip"),
        ({"state": "NV"}, "place_differs", "sender.state"),
        ({"city": "Brooklyn", "state": "CA"}, "place_differs", "sender.city"),
    ],
)
def test_what_is_refused(change: dict[str, Any], code: str, field: str) -> None:
    error = refused({**ANA, **change})
    assert (error.code, error.field) == (code, field)


@pytest.mark.parametrize("value", [None, "Ana Diaz, 123 Main St", 5, [], True])
def test_an_address_is_an_object(value: object) -> None:
    assert (refused(value).code, refused(value).field) == ("wrong_type", "sender")


def test_a_refusal_says_both() -> None:
    assert refused({**ANA, "state": "NV"}).message == "90210 is in California, not in NV."
    differs = refused({**ANA, "zip": "10001"}).message
    assert "10001" in differs
    assert "90210" in differs
    elsewhere = refused({**ANA, "city": "Brooklyn"}).message
    assert "Brooklyn" in elsewhere
    assert "Beverly Hills, CA" in elsewhere


@pytest.mark.parametrize("city", ["Los Angeles", "BEVERLY HILLS", "Xyzzyville", "San Francisco"])
def test_a_town_is_kept_as_it_was_said_unless_it_lies_in_other_states_only(city: str) -> None:
    assert read_address({**ANA, "city": city}, "sender", zip="90210").city == city


def test_territories_and_the_district() -> None:
    assert read_address({**ANA, "state": "Puerto Rico"}, "sender", zip="00901").state == "PR"
    assert read_address({**ANA, "state": "D.C."}, "sender", zip="20001").state == "DC"


def test_lines_of_a_label() -> None:
    assert lines(WHOLE) == ("Ana Diaz", "123 Main St Apt 4", "Beverly Hills, CA 90210")
    assert lines(read_address(ANA, "sender", zip="90210")) == ("Ana Diaz", "123 Main St", "Beverly Hills, CA 90210")
    long = Address("Ana", "12345 North Martin Luther King Boulevard", "Building 12", "Austin", "TX", "78701")
    assert lines(long) == ("Ana", "Building 12", "12345 North Martin Luther King Boulevard", "Austin, TX 78701")


def test_as_json_takes_the_unit_of_the_address_before_away() -> None:
    assert as_json(read_address(ANA, "sender", zip="90210"))["unit"] is None
    assert as_json(WHOLE) == {
        "name": "Ana Diaz",
        "street": "123 Main St",
        "unit": "Apt 4",
        "city": "Beverly Hills",
        "state": "CA",
        "zip": "90210",
    }


texts = st.one_of(st.text(max_size=70), st.sampled_from(["Ana", "1 Main St", "CA", "90210", "Boston", ""]))
anything = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts, st.lists(texts, max_size=2))


@given(st.dictionaries(st.sampled_from(["name", "street", "unit", "city", "state", "zip", "x"]), anything))
@example({"name": "Ana", "street": "1 Main", "city": "\u0661"})
def test_whatever_is_sent_is_read_or_refused_and_reads_the_same_again(value: dict[str, Any]) -> None:
    try:
        address = read_address(value, "sender", zip="90210")
    except ShippingError:
        return
    assert all(line.isprintable() and line.strip() == line for line in lines(address))
    assert read_address(as_json(address), "sender", zip="90210") == address
