"""Counts of what a node did, for operators and for tests that must not pass vacuously."""

from shipanion.protocol.frames import Welcome

__all__ = ["Metrics"]


class Metrics:
    """Plain counters; the app turns them into whatever its monitoring reads."""

    def __init__(self) -> None:
        self.connections = 0
        self.created = 0
        self.recovered = 0
        self.recovered_with_events = 0
        self.replayed = 0
        self.snapshots: dict[str, int] = {}
        self.positions_ahead = 0
        self.cut_stuck = 0
        self.cut_silent = 0
        self.swept = 0

    def resumed(self, welcome: Welcome) -> None:
        """A session was entered."""
        if welcome.outcome == "created":
            self.created += 1
        elif welcome.outcome == "recovered":
            self.recovered += 1
            self.replayed += welcome.replayed
            self.recovered_with_events += welcome.replayed > 0
        else:
            reason = welcome.reason or "fresh"
            self.snapshots[reason] = self.snapshots.get(reason, 0) + 1
