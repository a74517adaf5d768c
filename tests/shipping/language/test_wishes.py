import pytest

from shipanion.shipping.language import wishes
from shipanion.shipping.language.sentence import Sentence
from shipanion.shipping.language.wishes import Choice


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("how much is it", {"quote"}),
        ("What did we have so far?", {"summary"}),
        ("HELP", {"help"}),
        ("let's start over", {"start_over"}),
        ("hi Bob, thanks", {"greeting", "thanks"}),
        ("pick it up", {"pickup"}),
        ("helpful history", set()),
        ("buy the label", {"buy"}),
        ("cancel the label", {"void"}),
        ("cancel the label and buy another label", {"void", "buy"}),
        ("print the label", {"print"}),
        ("print a label", {"print", "buy"}),
        ("where is my label", {"print"}),
        ("where is my parcel", {"track"}),
        ("list the labels", {"labels"}),
        ("one more parcel", {"another"}),
        ("start over", {"start_over"}),
        ("don't void it", set()),
        ("I really do not want to cancel my label", set()),
        ("don't, void it", {"void"}),
        ("I can't print it", {"print"}),
        ("don't send it", {"quote"}),
    ],
)
def test_intents_are_whole_words(text: str, names: set[str]) -> None:
    assert wishes.intents(Sentence(text)) == names


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("yes", "yes"), ("Yes, please!", "yes"), ("ok go ahead", "yes"), ("that's right", "yes"), ("no", "no"),
        ("No, thank you.", "no"), ("cancel it", "no"), ("yes no", None), ("yes?", None), ("yes but cheaper", None),
        ("yes 5", None), ("yes if it is under five pounds", None), ("please", None), ("", None), ("yesterday", None),
        ("don't say yes", None), ("don't stop", None), ("do not cancel it", None), ("don't do it", "no"),
        ("yes \N{THUMBS DOWN SIGN}", None), ("yes = no", None), ("yes :)", "yes"),
    ],
)  # fmt: skip
def test_a_yes_stands_alone(text: str, answer: str | None) -> None:
    assert wishes.answer(Sentence(text)) == answer


@pytest.mark.parametrize(
    ("text", "asks"),
    [("is it yes", True), ("do you buy it", True), ("wheres my label", True), ("do not buy it", False), ("yes?", True),
     ("", False)],
)  # fmt: skip
def test_questions(text: str, asks: bool) -> None:
    assert wishes.question(Sentence(text)) == asks


def test_words_of_two_lists_answer_nothing() -> None:
    yes, no = frozenset({("buy", "it")}), frozenset({("do", "not", "buy", "it", "now", "or", "later")})
    assert wishes.made_of(Sentence("please buy it"), yes, no) == "yes"
    assert wishes.made_of(Sentence("do not buy it now or later"), yes, no) == "no"
    assert wishes.made_of(Sentence("please"), yes, no) is None


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("the cheapest", Choice("cost")), ("least expensive please", Choice("cost")), ("quickest", Choice("speed")),
        ("ground", Choice("service", "Ground Advantage")), ("priority", Choice("service", "Priority Mail")),
        ("Priority Mail Express", Choice("service", "Priority Mail Express")),
        ("express", Choice("service", "Priority Mail Express")), ("the second one", Choice("position", 2)),
        ("2nd option", Choice("position", 2)), ("option 3", Choice("position", 3)), ("#1", Choice("position", 1)),
        ("number two", Choice("position", 2)), ("the last", Choice("position", -1)),
        ("cheapest, yes cheapest", Choice("cost")), ("one second", None), ("first we need a box", None),
        ("10th option", None),
    ],
)  # fmt: skip
def test_choices(text: str, choice: Choice | None) -> None:
    said = Sentence(text)
    assert wishes.choice(said) == choice
    assert not said.ambiguous


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cheapest or fastest", "choice_twice"),
        ("ground, no, priority", "choice_twice"),
        ("not the cheapest", "choice_negated"),
    ],
)
def test_choices_that_are_not_sure(text: str, reason: str) -> None:
    said = Sentence(text)
    assert wishes.choice(said) is None
    assert said.ambiguous == {reason}
