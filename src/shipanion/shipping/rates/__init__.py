"""Price tables: dated JSON files beside this one.

table   loads one and prices a parcel by it
book    several, and which of them holds on a day
"""
