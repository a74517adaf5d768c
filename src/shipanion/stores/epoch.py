"""The epoch as it goes on the wire: the session's own, joined with the incarnation of the store that holds
it.

A store that was restored from a backup gets another incarnation, so every position given out before means
nothing in it any more.
"""

import secrets

from shipanion.protocol.position import valid_epoch

__all__ = ["new_incarnation", "wire_epoch"]


def new_incarnation() -> str:
    """A name for a new life of a store: 12 characters, random."""
    return secrets.token_hex(6)


def wire_epoch(epoch: str, incarnation: str) -> str:
    """Join the two.

    Raises:
        ValueError: the result is not an epoch (1 to 64 letters, digits, dots, underscores, hyphens).
    """
    joined = f"{epoch}.{incarnation}"
    if not epoch or not valid_epoch(joined):
        raise ValueError(f"an epoch is 1 to {63 - len(incarnation)} letters, digits, '.', '_' or '-', not {epoch!r}")
    return joined
