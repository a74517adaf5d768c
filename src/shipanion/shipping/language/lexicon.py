"""The words the grammar knows. Growing it is adding lines here; the rules are in ``grammar``.

Phrases are tuples of lower-case words without apostrophes ("what's" is ``whats``).
"""

from types import MappingProxyType

__all__ = [
    "ALIASES",
    "BARE_FILLERS",
    "CHANGES",
    "COVERED_INTENTS",
    "DESTINATION_NOUNS",
    "DESTINATION_WORDS",
    "DIGITS",
    "DOUBLES",
    "FORBIDDING",
    "FOREIGN",
    "GOODS",
    "INCHES",
    "INFINITIVE_LEADS",
    "INTENTS",
    "LABEL_INTENTS",
    "NEGATIONS",
    "NO",
    "NOT_A_TOWN",
    "ORDINALS",
    "ORIGIN_NOUNS",
    "ORIGIN_WORDS",
    "PARCEL_WORDS",
    "PLACE_FILLERS",
    "POLITE",
    "POUNDS",
    "QUESTION_WORDS",
    "SERVICES",
    "SIDE_WORDS",
    "SMALLER_UNIT",
    "STATES",
    "SUPERLATIVES",
    "TEENS",
    "TENS",
    "UNIT_FILLERS",
    "UNIT_NAMES",
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
DOUBLES = MappingProxyType({"double": 2, "triple": 3})
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

UNIT_NAMES = MappingProxyType({_LB: "lb", _OZ: "oz", _KG: "kg", _G: "g"})
"""How a unit is called in answers, by its size in pounds."""

UNIT_FILLERS = frozenset(
    "i meant mean said say sorry no not oops actually its it is was that thats in make the wait".split()
)
"""What may stand beside a unit that corrects the one before: "sorry, I meant ounces"."""

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

SIDE_WORDS = frozenset("long length wide width high tall deep depth thick height".split())

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
    "hope hoping how used ought got wish wishing about come comes".split()
)
"""After these, "to" introduces a verb, unless a ZIP follows at once."""

VERBS = frozenset(
    "ship send mail get know be go have quote see change make use buy pay deliver weigh find compare check "
    "drop give tell do say switch update set move".split()
)
"""After "to", or between "to" and a ZIP, these mean that it named no place."""

CHANGES = frozenset({"change", "switch", "update", "replace"})

STATES = MappingProxyType(
    {
        tuple(line.lower().split()[:-1]): line[-2:]
        for line in (
            "Alabama AL,Alaska AK,Arizona AZ,Arkansas AR,California CA,Colorado CO,Connecticut CT,Delaware DE,"
            "District of Columbia DC,Florida FL,Georgia GA,Hawaii HI,Idaho ID,Illinois IL,Indiana IN,Iowa IA,"
            "Kansas KS,Kentucky KY,Louisiana LA,Maine ME,Maryland MD,Massachusetts MA,Michigan MI,Minnesota MN,"
            "Mississippi MS,Missouri MO,Montana MT,Nebraska NE,Nevada NV,New Hampshire NH,New Jersey NJ,"
            "New Mexico NM,New York NY,North Carolina NC,North Dakota ND,Ohio OH,Oklahoma OK,Oregon OR,"
            "Pennsylvania PA,Rhode Island RI,South Carolina SC,South Dakota SD,Tennessee TN,Texas TX,Utah UT,"
            "Vermont VT,Virginia VA,Washington WA,West Virginia WV,Wisconsin WI,Wyoming WY,Puerto Rico PR,"
            "Virgin Islands VI,Guam GU,American Samoa AS,Northern Mariana Islands MP,Micronesia FM,"
            "Marshall Islands MH,Palau PW,Washington State WA,New York State NY,D C DC"
        ).split(",")
    }
)
"""Words of a state's or territory's name → its two letters."""

