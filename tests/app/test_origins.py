"""Hosts and origins: who may call, and that a turned name does not get in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipanion.app.origins import Authority, Origin, Origins, is_loopback, own_origin, parse_authority, parse_origin

LOCAL = Origins.of("127.0.0.1", None, ())
PUBLIC = Origins.of("0.0.0.0", "https://ship.example.org", ("https://app.example.net:8443",))


def headers(host: str | None, origin: str | None = None) -> list[tuple[bytes, bytes]]:
    found = [(b"accept", b"*/*")]
    if host is not None:
        found.append((b"host", host.encode("latin-1")))
    if origin is not None:
        found.append((b"origin", origin.encode("latin-1")))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("localhost", Authority("localhost", None)),
        ("LocalHost:8000", Authority("localhost", 8000)),
        ("localhost.:80", Authority("localhost", 80)),
        ("Ship.Example.ORG.", Authority("ship.example.org", None)),
        ("127.0.0.1:65535", Authority("127.0.0.1", 65535)),
        ("[::1]:8000", Authority("::1", 8000)),
        ("[0:0:0:0:0:0:0:1]", Authority("::1", None)),
        ("[2001:DB8::A]", Authority("2001:db8::a", None)),
        ("::1", Authority("::1", None)),
        ("xn--bcher-kva.example", Authority("xn--bcher-kva.example", None)),
    ],
)
def test_a_host_and_its_port(text: str, expected: Authority) -> None:
    assert parse_authority(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", ".", ":", ":80", "host:", "host:0", "host:65536", "host:-1", "host:\uff18\uff10", "host:80:90",
        "a b", "a/b",
        "user@host", "host..", ".host", "-host", "a" * 64, "[::1", "::1]", "[::1]x", "[::1]80", "[1.2.3.4]", "[]",
        "[fe80::1%eth0]", "host\n", "host:80\n", "höst", "a,b", "localhost#", "localhost\\x",
    ],
)  # fmt: skip
def test_what_is_no_host(text: str) -> None:
    assert parse_authority(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://localhost:8000", Origin("http", "localhost", 8000)),
        ("HTTPS://Ship.Example.org", Origin("https", "ship.example.org", 443)),
        ("http://ship.example.org:80/", Origin("http", "ship.example.org", 80)),
        ("http://[::1]:8000", Origin("http", "::1", 8000)),
        ("null", None),
        ("", None),
        ("*", None),
        ("ws://localhost", None),
        ("file://", None),
        ("http:/localhost", None),
        ("http://a@localhost", None),
        ("http://localhost/path", None),
        ("http://localhost//", None),
        ("http://localhost http://evil.example", None),
    ],
)
def test_an_origin(text: str, expected: Origin | None) -> None:
    assert parse_origin(text) == expected


@given(st.text())
def test_no_text_upsets_the_readers_and_what_they_read_is_stable(text: str) -> None:
    origin = parse_origin(text)
    assert origin is None or parse_origin(str(origin)) == origin
    authority = parse_authority(text)
    assert authority is None or parse_authority(authority.host) == Authority(authority.host, None)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.255.0.3", "::1", "[::1]"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "", "1270.0.1"]
)
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("origins", "host", "allowed"),
    [
        (LOCAL, "localhost:8000", True),
        (LOCAL, "localhost:1", True),
        (LOCAL, "LOCALHOST.:8000", True),
        (LOCAL, "127.0.0.1:8000", True),
        (LOCAL, "[::1]:8000", True),
        (LOCAL, "evil.example:8000", False),
        (LOCAL, "localhost.evil.example", False),
        (LOCAL, "127.0.0.1.evil.example", False),
        (LOCAL, "192.168.1.5:8000", False),
        (LOCAL, "0.0.0.0:8000", False),
        (PUBLIC, "ship.example.org", True),
        (PUBLIC, "SHIP.example.org.:443", True),
        (PUBLIC, "app.example.net", True),
        (PUBLIC, "other.example.org", False),
        # Listening on every address: an address written out cannot be a name that was turned.
        (PUBLIC, "192.168.1.5:8000", True),
        (PUBLIC, "[2001:db8::1]:8000", True),
        (Origins.of("ship.lan", None, ()), "ship.lan:8000", True),
        (Origins.of("ship.lan", None, ()), "192.168.1.5", False),
        (Origins.of("2001:db8::1", None, ()), "[2001:DB8:0::1]:8000", True),
        (Origins.of("::", None, ()), "10.1.2.3", True),
    ],
)
def test_the_names_this_server_answers_to(origins: Origins, host: str, allowed: bool) -> None:
    assert origins.host_allowed(host) is allowed


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "allowed"),
    [
        (None, "localhost:8000", "ws", True),
        ("http://localhost:8000", "localhost:8000", "http", True),
        ("http://localhost:8000", "LOCALHOST.:8000", "ws", True),
        ("http://localhost", "localhost:80", "http", True),
        ("http://[::1]:8000", "[::1]:8000", "ws", True),
        ("null", "localhost:8000", "http", False),
        ("", "localhost:8000", "http", False),
        ("http://localhost:3000", "localhost:8000", "http", False),
        ("https://localhost:8000", "localhost:8000", "http", False),
        ("http://127.0.0.1:8000", "localhost:8000", "http", False),
        ("http://evil.example", "localhost:8000", "ws", False),
        # The page's own name was turned to this machine: Origin and Host agree, and neither is ours.
        ("http://evil.example:8000", "evil.example:8000", "ws", False),
        ("http://localhost.evil.example:8000", "localhost:8000", "http", False),
    ],
)
def test_the_pages_a_server_on_loopback_takes(origin: str | None, host: str, scheme: str, allowed: bool) -> None:
    assert LOCAL.origin_allowed(origin, host, scheme) is allowed


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://ship.example.org", True),
        ("https://SHIP.example.org:443", True),
        ("http://ship.example.org", False),
        ("https://ship.example.org:444", False),
        ("https://app.example.net:8443", True),
        ("https://app.example.net", False),
        ("https://sub.ship.example.org", False),
    ],
)
def test_behind_a_proxy_the_public_url_says_what_the_page_is(origin: str, allowed: bool) -> None:
    # The proxy speaks plain http to us and passes the Host on.
    for host in ("internal:8000", "ship.example.org", "SHIP.example.org.:443"):
        assert PUBLIC.origin_allowed(origin, host, "http") is allowed


@pytest.mark.parametrize(
    ("host", "scheme", "public", "expected"),
    [
        ("localhost:8000", "ws", None, "http://localhost:8000"),
        ("ship.lan", "http", None, "http://ship.lan"),
        ("ship.lan", "wss", None, "https://ship.lan"),
        ("ship.lan:80", "https", None, "https://ship.lan:80"),
        ("ship.example.org", "http", "https://ship.example.org", "https://ship.example.org"),
        ("Ship.example.org:443", "ws", "https://ship.example.org", "https://ship.example.org"),
        ("ship.example.org:8000", "http", "https://ship.example.org", "http://ship.example.org:8000"),
        ("ship.example.org", "http", "https://ship.example.org:8443", "https://ship.example.org:8443"),
        ("127.0.0.1:8000", "http", "https://ship.example.org", "http://127.0.0.1:8000"),
    ],
)
def test_our_own_page_has_one_origin(host: str, scheme: str, public: str | None, expected: str) -> None:
    assert str(own_origin(host, scheme, parse_origin(public or ""))) == expected


def test_what_is_no_host_has_no_page() -> None:
    assert own_origin("a b", "http", parse_origin("https://ship.example.org")) is None


@pytest.mark.parametrize(
    ("found", "changes", "status"),
    [
        (headers("localhost:8000"), True, None),
        (headers("localhost:8000", "http://localhost:8000"), True, None),
        (headers("localhost:8000", "http://evil.example"), False, None),
        (headers("localhost:8000", "http://evil.example"), True, 403),
        (headers("localhost:8000", "null"), True, 403),
        ([*headers("localhost:8000", "http://localhost:8000"), (b"origin", b"null")], True, 403),
        (headers("evil.example", "http://evil.example"), True, 421),
        (headers("evil.example"), False, 421),
        (headers(None), False, 400),
        (headers(""), False, 400),
        (headers("a b"), False, 400),
        ([*headers("localhost:8000"), (b"host", b"evil.example")], False, 400),
        (headers("\xff\xfe"), False, 400),
    ],
)
def test_a_request_is_judged_by_its_headers(
    found: list[tuple[bytes, bytes]], changes: bool, status: int | None
) -> None:
    refusal = LOCAL.refusal(found, "http", changes=changes)
    assert (refusal and refusal.status) == status


def test_a_refusal_says_which_setting_would_help() -> None:
    host = LOCAL.refusal(headers("evil.example"), "http", changes=False)
    assert host is not None
    assert "evil.example" in host.message
    assert "SHIPANION_PUBLIC_URL" in host.message
    page = LOCAL.refusal(headers("localhost", "http://e\x00vil" + "x" * 500), "http", changes=True)
    assert page is not None
    assert "SHIPANION_ALLOWED_ORIGINS" in page.message
    assert page.message.isprintable()
    assert len(page.message) < 300
