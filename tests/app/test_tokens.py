"""Tokens: what is issued is read back, and nothing else is."""

import base64
import json
from typing import Any, get_args

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.app.tokens import ACCOUNT_SECONDS, GUEST_SECONDS, Role, Tokens
from shipanion.server.identity import Identity, NotAuthenticated
from shipanion.stores.people import UserRow

SECRET = b"0123456789abcdef0123456789abcdef"
NOW = 1_800_000_000_123
TOKENS = Tokens(SECRET)


def user(kind: str = "account") -> UserRow:
    return UserRow(user_id="user-1", name="Zoë", kind=kind, password_hash=None, version=3, disabled=False, at=NOW)


def claims(**changed: Any) -> dict[str, Any]:
    issued = NOW // 1000
    whole = {
        "iss": "shipanion",
        "sub": "user-1",
        "name": "Zoë",
        "kind": "account",
        "ver": 3,
        "iat": issued,
        "exp": issued + ACCOUNT_SECONDS,
    }
    return {name: value for name, value in {**whole, **changed}.items() if value is not ...}


def signed(payload: dict[str, Any], secret: bytes = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(payload, secret, algorithm=algorithm)


def part(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def refusal(token: str, now: int = NOW) -> str:
    with pytest.raises(NotAuthenticated) as caught:
        TOKENS.read(token, now)
    assert len(token) < 40 or token not in caught.value.message
    return caught.value.code


@pytest.mark.parametrize(("kind", "lasts"), [("account", 12 * 3600), ("guest", 30 * 24 * 3600)])
def test_what_is_issued_is_read_back_until_it_ends(kind: str, lasts: int) -> None:
    token, expires_in = TOKENS.issue(user(kind), NOW)
    assert expires_in == lasts
    ends = (NOW // 1000 + lasts) * 1000
    expected = Identity(user_id="user-1", name="Zoë", kind=kind, version=3, expires_at=ends)
    assert TOKENS.read(token, NOW) == expected
    assert TOKENS.read(token, ends - 1) == expected
    assert refusal(token, ends) == "expired"
    assert TOKENS.read(token, NOW - 3_600_000) == expected  # a clock set back signs nobody out


@pytest.mark.parametrize("role", get_args(Role))
def test_a_token_says_what_it_is_for(role: Role) -> None:
    assert TOKENS.read(TOKENS.issue(user(), NOW, role=role)[0], NOW).role == role


def test_a_token_that_says_nothing_is_its_owners() -> None:
    assert TOKENS.read(TOKENS.issue(user(), NOW)[0], NOW).role == "owner"
    assert TOKENS.read(signed(claims()), NOW).role == "owner"  # issued before there were roles


def test_every_purpose_has_a_key_of_its_own() -> None:
    keys = {TOKENS.subkey("a"), TOKENS.subkey("b"), Tokens(b"f" * 32).subkey("a"), SECRET}
    assert len(keys) == 4
    assert TOKENS.subkey("a") == Tokens(SECRET).subkey("a")
    assert {len(key) for key in keys} == {32}


def test_a_key_for_something_else_signs_no_token() -> None:
    assert refusal(signed(claims(), TOKENS.subkey("label links"))) == "sign_in"


def test_the_longest_name_still_fits() -> None:
    long = UserRow(
        user_id="user-" + "x" * 22, name="🚢" * 64, kind="guest", password_hash=None, version=2**40,
        disabled=False, at=NOW,
    )  # fmt: skip
    assert TOKENS.read(TOKENS.issue(long, NOW, role="editor")[0], NOW).name == long.name


def test_this_suite_can_sign_a_good_token() -> None:
    assert TOKENS.read(signed(claims()), NOW).user_id == "user-1"


def test_a_token_of_another_server_is_refused() -> None:
    assert refusal(signed(claims(), b"f" * 32)) == "sign_in"


@pytest.mark.parametrize("spelling", ["none", "None", "NONE", ""])
def test_no_algorithm_is_no_signature(spelling: str) -> None:
    header = {"alg": spelling, "typ": "JWT"}
    assert refusal(f"{part(header)}.{part(claims())}.") == "sign_in"
    assert refusal(f"{part(header)}.{part(claims())}.{signed(claims()).rpartition('.')[2]}") == "sign_in"


def test_a_header_without_an_algorithm_is_refused() -> None:
    assert refusal(f"{part({'typ': 'JWT'})}.{part(claims())}.{part(b'x' * 32)}") == "sign_in"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_is_refused_even_with_our_key(algorithm: str) -> None:
    # Longer hashes want longer keys; the server under test has this one.
    secret = SECRET * 2
    token = signed(claims(), secret, algorithm)
    with pytest.raises(NotAuthenticated) as caught:
        Tokens(secret).read(token, NOW)
    assert caught.value.code == "sign_in"
    assert Tokens(secret).read(signed(claims(), secret), NOW).user_id == "user-1"


@pytest.mark.parametrize("name", ["iss", "sub", "name", "kind", "ver", "iat", "exp"])
def test_every_claim_is_needed(name: str) -> None:
    assert refusal(signed(claims(**{name: ...}))) == "sign_in"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "somebody"},
        {"iss": ["shipanion"]},
        {"sub": ""},
        {"sub": "x" * 129},
        {"sub": 1},
        {"name": 5},
        {"kind": "root"},
        {"kind": ["account"]},
        {"role": "root"},
        {"role": "Owner"},
        {"role": ""},
        {"role": None},
        {"role": ["owner"]},
        {"ver": "3"},
        {"ver": -1},
        {"ver": True},
        {"iat": "now"},
        {"iat": -5},
        {"exp": "never"},
        {"exp": None},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": 2**63},
        {"exp": 10**400},
        {"exp": -1},
        {"exp": NOW // 1000 + ACCOUNT_SECONDS + 1},  # longer than an account's token may last
        {"exp": NOW},  # milliseconds where seconds belong
        {"exp": NOW // 1000, "iat": NOW // 1000},
        {"exp": NOW // 1000 + 5, "iat": NOW // 1000 + 10},
    ],
)
def test_absurd_claims_are_refused_though_signed(changed: dict[str, Any]) -> None:
    # PyJWT would not sign some of these; somebody with the key might.
    body = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims(**changed))}"
    key = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    assert refusal(f"{body}.{part(key.sign(body.encode(), SECRET))}") == "sign_in"


def test_a_guests_token_may_last_longer_than_an_accounts() -> None:
    month = claims(kind="guest", exp=NOW // 1000 + GUEST_SECONDS)
    assert TOKENS.read(signed(month), NOW).kind == "guest"
    assert refusal(signed({**month, "kind": "account"})) == "sign_in"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_letter_is_noticed(place: int) -> None:
    parts = TOKENS.issue(user(), NOW)[0].split(".")
    middle = len(parts[place]) // 2
    letter = "A" if parts[place][middle] != "A" else "B"
    parts[place] = parts[place][:middle] + letter + parts[place][middle + 1 :]
    assert refusal(".".join(parts)) == "sign_in"


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "\ud800",
        "é.é.é",
        "x" * 100_000,
        f"{part(b'[' * 1_000)}.e30.",
        f"{part(b'{' * 5)}.e30.AA",
        f"{part(b'9' * 1_400)}.e30.AA",
        f"{part([])}.{part([])}.{part([])}",
        f"{part({'alg': 'HS256', 'crit': ['x']})}.{part(claims())}.AA",
        f"{part({'alg': ['HS256']})}.{part(claims())}.AA",
        f"{part({'alg': 'HS256', 'kid': {'a': 1}})}.{part(claims())}.AA",
        f"{part({'alg': 'HS256', 'b64': False, 'crit': ['b64']})}.{part(claims())}.AA",
    ],
)
def test_garbage_is_refused(token: str) -> None:
    assert refusal(token) == "sign_in"


