"""The one line that tells the truth about the connection."""

from typing import Final, Literal, NamedTuple

from shipanion.cli.chat.transcript import REASONS
from shipanion.client import Banner

__all__ = ["BannerLine", "banner_line"]

Mood = Literal["good", "wait", "bad"]

MOODS: Final[dict[str, Mood]] = {
    "connecting": "wait",
    "live": "good",
    "reconnecting": "wait",
    "offline": "wait",
    "resumed": "good",
    "snapshot": "wait",
    "still_working": "good",
    "sign_in": "bad",
    "stopped": "bad",
}


FADES_AFTER: Final = 10_000
"""How long (ms) it is news that one is back."""


class BannerLine(NamedTuple):
    """A sentence, and whether it is good, something to wait for, or something to do something about."""

    mood: Mood
    text: str


def banner_line(banner: Banner, now: int, *, age: int = 0, unsent: int = 0, answering: bool = False) -> BannerLine:
    """What a person reads.

    Args:
        banner: what the client says.
        now: the time in ms, on the client's clock.
        age: for how many ms it has been saying so.
        unsent: how many messages are not acknowledged.
        answering: whether Bob is in the middle of an answer.
    """
    faded = banner.status in ("resumed", "snapshot") and age > FADES_AFTER
    parts = ["live" if faded else _state(banner, now)]
    if unsent:
        parts.append(f"{unsent} message{'s' if unsent > 1 else ''} not acknowledged yet")
    if banner.status == "reconnecting":
        parts.append("/retry to try now")
    elif answering and MOODS[banner.status] != "bad":
        parts.append("Bob is answering, Ctrl-C stops him")
    return BannerLine("good" if faded else MOODS[banner.status], "; ".join(parts))


def _state(banner: Banner, now: int) -> str:
    match banner.status:
        case "connecting":
            return "connecting"
        case "reconnecting":
            seconds = max(0, -(-((banner.at or now) - now) // 1000))
            when = f"next try in {seconds} s" if seconds else "trying"
            return f"reconnecting ({banner.attempt or 1}, {when})"
        case "offline":
            return "offline"
        case "resumed":
            return f"live, resumed ({banner.replayed or 0} replayed)"
        case "snapshot":
            reason = banner.reason or ""
            return f"live, restored from a snapshot ({REASONS.get(reason, reason)})"
        case "still_working":
            return "live, still working on the server"
        case "sign_in":
            return f"sign in again: {banner.message or 'the server does not accept the credential'}"
        case "stopped":
            return f"stopped: {banner.message or banner.reason or 'the server closed the session for good'}"
    return "live"
