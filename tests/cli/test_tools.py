"""``shipanion tools``, run as a person runs it."""

import json

from typer.testing import CliRunner

from shipanion.app.tools.reference import as_json, as_markdown, known_tools
from shipanion.cli import app

RUNNER = CliRunner()


def test_it_prints_json_and_the_page() -> None:
    printed = RUNNER.invoke(app, ["tools"])
    assert printed.exit_code == 0
    assert printed.output == as_json(known_tools())
    assert [tool["name"] for tool in json.loads(printed.output)][:3] == [
        "get_shipping_quotes", "select_quote", "create_label",
    ]  # fmt: skip
    assert RUNNER.invoke(app, ["tools", "--markdown"]).output == as_markdown(known_tools())
