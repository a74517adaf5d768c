import pytest

from shipanion.agent.whereabouts import OFFERED, look_up, merged, offered, pending, same_place


@pytest.mark.parametrize(
    ("text", "kind", "remembered"),
    [
        ("Zebulon, GA", "zip", "Zebulon, GA"),
        ("Bangor, ME", "zips", "Bangor, ME"),
        ("boston", "zips", "Boston, MA"),
        ("New York", "zips", "New York, NY"),
        ("Portland", "states", "Portland"),
        ("Kansas City", "states", "Kansas City"),
        ("ME", "state", "ME"),
        ("Boston, NV", "unknown", "Boston in Nevada"),
        ("Xyzzy", "unknown", "Xyzzy"),
    ],
)
def test_a_name_leads_to_a_zip_or_to_a_question(text: str, kind: str, remembered: str) -> None:
    found = look_up(text)
    assert (found.kind, found.text) == (kind, remembered)
    assert (found.code is not None) is (kind == "zip")
    assert look_up(remembered).kind == kind or kind == "unknown"


@pytest.mark.parametrize(
    ("text", "end", "question"),
    [
        ("Bangor, ME", "to", "Bangor, ME has the ZIP codes 04401 and 04402. Which one does it go to?"),
        (
            "New York",
            "from",
            "New York, NY has many ZIP codes. Which one does it leave from? For example 10001, 10002 or 10003.",
        ),
        (
            "Moon",
            "to",
            "There is a Moon in Kentucky (41472) and Virginia (23119). Which state or ZIP code does it go to?",
        ),
        ("ME", "to", "Maine has many ZIP codes. Which town or ZIP code does it go to?"),
        ("Xyzzy", "to", "I do not know a place called Xyzzy in the United States. Which ZIP code does it go to?"),
    ],
)
def test_the_question_names_what_there_is(text: str, end: str, question: str) -> None:
    assert look_up(text).question(end) == question


def test_a_question_stays_short_however_many_there_are() -> None:
    for text in ("Springfield", "Washington", "Franklin", "Houston", "Union"):
        assert len(look_up(text).question("from")) < 260
        assert len(offered(text)) <= OFFERED


def test_what_was_offered_is_what_the_question_named() -> None:
    for text in ("New York, NY", "Bangor, ME", "Beverly Hills, CA"):
        assert all(code in look_up(text).question("to") for code in offered(text))
    assert offered("Portland")[:2] == ("Portland, OR", "Portland, ME")
    assert offered("ME") == offered("Xyzzy") == ()


@pytest.mark.parametrize(
    ("known", "said", "both"),
    [
        ("Portland", "ME", "Portland, ME"),
        ("ME", "Portland", "Portland, ME"),
        ("Portland, OR", "ME", "Portland, ME"),
        ("Portland", "NV", None),
        ("Portland", "Boston", None),
        ("ME", "OR", None),
    ],
)
def test_a_town_and_a_state_together(known: str, said: str, both: str | None) -> None:
    assert merged(known, said) == both


def test_an_end_is_pending_while_its_zip_is_not_known() -> None:
    assert pending({"to_place": "Boston"}) == {"to": "Boston"}
    assert pending({"to": "02108", "to_place": "Boston"}) == {}


def test_an_end_is_known_by_its_zip_its_town_or_both_with_the_state() -> None:
    details = {"to": "02108", "to_place": "Boston, MA"}
    assert all(same_place(details, "to", place) for place in ("02108", "Boston", "boston, ma"))
    assert not any(same_place(details, "to", place) for place in ("02109", "Bost", "MA", "Boston, NY"))
    assert not same_place({}, "to", "Boston")
