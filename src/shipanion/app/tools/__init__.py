"""Shipping's tools, one file each: name, description, parameters and what it does, in one place."""
