"""The parts of the grammar, from letters up. ``shipanion.shipping.grammar`` is the door.

lexicon    the words it knows, as tables
tokens     a text as words, numbers and signs
numerals   numbers in words as numbers
sentence   the tokens of one text, and which of them a rule has understood
addresses  rules for postal addresses: who, and what stands around a street
streets    … the street, the flat and the floor
localities … town, state and ZIP code
pieces     … tokens as they are printed
postal_words  the words of addresses, as tables
measures   rules for dimensions and weights
towns      rules for the names of towns and states
route      rules for the roles of places
wishes     rules for intents, yes and no, and choices
"""