@given(st.text())
def test_no_text_does_anything_but_be_refused(text: str) -> None:
    assert refusal(text) == "sign_in"


PIECES = st.one_of(
    st.text(alphabet="ABCxyz019-_=", max_size=40),
    st.binary(max_size=60).map(part),
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner)).map(part),
    st.dictionaries(
        st.sampled_from(["alg", "typ", "crit", "kid", "exp", "b64"]),
        st.sampled_from(["HS256", "none", "", None, 1, [], {}, ["b64"]]),
    ).map(part),
)


@given(st.lists(PIECES, min_size=1, max_size=5))
def test_nothing_that_looks_like_a_token_does_either(pieces: list[str]) -> None:
    assert refusal(".".join(pieces)) == "sign_in"


@given(
    st.dictionaries(st.sampled_from([*sorted(claims()), "role"]), st.none() | st.integers() | st.text() | st.floats())
)
def test_no_signed_claims_do_anything_but_be_read_or_refused(changed: dict[str, Any]) -> None:
    body = f"{part({'alg': 'HS256'})}.{part(claims(**changed))}"
    key = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    token = f"{body}.{part(key.sign(body.encode(), SECRET))}"
    try:
        identity = TOKENS.read(token, NOW)
    except NotAuthenticated:
        return
    assert identity.expires_at > NOW
