"""``shipanion verify``: a black box's view of a server.

``course`` does things to it and ``history`` records every frame, over ``wire``'s raw connections; the ``on_…`` files
judge the record afterwards, one a step. Nothing here uses the project's own client or protocol code, so that a fault
which the two ends share is still seen.
"""

from shipanion.cli.verify.command import EPILOG, verify

__all__ = ["EPILOG", "verify"]
