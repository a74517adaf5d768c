import pytest

from shipanion.shipping import places
from shipanion.shipping.language import lexicon
from shipanion.shipping.language.wishes import LONGEST_PHRASE
from shipanion.shipping.rates.table import load


def phrases() -> list[tuple[str, ...]]:
    tables = (
        *lexicon.INTENTS.values(),
        lexicon.YES,
        lexicon.NO,
        lexicon.POLITE,
        lexicon.SUPERLATIVES,
        lexicon.SERVICES,
        *lexicon.GOODS.values(),
        lexicon.FOREIGN,
        lexicon.STATES,
    )
    return [phrase for table in tables for phrase in table]


def test_phrases_are_as_sentences_are_compared() -> None:
    """Lower case, no apostrophes, no signs: anything else could never match."""
    wrong = [
        phrase for phrase in phrases() if not phrase or not all(word.isalpha() and word.islower() for word in phrase)
    ]
    assert wrong == []


def test_the_longest_phrase_still_fits_the_rules_that_look_for_it() -> None:
    assert max(map(len, phrases())) <= LONGEST_PHRASE
    assert max(map(len, lexicon.SERVICES)) <= 3


def test_intents_around_labels_are_intents() -> None:
    assert lexicon.INTENTS.keys() > lexicon.LABEL_INTENTS | lexicon.COVERED_INTENTS


def test_yes_and_no_share_no_phrase() -> None:
    assert not lexicon.YES & lexicon.NO


def test_every_service_of_the_price_table_can_be_named() -> None:
    assert set(lexicon.SERVICES.values()) == {service.name for service in load().services}


@pytest.mark.parametrize(("unit", "pounds"), [("lb", 1), ("oz", 0.0625), ("kg", 2.20462), ("g", 0.00220462)])
def test_units_of_weight(unit: str, pounds: float) -> None:
    assert lexicon.POUNDS[unit] == pytest.approx(pounds, rel=1e-5)


@pytest.mark.parametrize(("unit", "inches"), [("in", 1), ("cm", 0.393701), ("mm", 0.0393701), ("ft", 12)])
def test_units_of_length(unit: str, inches: float) -> None:
    assert lexicon.INCHES[unit] == pytest.approx(inches, rel=1e-5)


def test_every_state_has_a_name_and_two_letters() -> None:
    codes = set(lexicon.STATES.values())
    assert len(codes) == 50 + 1 + 8  # states, the District, territories and freely associated states
    assert all(len(code) == 2 and code.isupper() for code in codes)
    assert lexicon.STATES["new", "york"] == "NY"


def test_every_alias_is_a_town_or_a_state_that_is_there() -> None:
    for alias, meant in lexicon.ALIASES.items():
        town, _, state = meant.partition(", ")
        assert places.find(meant) if town else state in lexicon.STATES.values(), alias
