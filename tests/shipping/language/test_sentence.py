from shipanion.shipping.language.sentence import Sentence


def test_what_no_rule_took_is_left() -> None:
    said = Sentence("5 lb and 6 and 7?")
    said.take(0, 2)
    assert [token.text for token in said.left()] == ["6", "7"]
    assert said.words == ["lb", "and", "and"]
    assert said.asks


def test_beyond_both_ends_there_is_nothing() -> None:
    said = Sentence("hello")
    assert (said.word(0), said.kind(0)) == ("hello", "word")
    for index in (-1, 1):
        assert (said.at(index), said.word(index), said.kind(index)) == (None, "", "")
    assert not said.asks
