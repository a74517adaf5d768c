"""The composition root: settings, accounts, HTTP routes, and the only place that chooses adapters."""
