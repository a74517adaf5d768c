"""The states of a client and every way from one to another, as a table.

Everything that decides which input is legal when is in this file; the machine holds itself to it. An input
that has no entry raises ``MachineError`` and changes nothing.

    IDLE        not started
    WAITING     no connection; the next try has a time, or waits for the network
    CONNECTING  a connection is being opened
    GREETING    open, no welcome yet
    LIVE        welcomed; events flow
    SIGN_IN     the credential is no good; only a new one leads on
    STOPPED     ended by the application, or by a server that said: do not come back
"""

from enum import Enum
from typing import Final

__all__ = ["TRANSITIONS", "State"]


class State(Enum):
    """Where a client is."""

    IDLE = "idle"
    WAITING = "waiting"
    CONNECTING = "connecting"
    GREETING = "greeting"
    LIVE = "live"
    SIGN_IN = "sign_in"
    STOPPED = "stopped"


_I, _W, _C, _G, _L, _S, _X = State
# What ends a connection: a try later, a credential first, or never again.
_LOST: Final = {_W, _C, _S, _X}

TRANSITIONS: Final[dict[State, dict[str, set[State]]]] = {
    _I: {
        "start": {_C},
        "stop": {_X},
    },
    _W: {
        "timer": {_W, _C},
        "try_now": {_W, _C},
        "online": {_W},
        "offline": {_W},
        "token": {_W},
        "submit": {_W},
        "ask": {_W},
        "tell": {_W},
        "stop": {_X},
    },
    _C: {
        "opened": {_G},
        "closed": _LOST,
        "timer": {_C, _W},
        "try_now": {_C},
        "online": {_C},
        "offline": {_C},
        "token": {_C},
        "submit": {_C},
        "ask": {_C},
        "tell": {_C},
        "stop": {_X},
    },
    _G: {
        "received": {_G, _L, _W},
        "closed": _LOST,
        "timer": {_G, _W},
        "try_now": {_G},
        "online": {_G},
        "offline": {_G},
        "token": {_G},
        "submit": {_G},
        "ask": {_G},
        "tell": {_G},
        "stop": {_X},
    },
    _L: {
        "received": {_L, _W, _S},
        "closed": _LOST,
        "timer": {_L, _W},
        "try_now": {_L},
        "online": {_L},
        "offline": {_L},
        "token": {_L},
        "submit": {_L},
        "ask": {_L},
        "tell": {_L},
        "stop": {_X},
    },
    _S: {
        "timer": {_S},
        "try_now": {_C},
        "online": {_S},
        "offline": {_S},
        "token": {_C},
        "submit": {_S},
        "ask": {_S},
        "tell": {_S},
        "stop": {_X},
    },
    # A person may overrule a server that said stop ("use it here"), and go on after a frame that was too
    # large.
    _X: {
        "timer": {_X},
        "try_now": {_C},
        "online": {_X},
        "offline": {_X},
        "token": {_X},
        "stop": {_X},
    },
}
