import pytest

from shipanion.shipping.language.localities import Tail, behind
from shipanion.shipping.language.sentence import Sentence


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("", Tail()),
        (", Apt 4", Tail("Apt 4")),
        (", Bldg 2, Apt 4.", Tail("Bldg 2, Apt 4")),
        (", Beverly Hills, CA 90210", Tail(None, "Beverly Hills", "CA", "90210")),
        (" beverly hills california nine oh two one oh", Tail(None, "beverly hills", "california", "90210")),
        (" beverly hills ca", Tail(None, "beverly hills", "ca")),
        (", St. Louis, Missouri, 63101-1234, USA, thanks", Tail(None, "St. Louis", "Missouri", "63101-1234")),
        (", Boston zip 02134", Tail(None, "Boston", None, "02134")),
        (" new york new york", Tail(None, "new york", "new york")),
        (", Kansas City, Kansas", Tail(None, "Kansas City", "Kansas")),
        (", Three Rivers, MI", Tail(None, "Three Rivers", "MI")),
        (", New York 10001", Tail(None, "New York", None, "10001")),
        (", New York 14604", Tail(None, None, "New York", "14604")),
        (", Washington 98101", Tail(None, None, "Washington", "98101")),
        (", Washington", Tail(None, "Washington")),
        (", Oregon", Tail(None, None, "Oregon")),
        (", 90210", Tail(zip="90210")),
        (", Xyzzyville, CA", Tail(None, "Xyzzyville", "CA")),
        (", Boston, CA 90210", Tail(None, "Boston", "CA", "90210")),
        # Anything else makes it no end of an address.
        (", Xyzzyville", None),
        (" xyzzyville ca 90210", None),
        (" boston ca", None),
        (", tomorrow", None),
        (", tomorrow, CA", None),
        (", Boston, MA 2134", None),
        (", Boston, Denver", None),
        (", 5 lb", None),
        (", Apt 4, Apt 5, Apt 6", None),
        (" or 124 Main St", None),
        (" and it is heavy", None),
    ],
)
def test_what_stands_behind_a_street(text: str, tail: Tail | None) -> None:
    assert behind(Sentence(text), 0) == tail
