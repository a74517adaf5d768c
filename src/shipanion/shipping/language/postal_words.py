"""The words of postal addresses. Growing what is understood is adding lines here; the rules are in ``addresses``.

Phrases are tuples of lower-case words without apostrophes ("it's" is ``its``).
"""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Literal

from shipanion.shipping.language import lexicon
from shipanion.shipping.language.lexicon import INCHES, PARCEL_WORDS, POUNDS

__all__ = [
    "ALONE_AS_STREET",
    "CLOSINGS",
    "COMPANY_FORMS",
    "COUNTRY",
    "DIRECTIONS",
    "LEADS",
    "LONGEST_LEAD",
    "NAME_PARTICLES",
    "NEVER_IN_STREETS",
    "NUMBERED_STREETS",
    "OPENINGS",
    "ORDINAL_ENDS",
    "ORDINAL_UNITS",
    "ORDINAL_WORDS",
    "ORDINARY",
    "STREET_WORDS",
    "UNIT_WORDS",
    "End",
]

End = Literal["from", "to"]
"""Who an address is of: the sender or the recipient."""

STREET_WORDS = frozenset(
    "street st str avenue ave av boulevard blvd road rd drive dr lane ln court ct place pl square sq circle cir "
    "terrace ter trail trl parkway pkwy highway hwy way alley aly loop plaza plz crescent cres cove cv pike turnpike "
    "expressway expy freeway fwy crossing xing broadway".split()
)
"""What ends the name of a street, behind one word at least."""

ALONE_AS_STREET = frozenset({"broadway"})
"""Streets of one word: "1600 Broadway"."""

NUMBERED_STREETS = frozenset("highway hwy route rte rt road rd".split())
"""Behind these stands a number that is the street's name: "1200 County Road 12"."""

DIRECTIONS = frozenset(
    "n s e w ne nw se sw north south east west northeast northwest southeast southwest".split()
)  # fmt: skip

UNIT_WORDS = frozenset(
    "apt apartment suite ste unit floor fl flr room rm bldg building lot trailer space spc dept department penthouse "
    "number".split()
)
"""What stands before the number of a flat or an office."""

ORDINAL_UNITS = frozenset({"floor", "fl", "flr"})
"""What stands behind it: "4th floor"."""

ORDINAL_ENDS = frozenset({"st", "nd", "rd", "th"})
ORDINAL_WORDS = lexicon.ORDINALS.keys() | frozenset({"sixth", "seventh", "eighth", "ninth"})

COMPANY_FORMS = frozenset("inc llc ltd corp co jr sr ii iii md phd esq".split())
"""What a name may have behind a comma."""

COUNTRY = frozenset({("usa",), ("us",), ("u", "s", "a"), ("u", "s"), ("united", "states"), ("america",)})

CLOSINGS = frozenset("please thanks thx".split())
"""What may stand behind an address and adds nothing to it."""

OPENINGS = frozenset(
    "yes yeah yep sure ok okay no nope sorry actually um uh hmm hi hello hey please and so well oh then thanks "
    "wait alright oops".split()
)
"""What may stand before an address and adds nothing to it."""

NAME_PARTICLES = frozenset("de del della di da dos van von der den la le el bin ibn and y of the".split())
"""Words within a name that nobody writes with a capital."""

_TIMES = frozenset("minute minutes min mins hour hours hr hrs day days week weeks month months year years".split())
_PARCELS = PARCEL_WORDS | frozenset("packages parcels boxes items envelopes packets label labels".split())

NEVER_IN_STREETS = (
    (POUNDS.keys() | INCHES.keys() | _PARCELS | _TIMES)
    | frozenset(
        "to from by x or and at for with per in is it its i you we my your this that these those other another more "
        "not no yes please each times time percent dollars cents am pm oclock on only about cube deep thick "
        "ship send need want are was".split()
    )
) - {"g"}
"""What shows that a number before it is no house number. There are streets called G."""