ALIASES = MappingProxyType(
    {
        "nyc": "new york", "new york city": "new york", "manhattan": "new york", "philly": "philadelphia",
        "vegas": "las vegas", "dc": "washington, DC", "washington dc": "washington, DC", "d c": "washington, DC",
        "washington d c": "washington, DC", "san fran": "san francisco", "sf": "san francisco", "jersey": ", NJ",
    }
)  # fmt: skip
"""What people call a town → its name, and its state where that is part of it."""

PLACE_FILLERS = frozenset(
    "its it is was in from to make the be city town of please actually sorry no not i meant mean said um uh oh "
    "well ok okay yes change that thats should one only just bob then and now let us lets say go with out "
    "what about how like thinking think rather instead there im we are were wait oops send ship ill take".split()
)
"""What may stand beside a town that is the whole answer: "actually, make it Boston"."""

NOT_A_TOWN = frozenset(
    "my your his her their our the a an this that these those there here home work him them me us it you we i "
    "mom mum dad mother father brother sister son daughter friend friends friend's wife husband aunt uncle "
    "grandma grandpa office store house place address door customer someone somebody anyone whom who what where "
    "when now today tomorrow tonight yesterday monday tuesday wednesday thursday friday saturday sunday morning "
    "noon about around each both another other same abroad overseas family people everybody everyone college "
    "school zip zipcode code be not one two any all some long high price cost box mail post usps ups fedex "
    "street avenue start end beginning scratch top bottom side sides inch inches pounds ounces kilos lb lbs oz "
    "kg".split()
)
"""After "from" and "to" these name no town, though some towns are called so: say the state with those."""

FOREIGN = _phrases(
    "abroad", "overseas", "international", "internationally", "another country", "outside the us",
    "outside the united states", "outside the usa", "foreign",
    "canada", "mexico", "england", "britain", "great britain", "united kingdom", "uk", "the uk", "scotland", "wales",
    "ireland", "france", "germany", "spain", "portugal", "italy", "switzerland", "austria", "netherlands", "holland",
    "belgium", "denmark", "norway", "sweden", "finland", "poland", "ukraine", "russia", "greece", "turkey", "israel",
    "egypt", "south africa", "nigeria", "kenya", "india", "pakistan", "china", "hong kong", "taiwan", "japan",
    "korea", "south korea", "vietnam", "thailand", "philippines", "the philippines", "indonesia", "singapore",
    "australia", "new zealand", "brazil", "argentina", "chile", "peru", "colombia", "cuba", "jamaica", "europe",
    "asia", "africa", "south america", "dubai", "london", "paris", "berlin", "munich", "rome", "madrid", "barcelona",
    "amsterdam", "vienna", "toronto", "montreal", "ottawa", "calgary", "mexico city", "tokyo", "beijing", "shanghai",
    "sydney", "melbourne", "moscow", "mumbai", "delhi", "new delhi", "seoul", "bangkok", "istanbul",
)  # fmt: skip
"""Where this does not ship. A town of the same name in the US is meant only with its state."""

