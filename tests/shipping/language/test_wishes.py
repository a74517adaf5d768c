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
        ("don't say yes", None),
    ],
)  # fmt: skip
def test_a_yes_stands_alone(text: str, answer: str | None) -> None:
    assert wishes.answer(Sentence(text)) == answer


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
