"""Parameters of tools as types: what is sent is checked against them, and their JSON Schema is what is published."""

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from shipanion.errors import ShippingError
from shipanion.server.domain import ToolOutcome, failure
from shipanion.shipping import wire

__all__ = ["Address", "Parameters", "read", "refused", "schema"]


class Parameters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a tool takes. Fields it does not know are ignored; null counts as not given."""


P = TypeVar("P", bound=Parameters)


class Address(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A postal address. Town, state and ZIP default to those of the parcel's route."""

    name: Annotated[str, Meta(description="Who: a person or a company.")]
    street: Annotated[str, Meta(description="House number and street, or a PO box.")]
    unit: Annotated[str, Meta(description="Apartment, suite, floor.")] | None = None
    city: str | None = None
    state: Annotated[str, Meta(description="Two letters.")] | None = None
    zip: Annotated[str, Meta(description="Must be the ZIP code that was quoted for.")] | None = None


def read(parameters: dict[str, Any], kind: type[P]) -> P:
    """The parameters of a call, checked.

    Raises:
        ShippingError: ``wrong_type`` or ``missing_field``, with the name of the field.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as error:
        raise ShippingError("wrong_type", f"The parameters cannot be used: {error}.") from None


def schema(kind: type[Parameters]) -> dict[str, Any]:
    """The JSON Schema of a tool's parameters, whole: without references and without nulls."""
    _, found = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    whole: dict[str, Any] = _plain(found[kind.__name__], found)
    return whole


def _plain(node: Any, found: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_plain(item, found) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return {**_plain(found[node["$ref"].rpartition("/")[2]], found), **rest}
    kept = {key: _plain(value, found) for key, value in node.items() if key not in ("title", "default")}
    choices = kept.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        (only,) = [choice for choice in choices if choice != {"type": "null"}]
        del kept["anyOf"]
        return {**only, **kept}
    return kept


def refused(tool_name: str, parameters: dict[str, Any], error: ShippingError) -> ToolOutcome:
    """The outcome of a call that cannot be done as asked: ``{status: "refused", say, error, original_request, code,
    field?}``."""
    failed = failure(tool_name, parameters, error.message)
    result = {"status": "refused", "say": error.message, **wire.tool_failure(error, parameters)}
    return ToolOutcome(result=result, is_error=True, updates=failed.updates, about=error)
