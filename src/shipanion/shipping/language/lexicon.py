"""The words the grammar knows. Growing it is adding lines here; the rules are in ``grammar``.

Phrases are tuples of lower-case words without apostrophes ("what's" is ``whats``).
"""

from types import MappingProxyType

__all__ = [
    "BARE_FILLERS",
    "DESTINATION_NOUNS",
    "DESTINATION_WORDS",
    "DIGITS",
    "INCHES",
    "INFINITIVE_LEADS",
    "INTENTS",
    "NEGATIONS",
    "NO",
    "ORDINALS",
    "ORIGIN_NOUNS",
    "ORIGIN_WORDS",
    "PARCEL_WORDS",
    "POLITE",
    "POUNDS",
    "QUESTION_WORDS",
    "SERVICES",
    "SMALLER_UNIT",
    "SUPERLATIVES",
    "TEENS",
    "TENS",
    "VAGUE",
    "VERBS",
    "WEIGHT_FILLERS",
    "WEIGHT_WORDS",
    "YES",
]


def _phrases(*lines: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(line.split()) for line in lines)


# --- numbers and units ----------------------------------------------------------------------------

DIGITS = MappingProxyType(
    {
        "zero": 0, "oh": 0, "o": 0, "one": 1, "two": 2, "three": 3, "four": 4,
        "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    }
)  # fmt: skip
TEENS = MappingProxyType(
    {
        "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
        "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    }
)  # fmt: skip
TENS = MappingProxyType(
    {
        "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60,
        "seventy": 70, "eighty": 80, "ninety": 90,
    }
)  # fmt: skip
ORDINALS = MappingProxyType({"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1})

_LB, _OZ, _KG, _G = 1.0, 1 / 16, 1 / 0.45359237, 0.001 / 0.45359237
POUNDS = MappingProxyType(
    {
        **dict.fromkeys(("lb", "lbs", "pound", "pounds"), _LB),
        **dict.fromkeys(("oz", "ounce", "ounces"), _OZ),
        **dict.fromkeys(("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"), _KG),
        **dict.fromkeys(("g", "gram", "grams"), _G),
    }
)
"""Unit of weight → pounds."""

SMALLER_UNIT = MappingProxyType({_LB: _OZ, _KG: _G})
"""What may follow as the second part of one weight: "2 lb 8 oz"."""

INCHES = MappingProxyType(
    {
        **dict.fromkeys(("in", "inch", "inches"), 1.0),
        **dict.fromkeys(("cm", "centimeter", "centimeters", "centimetre", "centimetres"), 1 / 2.54),
        **dict.fromkeys(("mm", "millimeter", "millimeters"), 1 / 25.4),
        **dict.fromkeys(("ft", "foot", "feet"), 12.0),
    }
)
"""Unit of length → inches."""

WEIGHT_WORDS = frozenset({"weight", "weighs", "weigh", "weighing", "weighed"})
WEIGHT_FILLERS = frozenset("is its it about around approximately roughly exactly now at of in at".split())
VAGUE = frozenset(
    "not isnt under over below above than least most almost nearly between couple few several dozen".split()
)
"""Before a weight these make it another one, or none."""

PARCEL_WORDS = frozenset("package parcel box item envelope packet".split())

BARE_FILLERS = frozenset(
    "its it is about around just only exactly approximately roughly say like um uh er hm well ok okay oh so "
    "the please bob".split()
)
"""What may stand beside a number that is the whole answer: "it is about 5"."""

# --- places ---------------------------------------------------------------------------------------

ORIGIN_WORDS = frozenset({"from", "leaving"})
ORIGIN_NOUNS = frozenset({"origin", "sender"})
DESTINATION_WORDS = frozenset({"to", "into", "toward", "towards"})
DESTINATION_NOUNS = frozenset({"destination", "recipient", "receiver"})
"""After a noun, "to" and "is" do not change the end: "change the origin to 90210"."""

INFINITIVE_LEADS = frozenset(
    "want wants need needs like love have has had trying try tried wanna supposed able ready plan planning "
    "hope hoping how used ought got wish wishing about".split()
)
"""After these, "to" introduces a verb, unless a ZIP follows at once."""

VERBS = frozenset(
    "ship send mail get know be go have quote see change make use buy pay deliver weigh find compare check "
    "drop give tell do say switch update set move".split()
)
"""After "to", or between "to" and a ZIP, these mean that it named no place."""

# --- what somebody wants --------------------------------------------------------------------------

INTENTS = MappingProxyType(
    {
        "quote": _phrases(
            "quote", "quotes", "rate", "rates", "price", "prices", "pricing", "cost", "costs", "how much",
            "ship", "shipping", "send", "mail it", "postage",
        ),
        "summary": _phrases(
            "so far", "where were we", "where did we leave off", "where we left off", "summary", "summarize",
            "summarise", "recap", "remind me", "what do you have", "what did we have", "what do we have",
            "what have we got", "what did i say", "what did i tell you",
        ),
        "help": _phrases(
            "help", "what can you do", "how does this work", "how do i use this", "what do you do",
            "what can i say", "instructions",
        ),
        "start_over": _phrases(
            "start over", "start again", "start fresh", "start from scratch", "begin again", "reset",
            "new parcel", "new package", "new shipment", "another parcel", "another package",
            "another shipment", "forget all that", "forget everything",
        ),
        "greeting": _phrases(
            "hi", "hello", "hey", "hiya", "howdy", "good morning", "good afternoon", "good evening",
        ),
        "thanks": _phrases("thanks", "thank you", "thx", "cheers", "much appreciated"),
        "pickup": _phrases("pickup", "pick up", "pick it up", "picked up", "collect it"),
    }
)  # fmt: skip

YES = _phrases(
    "yes", "yeah", "yep", "yup", "sure", "ok", "okay", "correct", "right", "thats right", "thats correct",
    "that is right", "that is correct", "go ahead", "sounds good", "do it", "absolutely", "definitely",
    "of course", "exactly", "confirm", "confirmed", "agreed", "yes it is", "it is", "please do",
)  # fmt: skip
NO = _phrases(
    "no", "nope", "nah", "not yet", "no way", "dont", "do not", "dont do it", "do not do it", "cancel",
    "cancel it", "stop", "thats wrong", "that is wrong", "wrong", "never mind", "nevermind", "incorrect",
)  # fmt: skip
POLITE = _phrases("please", "bob", "thanks", "thank you", "thx", "hi", "hello", "hey", "then", "well", "oh")
"""What may stand beside a yes or a no without making it anything else."""

SUPERLATIVES = MappingProxyType(
    {
        **dict.fromkeys(_phrases("cheapest", "cheaper", "lowest price", "least expensive", "lowest"), "cost"),
        **dict.fromkeys(_phrases("fastest", "faster", "quickest", "soonest", "quicker"), "speed"),
    }
)
SERVICES = MappingProxyType(
    {
        ("ground",): "Ground Advantage",
        ("ground", "advantage"): "Ground Advantage",
        ("priority",): "Priority Mail",
        ("priority", "mail"): "Priority Mail",
        ("express",): "Priority Mail Express",
        ("mail", "express"): "Priority Mail Express",
        ("express", "mail"): "Priority Mail Express",
        ("priority", "express"): "Priority Mail Express",
        ("priority", "mail", "express"): "Priority Mail Express",
    }
)
NEGATIONS = frozenset({"not", "dont", "isnt", "no", "without", "except", "never"})
QUESTION_WORDS = frozenset(
    "what whats which how when where who why is are was were can could do does did will would".split()
)
