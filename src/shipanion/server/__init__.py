"""The asyncio shell around the protocol: one node, its live sessions and connections, and the turns it owns.

Knows nothing of what the sessions are about: that is the ``Domain`` it is given.
"""
