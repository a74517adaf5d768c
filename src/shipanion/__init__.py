"""Shipanion: a shipping companion whose sessions survive whatever drops."""

__version__ = "0.1.0"
