"""The page's cookie: its name, its flags, and for whom it counts."""

import pytest

from shipanion.app.cookies import Cookies, Headers

HERE = Cookies(None)
BEHIND_A_PROXY = Cookies("https://ship.example.org")


def headers(host: str = "localhost:8000", **more: str) -> list[tuple[bytes, bytes]]:
    pairs = {"host": host, **{name.replace("_", "-"): value for name, value in more.items()}}
    return [(name.encode(), value.encode("latin-1")) for name, value in pairs.items()]


@pytest.mark.parametrize(
    ("cookies", "host", "scheme", "name", "secure"),
    [
        (HERE, "localhost:8000", "http", "shipanion-8000", False),
        (HERE, "127.0.0.1:8001", "ws", "shipanion-8001", False),
        (HERE, "[::1]:8000", "http", "shipanion-8000", False),
        (HERE, "ship.example.org", "http", "shipanion-80", False),
        (HERE, "ship.example.org", "https", "__Host-shipanion-443", True),
        (HERE, "ship.example.org:8443", "wss", "__Host-shipanion-8443", True),
        # TLS ends at a proxy: the public URL says so, and only for the name it has.
        (BEHIND_A_PROXY, "ship.example.org", "http", "__Host-shipanion-443", True),
        (BEHIND_A_PROXY, "SHIP.example.org:443", "ws", "__Host-shipanion-443", True),
        (BEHIND_A_PROXY, "127.0.0.1:8000", "http", "shipanion-8000", False),
        (BEHIND_A_PROXY, "ship.example.org:8000", "http", "shipanion-8000", False),
        (Cookies("http://ship.example.org"), "ship.example.org", "http", "shipanion-80", False),
    ],
)
def test_what_is_kept_is_found_again(cookies: Cookies, host: str, scheme: str, name: str, secure: bool) -> None:
    kept = cookies.kept(headers(host), scheme, "a.b.c", 60)
    flags = f"{name}=a.b.c; Max-Age=60; Path=/; HttpOnly; SameSite=Lax"
    assert kept == (f"{flags}; Secure" if secure else flags)
    sent = kept.partition(";")[0]
    assert cookies.read(headers(host, cookie=f"theme=dark; {sent}; x"), scheme) == "a.b.c"


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("", None),
        ("shipanion-8001=t", None),
        ("__Host-shipanion-8000=t", None),
        ("Shipanion-8000=t", None),
        ("xshipanion-8000=t", None),
        ("shipanion-8000", ""),
        ("shipanion-8000=", ""),
        ("shipanion-8000=a=b", "a=b"),
        (" shipanion-8000 = t ", "t"),
        (";;=;shipanion-8000=t;", "t"),
        ("shipanion-8000=\xff\xfe", "\xff\xfe"),
        # Two of one name: somebody else put one of them there, and nobody can tell which.
        ("shipanion-8000=a; shipanion-8000=b", ""),
        ("shipanion-8000=a; shipanion-8000=a", ""),
    ],
)
def test_what_a_browser_sends_is_read_by_the_letter(sent: str, found: str | None) -> None:
    assert HERE.read(headers(cookie=sent), "http") == found


def test_a_cookie_in_a_second_header_counts_as_one_more() -> None:
    sent: Headers = [*headers(cookie="shipanion-8000=a"), (b"cookie", b"shipanion-8000=b")]
    assert HERE.read(sent, "http") == ""
    assert HERE.candidates(sent, "http") == ["a", "b"]
    assert HERE.candidates([*sent, (b"origin", b"http://localhost:5173")], "http") == []


@pytest.mark.parametrize(
    ("cookies", "host", "scheme", "origin", "counts"),
    [
        (HERE, "localhost:8000", "http", "http://localhost:8000", True),
        (HERE, "localhost:8000", "http", "http://localhost:5173", False),
        (HERE, "localhost:8000", "ws", "http://localhost:3000", False),
        (HERE, "localhost:8000", "http", "http://127.0.0.1:8000", False),
        (HERE, "localhost:8000", "http", "null", False),
        (HERE, "localhost:8000", "http", "", False),
        (HERE, "localhost:8000", "http", "chrome-extension://abc", False),
        (HERE, "ship.example.org", "http", "http://ship.example.org", True),
        (HERE, "ship.example.org", "https", "https://ship.example.org", True),
        # Without a port in Host, only the scheme's own port is ours.
        (HERE, "ship.example.org", "http", "http://ship.example.org:8080", False),
        (HERE, "ship.example.org", "https", "https://ship.example.org:8443", False),
        (HERE, "ship.example.org", "http", "https://ship.example.org", False),
        (HERE, "ship.example.org", "http", "https://evil.ship.example.org", False),
        (HERE, "ship.example.org:8000", "http", "http://ship.example.org", False),
        (BEHIND_A_PROXY, "ship.example.org", "http", "https://ship.example.org", True),
        (BEHIND_A_PROXY, "ship.example.org:443", "ws", "https://ship.example.org", True),
        (BEHIND_A_PROXY, "ship.example.org", "http", "https://ship.example.org:8443", False),
        # Whoever sits on the way writes the unencrypted page of the same name.
        (BEHIND_A_PROXY, "ship.example.org", "http", "http://ship.example.org", False),
        (BEHIND_A_PROXY, "127.0.0.1:8000", "http", "http://127.0.0.1:8000", True),
        (Cookies("https://ship.example.org:8443"), "ship.example.org", "http", "https://ship.example.org:8443", True),
        (Cookies("https://ship.example.org:8443"), "ship.example.org", "http", "http://ship.example.org", False),
        # A proxy that names itself, not the host people asked for: its public URL is ours all the same.
        (BEHIND_A_PROXY, "127.0.0.1:8000", "http", "https://ship.example.org", True),
        (BEHIND_A_PROXY, "127.0.0.1:8000", "http", "https://other.example.org", False),
    ],
)
def test_only_a_page_of_this_server_acts_by_cookie(
    cookies: Cookies, host: str, scheme: str, origin: str, counts: bool
) -> None:
    name = cookies.kept(headers(host), scheme, "t", 60).partition("=")[0]
    found = cookies.read(headers(host, origin=origin, cookie=f"{name}=t"), scheme)
    assert found == ("t" if counts else None)


@pytest.mark.parametrize(
    ("site", "dest", "counts"),
    [
        ("same-origin", "image", True),
        ("same-origin", "iframe", True),
        ("none", "document", True),
        ("cross-site", "document", True),  # a link in a letter
        ("same-site", "document", True),
        ("cross-site", "image", False),
        ("same-site", "iframe", False),
        ("same-site", "empty", False),
    ],
)
def test_what_another_page_embeds_is_not_opened_by_cookie(site: str, dest: str, counts: bool) -> None:
    asked = headers(sec_fetch_site=site, sec_fetch_dest=dest, cookie="shipanion-8000=t")
    assert HERE.read(asked, "http") == ("t" if counts else None)
