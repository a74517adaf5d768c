"""The Python client: an asyncio shell over the protocol's client machine."""
