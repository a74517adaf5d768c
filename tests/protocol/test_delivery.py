"""The cursor: whatever comes in whatever order, each event goes out once and in its place (I1)."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shipanion.protocol.delivery import Cursor, Next


def test_the_next_event_goes_straight_out() -> None:
    cursor = Cursor(5)
    assert cursor.offer(6, 6, room=True) is Next.SEND
    assert cursor.offer(7, 9, room=True) is Next.SEND
    assert (cursor.sent, cursor.at_head) == (9, True)


def test_what_was_sent_is_not_sent_again() -> None:
    cursor = Cursor(5)
    assert cursor.offer(4, 5, room=True) is Next.NOTHING
    assert cursor.hint(5) is Next.NOTHING
    assert (cursor.sent, cursor.target, cursor.reading) == (5, 5, False)


def test_a_gap_is_read() -> None:
    cursor = Cursor(5)
    assert cursor.offer(7, 7, room=True) is Next.READ
    assert (cursor.sent, cursor.target, cursor.reading, cursor.at_head) == (5, 7, True, False)
    assert cursor.page(7) is Next.NOTHING
    assert (cursor.sent, cursor.at_head) == (7, True)


def test_an_offer_that_overlaps_what_was_sent_is_read() -> None:
    cursor = Cursor(5)
    assert cursor.offer(5, 7, room=True) is Next.READ
    assert cursor.sent == 5


def test_without_room_even_the_next_one_is_read() -> None:
    cursor = Cursor(5)
    assert cursor.offer(6, 6, room=False) is Next.READ


def test_a_hint_is_read_even_when_it_is_the_next_one() -> None:
    cursor = Cursor(5)
    assert cursor.hint(6) is Next.READ


def test_while_reading_offers_only_move_the_target() -> None:
    cursor = Cursor(5)
    cursor.hint(7)
    assert cursor.offer(6, 6, room=True) is Next.NOTHING
    assert cursor.offer(8, 8, room=True) is Next.NOTHING
    assert cursor.hint(9) is Next.NOTHING
    assert cursor.page(7) is Next.READ
    assert cursor.page(9) is Next.NOTHING
    assert cursor.offer(10, 10, room=True) is Next.SEND


def test_an_event_that_is_not_there_does_not_block() -> None:
    cursor = Cursor(5)
    cursor.hint(99)
    assert cursor.page(0) is Next.NOTHING
    assert cursor.at_head
    assert cursor.offer(6, 6, room=True) is Next.SEND


def test_a_page_may_hold_more_than_was_asked_for() -> None:
    cursor = Cursor(5)
    cursor.hint(6)
    assert cursor.page(8) is Next.NOTHING
    assert (cursor.sent, cursor.at_head) == (8, True)


class Deliveries(RuleBasedStateMachine):
    """A log that grows, a bus that loses, repeats and reorders, a reader with pages of any size, and one cursor."""

    def __init__(self) -> None:
        super().__init__()
        self.start = 3
        self.head = 3
        self.cursor = Cursor(self.start)
        self.out: list[int] = []
        self.reads = 0

    def obey(self, what: Next, first: int, last: int) -> None:
        if what is Next.SEND:
            self.out += range(first, last + 1)
        elif what is Next.READ:
            self.reads += 1

    @rule(count=st.integers(1, 4))
    def append(self, count: int) -> None:
        self.head += count

    @precondition(lambda self: self.head > 0)
    @rule(data=st.data(), room=st.booleans())
    def offer(self, data: st.DataObject, room: bool) -> None:
        last = data.draw(st.integers(1, self.head))
        first = data.draw(st.integers(max(1, last - 4), last))
        self.obey(self.cursor.offer(first, last, room=room), first, last)

    @rule(room=st.booleans())
    def offer_the_next(self, room: bool) -> None:
        after = len(self.out) + self.start + 1
        if after <= self.head:
            self.obey(self.cursor.offer(after, self.head, room=room), after, self.head)

    @rule(beyond=st.integers(-9, 3))
    def hint(self, beyond: int) -> None:
        self.obey(self.cursor.hint(self.head + beyond), 0, 0)

    @precondition(lambda self: self.reads > 0)
    @rule(size=st.integers(1, 5))
    def page(self, size: int) -> None:
        after, upto = self.cursor.sent, min(self.cursor.target, self.head)
        events = range(after + 1, min(after + size, upto) + 1)
        self.out += events
        self.reads -= 1
        self.obey(self.cursor.page(events[-1] if events else 0), 0, 0)

    @invariant()
    def each_once_and_in_order(self) -> None:
        assert self.out == list(range(self.start + 1, self.start + 1 + len(self.out)))
        assert self.cursor.sent == self.start + len(self.out) <= self.head

    @invariant()
    def one_reader_at_most(self) -> None:
        assert self.reads == int(self.cursor.reading)

    @invariant()
    def ephemeral_frames_wait_for_what_is_known(self) -> None:
        assert self.cursor.at_head == (not self.cursor.reading)

    def teardown(self) -> None:
        self.obey(self.cursor.hint(self.head), 0, 0)
        for _ in range(self.head + 2):
            if not self.reads:
                break
            self.page(5)
        assert self.out == list(range(self.start + 1, self.head + 1))
        assert self.cursor.at_head


TestDeliveries = Deliveries.TestCase
TestDeliveries.settings = settings(max_examples=150, stateful_step_count=40)
