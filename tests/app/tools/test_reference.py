"""What others are told of the tools: made from the tools, and the files kept are fresh."""

import json
from pathlib import Path

from shipanion.app.tools.reference import as_json, as_markdown, known_tools

ROOT = Path(__file__).resolve().parents[3]
RENEW = "renew it: make schema"


def test_the_files_kept_are_what_the_code_says() -> None:
    assert (ROOT / "schema" / "tools.json").read_text(encoding="utf-8") == as_json(known_tools()), RENEW
    assert (ROOT / "docs" / "tools.md").read_text(encoding="utf-8") == as_markdown(known_tools()), RENEW


def test_every_tool_and_parameter_is_told_of() -> None:
    page = as_markdown(known_tools())
    for tool in json.loads(as_json(known_tools())):
        assert f"## `{tool['name']}`" in page
        assert tool["description"].rstrip(".") in page
        for name in tool["parameters"]["properties"]:
            assert f"| `{name}` |" in page
    assert "| `sender.street` | string | required | House number and street, or a PO box. |" in page
    assert "| `dimensions` | string or object |  |" in page


def test_every_description_is_one_or_two_sentences_for_a_model() -> None:
    for tool in known_tools():
        assert 20 < len(tool.description) < 200
        assert tool.description.endswith(".")
        assert tool.parameters["type"] == "object"
