"""``shipanion chat``: ``talk`` does what is typed, ``follow`` shows what happens, both through a ``face``.

The faces are ``terminal``, for a person, and ``lines``, for scripts. Staying connected is ``shipanion.client``'s work.
"""

from shipanion.cli.chat.command import EPILOG, chat

__all__ = ["EPILOG", "chat"]
