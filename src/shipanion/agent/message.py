"""One message of a person's, read, in the turn that answers it."""

from dataclasses import dataclass
from typing import Any

from shipanion.agent.brain import Context
from shipanion.shipping.grammar import Reading

__all__ = ["Message"]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """What was said and what is known. The state is looked up each time: a tool may have changed it meanwhile.

    ``text`` and ``reading`` are without the tracking ``numbers`` that stood in it; ``further`` means that it began as
    one does who has a next parcel: "now one to …".
    """

    context: Context
    text: str
    reading: Reading
    numbers: tuple[str, ...] = ()
    further: bool = False

    @property
    def state(self) -> Json:
        return self.context.state

    @property
    def details(self) -> Json:
        """What is known of the parcel; a copy."""
        return dict(self.state.get("shipping_details", {}))

    @property
    def settled(self) -> bool:
        """Whether the parcel has its label, or is about to: its details stand."""
        return bool(self.state.get("label") or self.state.get("purchase"))

    def listed(self, label_id: object) -> Json | None:
        """The label of the session that has this id."""
        return next((label for label in self.state.get("labels", ()) if label["label_id"] == label_id), None)

    def wants(self, *intents: str) -> bool:
        """Whether it means one of these."""
        return not set(intents).isdisjoint(self.reading.intents)
