"""A table of what people answer when they are asked to buy: ``consents.jsonl``. Money moves on a yes."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.shipping.consent import consent
from shipanion.shipping.grammar import read
from shipanion.shipping.language import lexicon
from shipanion.shipping.language.tokens import LONGEST_TEXT

TABLE = [
    json.loads(line) for line in Path(__file__).with_name("consents.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("line", TABLE, ids=lambda line: repr(line["text"]))
def test_what_people_answer(line: dict[str, str]) -> None:
    assert consent(line["text"]) == line["consent"]


def test_the_table_has_enough_of_each_and_none_twice() -> None:
    assert len(TABLE) >= 120
    assert len({line["text"] for line in TABLE}) == len(TABLE)
    for answer in ("yes", "no", None):
        assert sum(line["consent"] == answer for line in TABLE) >= 40


def test_every_yes_and_no_of_the_grammar_is_one() -> None:
    for phrase in lexicon.YES:
        assert consent(" ".join(phrase)) == "yes"
    for phrase in lexicon.NO:
        assert consent(" ".join(phrase)) == "no"


VOID = {
    "yes": ["yes", "yes please", "ok", "void it", "yes, take it back", "refund it please", "void the label"],
    "no": ["no", "no thanks", "keep it", "no, keep the label", "don't void it", "stop", "wait", "do not take it back"],
    None: [
        "buy it", "ship it", "get the label", "i'll take it", "cancel", "cancel it", "cancel the purchase",
        "void them all", "yes, void the first one", "void it?", "keep it or void it", "yes... uh-uh", "hello",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("text", "meant"), [(text, meant) for meant, texts in VOID.items() for text in texts])
def test_what_people_answer_when_a_label_is_to_be_taken_back(text: str, meant: str | None) -> None:
    assert consent(text, "void") == meant


def test_every_yes_is_one_to_either_question() -> None:
    for phrase in lexicon.YES:
        assert consent(" ".join(phrase), "void") == "yes"
    for phrase in lexicon.NO:
        assert consent(" ".join(phrase), "void") == (None if phrase[0] == "cancel" else "no")


words = st.sampled_from(
    "yes no ok sure buy it the label don't do not stop cancel wait please bob and if but cheapest two 5 90210 maybe "
    "never get make order ? , . 👎 i want that one later".split()
)


@given(st.one_of(st.lists(words, max_size=7).map(" ".join), st.text(max_size=60)))
def test_nothing_that_says_more_is_a_yes(text: str) -> None:
    """Whatever the words: a yes has no figure, no choice, no question and no no in it."""
    reading = read(text)
    if reading.answer is not None:
        assert consent(text) == reading.answer
    if consent(text) == "yes":
        beside = (reading.has_figures, reading.choice, reading.leftover, reading.ambiguous, reading.address)
        assert not any((*beside, reading.question))
        said = " ".join(part.strip(".,!").lower() for part in text.split()).split()
        assert not {"no", "not", "don't", "stop", "cancel", "wait", "if", "but", "later"} & set(said)


def test_what_was_cut_off_is_no_yes() -> None:
    long = "yes " * (LONGEST_TEXT // 4) + "no"
    assert consent(long) is None
    assert read(long).answer is None
