from shipanion.shipping.language import postal_words


def test_leads_are_as_sentences_are_compared() -> None:
    """Lower case, no apostrophes, no signs: anything else could never match."""
    wrong = [lead for lead in postal_words.LEADS if not lead or not all(w.isalpha() and w.islower() for w in lead)]
    assert wrong == []
    assert set(postal_words.LEADS.values()) == {"from", "to", None}


def test_no_word_is_both_part_of_a_street_and_never_one() -> None:
    never = postal_words.NEVER_IN_STREETS
    assert not never & postal_words.STREET_WORDS
    assert not never & postal_words.DIRECTIONS
    assert postal_words.ALONE_AS_STREET <= postal_words.STREET_WORDS


def test_an_introduction_is_no_name() -> None:
    for lead in postal_words.LEADS:
        assert postal_words.ORDINARY.intersection(lead), lead