GOODS = MappingProxyType(
    {
        "liquids": _phrases("liquid", "liquids", "wine", "oil", "olive oil", "shampoo", "paint", "sauce", "honey"),
        "batteries": _phrases("battery", "batteries", "lithium", "power bank", "powerbank", "laptop", "phone"),
        "perfume": _phrases("perfume", "perfumes", "cologne", "fragrance", "nail polish", "aftershave"),
        "aerosols": _phrases("aerosol", "aerosols", "spray", "spray can", "spray paint", "hairspray", "deodorant"),
        "alcohol": _phrases("alcohol", "wine", "beer", "whiskey", "whisky", "vodka", "rum", "liquor", "spirits"),
        "live animals": _phrases(
            "live animal", "live animals", "animal", "animals", "puppy", "kitten", "dog", "cat", "bird", "birds",
            "fish", "bees", "chicks", "reptile", "hamster", "snake",
        ),
        "dangerous goods": _phrases(
            "gun", "guns", "ammo", "ammunition", "fireworks", "explosives", "gasoline", "propane", "matches",
            "lighter", "lighters", "poison", "acid", "hazardous", "dangerous goods", "knife", "knives",
        ),
    }
)  # fmt: skip
"""Contents that carriers have rules for."""

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
            "what have we got", "what did i say", "what did i tell you", "what do you know", "where are we",
            "where did we stop", "what have we so far", "repeat that", "say that again", "once more", "read it back",
            "read that back",
        ),
        "help": _phrases(
            "help", "what can you do", "how does this work", "how do i use this", "what do you do",
            "what can i say", "instructions", "what should i say", "how can you help", "who are you", "options",
        ),
        "start_over": _phrases(
            "start over", "start again", "start fresh", "start from scratch", "begin again", "reset",
            "forget all that", "forget everything", "from the top", "from the beginning", "clear everything",
            "clear all",
        ),
        "another": _phrases(
            "another parcel", "another package", "another shipment", "another box", "another envelope",
            "another packet", "new parcel", "new package",
            "new shipment", "new box", "next parcel", "next package", "next shipment",
            "next box", "different parcel", "different package", "ship something else", "send something else",
            "mail something else", "ship another", "send another", "mail another",
            # Of "one more parcel": the number is no word, and has been understood.
            "more parcel", "more package", "more box", "more envelope", "more packet",
        ),
        "greeting": _phrases(
            "hi", "hello", "hey", "hiya", "howdy", "good morning", "good afternoon", "good evening",
        ),
        "thanks": _phrases("thanks", "thank you", "thx", "cheers", "much appreciated"),
        "pickup": _phrases(
            "pickup", "pick up", "pick it up", "picked up", "collect it", "collected", "come get it", "come and get it",
            "pickups", "pick ups",
        ),
        "time": _phrases(
            "how long does", "how long will", "how long would", "how long to", "how long until", "how long till",
            "how long it takes", "how long is delivery", "how fast", "how soon", "how quickly", "how many days",
            "when will it", "when would it", "when does it", "when can it", "arrive", "arrives", "arrival",
            "get there", "delivery time", "transit time", "delivery date", "be there by", "eta",
        ),
        "limits": _phrases(
            "how much can it weigh", "how much may it weigh", "how heavy can", "how heavy may",
            "how heavy is too", "how big", "how large", "how long can", "max weight",
            "maximum weight", "weight limit", "weight limits", "size limit", "size limits", "limit", "limits",
            "too heavy", "too big", "too large", "heaviest", "biggest", "largest", "maximum size",
            "max size", "maximum",
        ),
        "track": _phrases(
            "track", "tracking", "where is my", "wheres my", "where is it", "wheres it", "where has my",
            "has it arrived", "has my", "did it arrive", "was it delivered", "is it there yet", "lost package",
        ),
        "carriers": _phrases(
            "ups", "fedex", "fed ex", "dhl", "amazon", "ontrac", "other carriers", "which carriers", "what carriers",
            "another carrier",
        ),
        "buy": _phrases(
            "buy", "purchase", "pay", "pay for", "label", "book it", "order it", "ship it now", "get my label",
            "give me the label", "send me the label", "buy labels", "buy the labels", "purchase labels", "sell labels",
        ),
        "void": _phrases(
            "void", "void it", "void the label", "void my label", "void that label", "void this label", "void label",
            "refund", "refund it", "refund me", "refund the label", "refund my label", "money back", "take it back",
            "take the label back", "take back the label", "cancel the label", "cancel my label", "cancel that label",
            "cancel this label", "cancel label", "cancel the purchase", "cancel my purchase", "cancel that purchase",
            "cancel the order", "cancel my order", "undo the purchase", "return the label",
        ),
        "print": _phrases(
            "print", "print it", "print it again", "print it once more", "reprint", "reprint it", "print the label",
            "print my label", "print that label", "print this label", "print the label again",
            "print the label once more",
            "print my label once more", "reprint the label", "reprint my label", "show me the label", "show the label",
            "show me my label", "show my label", "see the label", "see my label", "view the label", "view my label",
            "open the label", "open my label", "download", "download it", "download the label", "download my label",
            "the link", "a link", "where is the label", "where is my label", "wheres the label", "wheres my label",
            "find the label", "find my label", "lost the label", "lost my label", "the pdf", "get my label",
            "give me the label", "send me the label", "label number", "my label number", "the label number",
            "do you have my label", "do you have the label", "do you have a label", "do i have a label",
        ),
        "labels": _phrases(
            "labels", "my labels", "the labels", "list the labels", "list my labels", "which labels", "what labels",
            "what labels do i have", "all labels", "all the labels", "all my labels", "show my labels",
            "show me my labels", "show the labels", "how many labels",
        ),
        "skip": _phrases(
            "skip", "skip it", "skip that", "skip this", "no names", "no name", "without names", "without a name",
            "without the names", "no addresses", "no address", "without addresses", "without an address",
            "leave it out", "leave that out", "leave them out", "leave out the names", "leave out the addresses",
        ),
    }
)  # fmt: skip

