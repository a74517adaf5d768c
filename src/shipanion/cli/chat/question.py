"""What a person's yes is asked for, as a block: the price first, and how to answer last."""

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.text import Text

from shipanion.cli.chat.figures import number, price, service, until
from shipanion.cli.console import printable

__all__ = ["asked", "question_lines", "question_view"]


def asked(about: Mapping[str, object]) -> str:
    """The question, without the words on how to answer: the block has its own."""
    text = " ".join(printable(str(about.get("text") or "")).split())
    return text.removesuffix("Say yes or no.").rstrip()


def question_lines(about: Mapping[str, object]) -> list[str]:
    """The block's lines, the price on the first one.

    Args:
        about: state ``approval``, or the same put together from the event. Without ``text`` the question itself is left
            out, for where it was just said.
    """
    lines = [_headline(about), *(line for line in (_what(about), _route(about), asked(about)) if line)]
    at = until(about.get("expires_at"))
    lines.append(f"Say yes or no (or /yes, /no){f'; it holds until {at}' if at else ''}.")
    return lines


def question_view(about: Mapping[str, object]) -> RenderableType:
    """The block for a terminal."""
    headline, *rest = question_lines(about)
    *facts, how = (Text(line) for line in rest)
    return Group(Text(f" {headline} ", style="bold reverse"), *facts, Text(how.plain, style="bold"))


def _headline(about: Mapping[str, object]) -> str:
    amount = price(about.get("price"))
    if about.get("kind") == "void":
        return "SAMPLE label to be voided" if about.get("is_sample") else f"Label to be voided: {amount}"
    return f"{amount}  SAMPLE: nothing is paid" if about.get("is_sample") else f"{amount} to pay"


def _what(about: Mapping[str, object]) -> str:
    eta = about.get("eta")
    return ", usually ".join(part for part in (service(about), printable(str(eta)) if eta else "") if part)


def _route(about: Mapping[str, object]) -> str:
    if "from" not in about or "to" not in about:
        return ""
    weight = f", {number(about['weight_lbs'])} lb" if about.get("weight_lbs") is not None else ""
    return printable(f"{about['from']} to {about['to']}{weight}")
