"""The exception tree. Every exception this package raises on purpose is in it.

    ShipanionError
    ├── ConfigurationError      a setting cannot be used; the message says which and what to do
    ├── ProtocolError           the peer sent something the protocol does not allow (carries a code)
    ├── MachineError            our own code drove a state machine the wrong way (a bug)
    ├── StoreError              the store could not do what was asked
    │   ├── StoreUnavailable    for now: disk full, locked, failed sync; trying again may work
    │   ├── StoreInUse          another server has this database open
    │   └── StoreTooNew         the database was written by a newer program
    ├── ShippingError           a parcel, place or quote request cannot be used (see ``shipping``)
    ├── AccountError            an account cannot be made or changed as asked (in ``app.accounts``)
    ├── TooBusy                 more sign-ins at once than can be checked (in ``app.accounts``)
    └── ConnectionRefused       the server turned this client away for good (client side; the client's own
                                refusals are drawn in ``client.refusals``)

A refusal the protocol foresees (an unknown session, a full queue) is a frame, not an exception.
"""

__all__ = [
    "ConfigurationError",
    "ConnectionRefused",
    "MachineError",
    "ProtocolError",
    "ShipanionError",
    "ShippingError",
    "StoreError",
    "StoreInUse",
    "StoreTooNew",
    "StoreUnavailable",
]


class ShipanionError(Exception):
    """Base of everything raised on purpose. ``str()`` is a sentence for a person."""


class ConfigurationError(ShipanionError):
    """A setting cannot be used. The message names the setting and the way out."""


class ProtocolError(ShipanionError):
    """The peer broke the protocol.

    Args:
        code: a name from ``protocol.codes.ERRORS``, for programs.
        message: a sentence for a person.
        id: the client's own id of the offending frame, where one could be read.
        request_id: the plain dialect's ``requestId``, where one could be read.
    """

    def __init__(self, code: str, message: str, *, id: str | None = None, request_id: str | int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.id = id
        self.request_id = request_id


class MachineError(ShipanionError):
    """A state machine was driven through a transition it does not have. Nothing was changed."""


class StoreError(ShipanionError):
    """The store could not do what was asked."""


class StoreUnavailable(StoreError):
    """The store cannot work right now (disk full, locked, failed sync). Trying again may work."""


class StoreInUse(StoreError):
    """Another server process holds this database."""


class StoreTooNew(StoreError):
    """The database was written by a newer program; this one must not touch it."""


class ShippingError(ShipanionError):
    """A parcel, place or quote request cannot be used.

    Args:
        code: for programs, e.g. ``unknown_zip``.
        message: a sentence for a person: what is wrong and what to do.
        field: the field of the request it is about, where there is one.
    """

    def __init__(self, code: str, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


class ConnectionRefused(ShipanionError):
    """The server closed the connection with a code that says: do not come back.

    Args:
        code: the WebSocket close code.
        reason: the error code the server gave, e.g. ``not_found``.
        message: the server's sentence.
    """

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
