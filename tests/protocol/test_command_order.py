"""Commands are decided in the order in which they came, whatever is refused for now and whatever happens elsewhere."""

from hypothesis import given, settings
from hypothesis import strategies as st

from shipanion.protocol.command_order import CommandOrder


def test_nothing_refused_nothing_waits() -> None:
    order = CommandOrder()
    assert all(order.admit(id) for id in "abcab")


def test_after_a_refusal_for_now_the_later_ones_wait_until_it_comes_again() -> None:
    order = CommandOrder()
    assert order.admit("a")
    order.refused("a")
    assert not order.admit("b")
    assert not order.admit("b"), "coming twice is not enough: it is a that must come again"
    assert order.admit("a")
    assert order.admit("b")


def test_of_two_refused_the_one_that_came_first_counts() -> None:
    order = CommandOrder()
    assert order.admit("a")
    order.too_fast("b")
    order.refused("a")
    assert not order.admit("b")
    assert order.admit("a")
    assert order.admit("b")


def test_a_command_refused_for_good_holds_nothing_back() -> None:
    order = CommandOrder()
    order.admit("a")
    order.refused("a")
    order.decided("a")
    assert order.admit("b")


def test_a_copy_that_is_refused_after_the_other_was_decided_holds_nothing_back() -> None:
    order = CommandOrder()
    assert order.admit("a")
    assert order.admit("a")
    order.decided("a")
    order.refused("a")
    assert order.admit("b")


def test_when_it_happened_by_another_way_what_is_on_the_line_still_may_not_overtake() -> None:
    order = CommandOrder()
    order.admit("a")
    order.refused("a")
    assert not order.admit("b")
    order.happened("a")
    assert not order.admit("c"), "c was sent before the sender knew of b's refusal"
    assert order.admit("b")
    assert order.admit("c")


def test_a_sender_that_has_nothing_older_left_is_not_kept_waiting() -> None:
    order = CommandOrder()
    order.admit("a")
    order.refused("a")
    assert not order.admit("b")
    order.happened("a")
    order.happened("b")
    assert order.admit("c")
    order.refused("c")
    assert not order.admit("d")
    order.happened("c")
    assert order.admit("d"), "d comes a second time: the sender began again with it"


class Sender:
    """A client as the protocol asks for: everything undecided again, oldest first, once it learns of a refusal."""

    def __init__(self, count: int) -> None:
        self.undecided = list(range(count))
        self.unsent = list(range(count))
        self.line: list[int] = []

    def send(self) -> None:
        if self.unsent:
            self.line.append(self.unsent.pop(0))

    def learn_of_refusal(self, number: int) -> None:
        if number in self.undecided:
            self.unsent = [n for n in self.undecided if n >= number]

    def learn_of_decision(self, number: int) -> None:
        self.undecided = [n for n in self.undecided if n != number]
        self.unsent = [n for n in self.unsent if n != number]


@settings(max_examples=400)
@given(st.lists(st.sampled_from(["send", "arrive", "commit", "refuse", "elsewhere"]), max_size=60), st.integers(1, 6))
def test_commands_of_a_sender_that_keeps_the_rules_are_decided_in_order(steps: list[str], count: int) -> None:
    order, sender = CommandOrder(), Sender(count)
    under_way: list[int] = []
    decided: list[int] = []

    def arrive() -> None:
        if sender.line:
            number = sender.line.pop(0)
            if order.admit(str(number)):
                under_way.append(number)
            elif number not in under_way:
                sender.learn_of_refusal(min(sender.undecided, default=number))

    def commit(number: int) -> None:
        if number not in decided:
            assert not decided or number > max(decided), f"{number} after {decided}"
            decided.append(number)
        order.decided(str(number))
        sender.learn_of_decision(number)

    for step in steps:
        if step == "send":
            sender.send()
        elif step == "arrive":
            arrive()
        elif step == "commit" and under_way:
            commit(under_way.pop(0))
        elif step == "refuse" and under_way:
            # The store refuses a command of a connection, and with it all that this connection had behind it.
            for number in under_way:
                order.refused(str(number))
            under_way.clear()
            if sender.undecided:
                sender.learn_of_refusal(min(sender.undecided))
        elif step == "elsewhere" and sender.undecided and not under_way:
            oldest = sender.undecided[0]
            if oldest not in decided:
                decided.append(oldest)
            order.happened(str(oldest))
            sender.learn_of_decision(oldest)
            sender.line = [number for number in sender.line if number != oldest]
    for _ in range(20 * count):
        sender.send()
        arrive()
        while under_way:
            commit(under_way.pop(0))
        if not sender.line and not sender.unsent:
            sender.unsent = list(sender.undecided)
    assert decided == list(range(count)), "something is held back for ever"
