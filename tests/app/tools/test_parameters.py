"""Parameters of tools: checked by their types, and published as a schema that needs nothing beside it."""

from typing import Any

import pytest

from shipanion.app.tools.choice import SelectQuote
from shipanion.app.tools.label import CreateLabel
from shipanion.app.tools.parameters import Parameters, read, refused, schema
from shipanion.app.tools.session import NewShipment
from shipanion.errors import ShippingError


def nodes(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [value, *(inner for child in value.values() for inner in nodes(child))]
    return [inner for child in value for inner in nodes(child)] if isinstance(value, list) else []


@pytest.mark.parametrize("kind", [SelectQuote, CreateLabel, NewShipment])
def test_a_schema_stands_alone(kind: type[Parameters]) -> None:
    whole = schema(kind)
    assert whole["type"] == "object"
    assert whole["description"] == kind.__doc__
    for node in nodes(whole):
        assert "$ref" not in node
        assert node.get("type") != "null"
        assert "title" not in node


def test_what_must_be_given_is_said() -> None:
    assert schema(SelectQuote)["required"] == ["quote"]
    sender = schema(CreateLabel)["properties"]["sender"]
    assert sender["required"] == ["name", "street"]
    assert sender["properties"]["unit"]["description"] == "Apartment, suite, floor."


def test_reading_takes_what_models_send() -> None:
    wanted = read({"quote": "cheapest", "sender": None, "colour": "red"}, CreateLabel)
    assert wanted == CreateLabel(quote="cheapest")
    assert read({"same_details": "true"}, NewShipment).same_details
    assert not read({}, NewShipment).same_details


@pytest.mark.parametrize(
    ("parameters", "kind", "says"),
    [
        ({}, SelectQuote, "quote"),
        ({"quote": 5}, SelectQuote, "$.quote"),
        ({"sender": "Ana"}, CreateLabel, "$.sender"),
        ({"sender": {"name": "Ana"}}, CreateLabel, "street"),
        ({"same_details": "perhaps"}, NewShipment, "$.same_details"),
    ],
)
def test_what_cannot_be_used_is_said(parameters: dict[str, Any], kind: type[Parameters], says: str) -> None:
    with pytest.raises(ShippingError) as error:
        read(parameters, kind)
    assert error.value.code == "wrong_type"
    assert says in error.value.message


def test_a_refusal_has_the_form_of_every_failed_tool() -> None:
    outcome = refused("create_label", {"quote": 5}, ShippingError("no_quotes", "There are none.", field="quote"))
    assert outcome.is_error
    assert outcome.result == {
        "status": "refused", "say": "There are none.", "error": "There are none.", "code": "no_quotes",
        "field": "quote", "original_request": {"quote": 5},
    }  # fmt: skip
    (told,) = outcome.updates
    assert (told.text, told.data["is_error"]) == ("create_label_result", True)
