"""Price tables: dated JSON files beside this one, and ``table``, which loads them and prices parcels."""
