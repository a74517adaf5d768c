"""Carriers: ``base`` is the port that each fills, ``ratecard`` the one that needs no key and no network."""