LABEL_INTENTS = frozenset({"another", "buy", "labels", "print", "skip", "void"})
"""Those that lead to something being done: "don't void it" is none of them."""

COVERED_INTENTS = frozenset({"buy", "labels", "print", "summary", "track"})
"""Those that do not count within a longer phrase of ``LABEL_INTENTS``: "cancel the label" buys none."""

FORBIDDING = frozenset("dont not never doesnt didnt wont without wouldnt shouldnt".split())
"""Before an intent of ``LABEL_INTENTS`` these say that it is none."""

YES = _phrases(
    "yes", "yeah", "yep", "yup", "ya", "yea", "y", "aye", "sure", "sure thing", "ok", "okay", "k", "correct", "right",
    "thats right", "thats correct", "that is right", "that is correct", "thats it", "that is it", "youre right",
    "go ahead", "go for it", "sounds good", "sounds good to me", "sounds right", "sounds fine", "do it", "do that",
    "lets do it", "lets do that", "lets go", "absolutely", "definitely", "certainly", "of course", "for sure",
    "exactly", "precisely", "confirm", "confirmed", "i confirm", "agreed", "i agree", "affirmative", "yes it is",
    "it is", "yes i do", "i do", "yes i am", "yes sir", "yes maam", "please do", "by all means", "you bet", "uh huh",
    "mhm", "mm hmm", "alright", "all right", "fine", "thats fine", "that is fine", "fine by me", "fine with me",
    "that works", "thats the one", "sure why not", "works for me", "indeed", "yes that one", "proceed",
)  # fmt: skip
NO = _phrases(
    "no", "nope", "nah", "n", "not yet", "no way", "dont", "do not", "dont do it", "do not do it", "dont do that",
    "cancel", "cancel it", "cancel that", "stop", "thats wrong", "that is wrong", "wrong", "thats not right",
    "that is not right", "thats not it", "not that", "never mind", "nevermind", "incorrect", "negative", "not really",
    "not now", "not right now", "not at all", "i dont", "no i dont", "i dont think so", "i do not think so",
    "i dont want it", "i dont want that", "absolutely not", "definitely not", "certainly not", "of course not",
    "forget it", "hold on", "wait", "uh uh", "no no", "id rather not", "i changed my mind", "scratch that", "it isnt",
    "it is not", "its not", "nay", "wait a minute", "hold on a second", "just a second",
)  # fmt: skip
POLITE = _phrases(
    "please", "bob", "thanks", "thank you", "thx", "hi", "hello", "hey", "then", "well", "oh", "hmm", "um", "uh",
    "er", "actually", "so", "and",
)  # fmt: skip
"""What may stand beside a yes or a no without making it anything else."""

SUPERLATIVES = MappingProxyType(
    {
        **dict.fromkeys(
            _phrases(
                "cheapest",
                "cheaper",
                "cheap one",
                "cheap option",
                "lowest price",
                "least expensive",
                "lowest",
                "less expensive",
                "lowest cost",
                "most affordable",
                "economical one",
            ),
            "cost",
        ),
        **dict.fromkeys(
            _phrases("fastest", "faster", "fast one", "quick one", "fast option", "quickest", "soonest", "quicker"),
            "speed",
        ),
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
    "what whats which how when where wheres who why is are was were can could do does did will would".split()
)
