"""The tools as others are told of them: as JSON for programs and models, as a page for people.

Both are made from the tools themselves, so there is one place where a tool is described.
"""

import json
from collections.abc import Iterable
from typing import Any

from shipanion.app.domain import ShippingDomain
from shipanion.server.domain import Tool
from shipanion.shipping.carriers.ratecard import RateCardCarrier
from shipanion.shipping.rates import book
from shipanion.stores.base import EffectRow

__all__ = ["as_json", "as_markdown", "known_tools"]

_HEAD = """# Tools

What Bob, a page, a voice agent or a program can have done, as `client_tool_call` ([protocol](protocol.md#tools)).
`shipanion tools` prints the same as JSON, with the JSON Schema of each tool's parameters; `schema/tools.json` is that.
This page is generated from the code: `make schema` renews it.

A result is an object; `say` in it (`message` for quotes) is a sentence for the person. What a tool does outside it does
at most once, and it never waits for a person: it answers at once, and `status` says how things stand
([effects](effects.md)).
"""


def known_tools() -> tuple[Tool, ...]:
    """The tools of a server without any key, for reading only: whatever carrier there is, they are the same."""

    async def nothing(session_id: str, effect_id: str) -> EffectRow | None:
        return None

    return tuple(ShippingDomain(RateCardCarrier(book.packaged()), nothing).tools.values())


def as_json(tools: Iterable[Tool]) -> str:
    """A JSON array of ``{name, description, read_only, parameters}``; ``parameters`` is a JSON Schema."""
    listed = [
        {
            "name": tool.name, "description": tool.description, "read_only": tool.read_only,
            "parameters": tool.parameters,
        }
        for tool in tools
    ]  # fmt: skip
    return json.dumps(listed, indent=2, ensure_ascii=False) + "\n"


def as_markdown(tools: Iterable[Tool]) -> str:
    """The page ``docs/tools.md``."""
    return "\n".join([_HEAD, *(_section(tool) for tool in tools)])


def _section(tool: Tool) -> str:
    kind = "Reads only: it may be run again after a crash." if tool.read_only else "Changes the session."
    lines = [f"## `{tool.name}`", "", f"{tool.description} {kind}", ""]
    rows = list(_rows(tool.parameters))
    if not rows:
        return "\n".join([*lines, "No parameters.", ""])
    lines += ["| parameter | type | | meaning |", "|---|---|---|---|"]
    return "\n".join([*lines, *rows, ""])


def _rows(schema: dict[str, Any], prefix: str = "") -> Iterable[str]:
    required = schema.get("required", ())
    for name, node in schema.get("properties", {}).items():
        needed = "required" if name in required else ""
        yield f"| `{prefix}{name}` | {_type(node)} | {needed} | {node.get('description', '')} |"
        if node.get("type") == "object":
            yield from _rows(node, f"{prefix}{name}.")


def _type(node: dict[str, Any]) -> str:
    if "anyOf" in node:
        return " or ".join(_type(choice) for choice in node["anyOf"])
    return str(node.get("type", "anything"))
