"""What a typed line asks for: a message for Bob, or an order to the chat itself."""

from typing import Final, NamedTuple

__all__ = ["HELP", "ORDERS", "Line", "read_line"]

ORDERS: Final = {
    "new": "begin a new session",
    "sessions": "list your sessions, with numbers",
    "switch": "N: go to session N of that list, or to the session with that id",
    "yes": "answer Bob's question with yes: what it says is done, once",
    "no": "answer it with no: nothing is done",
    "label": "[N or tracking number] [FILE]: save a label as a PDF; it never overwrites a file",
    "state": "show the shipment and its labels as the session knows them",
    "stop": "stop the answer that Bob is giving (Ctrl-C does the same; with no answer to stop it leaves)",
    "retry": "try to connect now",
    "sign-in": "give the account's password again",
    "help": "show this",
    "quit": "leave; the session stays (Ctrl-D does the same, and Ctrl-C where there is no answer to stop)",
}

HELP: Final = "\n".join(
    [
        "Say what you want to send, for example: 5 lb from 90210 to 10001",
        *(f"/{order:<9} {words}" for order, words in ORDERS.items()),
    ]
)


class Line(NamedTuple):
    """What was asked for.

    ``order`` is one of ``ORDERS``, ``say`` for a message, ``wrong``, or empty for a line with nothing in it; ``text``
    is the message, the order's argument, or what was wrong.
    """

    order: str
    text: str


def read_line(typed: str) -> Line:
    """What a line asks for. A message that begins with a slash is typed with two."""
    text = typed.strip()
    if text.startswith("//"):
        return Line("say", text[1:])
    if not text.startswith("/"):
        return Line("say" if text else "", text)
    name, _, argument = text[1:].partition(" ")
    order = name.lower()
    if order not in ORDERS:
        return Line("wrong", f"/{name} is no order of this chat. /help lists them; // begins a message with a slash.")
    if order == "switch" and not argument.strip():
        return Line("wrong", "/switch needs the number of a session. /sessions lists them.")
    return Line(order, argument.strip())