_NEVER_IN_NAMES = frozenset(
    "number address house apartment street road avenue near opposite behind corner live lives living lived moved "
    "located staying stay arrive arrives order urgent delivery deliver fragile gift asap soon later tonight because "
    "while until after before since also just maybe perhaps think guess know hope name names phone email zip code "
    "than less least most under over below above half weight size lost found still never always without except "
    "if but as do does did dont has have had been being me us him them they he she itself there here shall should "
    "may might must cannot cant wont didnt isnt not dear sender shipper addressee recipient receiver return origin "
    "destination deliveries option choice quote service second first third two one three four five six seven eight "
    "nine ten".split()
)

ORDINARY = (
    _NEVER_IN_NAMES
    | NEVER_IN_STREETS
    | UNIT_WORDS
    | lexicon.VERBS
    | lexicon.QUESTION_WORDS
    | lexicon.NOT_A_TOWN
    | lexicon.PLACE_FILLERS
    | frozenset(
        word
        for table in (*lexicon.INTENTS.values(), lexicon.YES, lexicon.NO, lexicon.SUPERLATIVES, lexicon.SERVICES)
        for phrase in table
        if len(phrase) == 1
        for word in phrase
    )
) - frozenset({"bob", "and", "y", "n", "k", "e", "g", "o"})
"""Words that are no part of the name of a person, a company or a town, unless capitals show it."""

_SHAPES = ("{}", "{} is", "{} will be", "the {}", "the {} is", "the {} will be", "my {}", "my {} is",
           "change the {} to", "the {} should be")  # fmt: skip


def _shaped(end: End | None, *nouns: str) -> Iterator[tuple[tuple[str, ...], End | None]]:
    for noun in nouns:
        for shape in _SHAPES:
            yield tuple(shape.format(noun).split()), end


def _said(end: End | None, *phrases: str) -> Iterator[tuple[tuple[str, ...], End | None]]:
    for phrase in phrases:
        yield tuple(phrase.split()), end


LEADS = MappingProxyType(
    dict(
        (
            *_shaped("from", "sender", "sender address", "senders address", "return address", "from address", "shipper",
                     "origin", "origin address"),
            *_said("from", "from", "its from", "it is from", "this is from", "its coming from", "it comes from",
                   "coming from", "leaving from", "its leaving from", "it leaves from", "ship from", "ship it from",
                   "shipping from", "send from", "send it from", "sending from", "sent from", "sent by", "mail it from",
                   "im sending it from", "im shipping it from", "im sending from", "im shipping from",
                   "it will be from", "the parcel is from", "the package is from"),
            *_shaped("to", "recipient", "recipient address", "recipients address", "receiver", "receiver address",
                     "receivers address", "to address", "destination", "destination address", "delivery address",
                     "shipping address", "addressee"),
            *_said("to", "to", "for", "its to", "its for", "it is for", "this is for", "its going to",
                   "it is going to", "it goes to", "going to", "goes to", "send to", "send it to", "send this to",
                   "send that to", "sending it to", "sending to", "ship to", "ship it to", "ship this to",
                   "shipping to", "shipping it to",
                   "mail to", "mail it to", "deliver to", "deliver it to", "addressed to",
                   "make it out to", "i want to send it to", "i want to ship it to", "id like to send it to",
                   "id like to ship it to", "lets send it to", "lets ship it to", "send the parcel to",
                   "send the package to", "ship the parcel to", "ship the package to", "the parcel goes to",
                   "the package goes to", "it should go to", "it will go to"),
            *_shaped(None, "address", "mailing address", "street address"),
            *_said(None, "its", "it is", "thats", "that is", "this is", "i live at", "i am at", "im at", "at", "im",
                   "i am", "my name is", "make it", "change it to", "change that to", "i mean", "i meant", "i said"),
        )
    )
)  # fmt: skip
"""What may introduce an address → whose it is then. None: it does not say."""

LONGEST_LEAD = max(map(len, LEADS))
