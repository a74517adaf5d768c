"""Error codes and close codes: what each asks of a client."""

import pytest

from shipanion.protocol.codes import CLOSES, ERRORS, Duty, duty_of

DUTIES = [
    (1000, Duty.STOP), (1001, Duty.RESUME), (1002, Duty.STOP), (1003, Duty.STOP), (1005, Duty.RESUME),
    (1006, Duty.RESUME), (1007, Duty.STOP), (1008, Duty.STOP), (1009, Duty.STOP), (1010, Duty.STOP),
    (1011, Duty.RESUME), (1012, Duty.RESUME), (1013, Duty.RESUME), (1014, Duty.STOP), (1015, Duty.STOP),
    (3000, Duty.STOP), (3999, Duty.STOP),
    (4000, Duty.RESUME), (4001, Duty.RESUME), (4099, Duty.RESUME),
    (4100, Duty.WAIT), (4199, Duty.WAIT),
    (4200, Duty.SIGN_IN), (4299, Duty.SIGN_IN),
    (4300, Duty.STOP), (4399, Duty.STOP), (4400, Duty.STOP), (4999, Duty.STOP),
    (0, Duty.STOP), (-1, Duty.STOP), (65_536, Duty.STOP),
]  # fmt: skip

CLOSING = {
    "done": (1000, Duty.STOP),
    "going_away": (1001, Duty.RESUME),
    "refused": (1008, Duty.STOP),
    "resume_now": (4000, Duty.RESUME),
    "lagging": (4001, Duty.RESUME),
    "too_many": (4100, Duty.WAIT),
    "starting": (4101, Duty.WAIT),
    "sign_in": (4200, Duty.SIGN_IN),
    "expired": (4201, Duty.SIGN_IN),
    "replaced": (4300, Duty.STOP),
    "not_found": (4301, Duty.STOP),
    "policy": (4302, Duty.STOP),
}


@pytest.mark.parametrize(("code", "duty"), DUTIES)
def test_duty(code: int, duty: Duty) -> None:
    assert duty_of(code) is duty


def test_every_close_is_one_that_clients_know() -> None:
    assert {name: (close.code, duty_of(close.code)) for name, close in CLOSES.items()} == CLOSING


def test_a_reason_is_the_name_and_fits_a_close_frame() -> None:
    assert all(close.reason == name and len(name.encode()) <= 123 for name, close in CLOSES.items())


def test_what_may_succeed_later() -> None:
    temporary = {code for code, row in ERRORS.items() if row.temporary}
    assert temporary == {"rate_limited", "retry_in_order", "unavailable", "starting"}


def test_every_error_says_what_went_wrong() -> None:
    assert all(row.meaning.endswith(".") and len(row.meaning) > 15 for row in ERRORS.values())
