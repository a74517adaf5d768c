"""The page over HTTP: which names are answered, in which encoding, how long they are kept, and what they may do."""

import base64
import gzip
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from shipanion.app import page as page_module
from shipanion.app.page import VIEWS, Page, add_page
from shipanion.errors import ConfigurationError

INDEX = '<!doctype html><script type="module" src="/assets/index-1a2b.js"></script>'
SCRIPT = "console.log('hello');" * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a build leaves, with a file outside that nobody may reach."""
    (tmp_path / "secret.txt").write_text("secret")
    built = tmp_path / "built_page"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text(INDEX)
    (built / "index.html.gz").write_bytes(gzip.compress(INDEX.encode()))
    (built / "icon.svg").write_text("<svg/>")
    (built / ".stamp").write_text("abc")
    script = built / "assets" / "index-1a2b.js"
    script.write_text(SCRIPT)
    script.with_name("index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    script.with_name("index-1a2b.js.br").write_bytes(b"as if brotli")
    (built / "assets" / "a.woff2").write_bytes(b"font")
    (built / "assets" / "odd.gz").write_bytes(b"no twin of anything")
    return built


@asynccontextmanager
async def visit(page: Page | None) -> AsyncIterator[httpx.AsyncClient]:
    """A program that asks; it takes no encoding unless it says so."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    add_page(app, page)
    transport = httpx.ASGITransport(app)
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
    async with httpx.AsyncClient(transport=transport, base_url="http://here:8000", headers=headers) as client:
        yield client


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with visit(Page.read(folder)) as client:
        yield client


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Where the page was not built."""
    async with visit(Page.read(tmp_path / "nowhere")) as client:
        yield client


def directives(answer: httpx.Response) -> dict[str, str]:
    policy = answer.headers["Content-Security-Policy"]
    return {part.split()[0]: " ".join(part.split()[1:]) for part in policy.split(";")}


# --- which names --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/new", "/s/session-1", "/s/..", "/sign-in", "/?from=mail"])
async def test_every_view_is_the_same_page(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.text) == (200, INDEX)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    head = await client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == answer.headers


async def test_files_beside_the_index_are_served(client: httpx.AsyncClient) -> None:
    icon = await client.get("/icon.svg")
    assert (icon.text, icon.headers["Content-Type"], icon.headers["Cache-Control"]) == (
        "<svg/>", "image/svg+xml", "no-cache",
    )  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "/secret.txt",
        "/assets/../../secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/assets/%2e%2e/%2e%2e/secret.txt",
        "/assets//secret.txt",
        "/assets/",
        "/assets",
        "/assets/index-1a2b.js.gz",
        "/assets/INDEX-1a2b.js",
        "/assets/../icon.svg/",
        "/index.html",
        "/.stamp",
        "/s",
        "/s/a/b",
        "/new/",
    ],
)
async def test_nothing_else_is(client: httpx.AsyncClient, path: str) -> None:
    # Sent as it stands: httpx would tidy the path up, as a browser does.
    request = client.build_request("GET", "/")
    request.url = httpx.URL("http://here:8000").copy_with(raw_path=path.encode())
    answer = await client.send(request)
    assert answer.status_code == 404, answer.text
    assert answer.json()["error"]["code"] == "not_found"


async def test_a_link_out_of_the_folder_is_not_followed(folder: Path) -> None:
    (folder / "assets" / "out.txt").symlink_to(folder.parent / "secret.txt")
    async with visit(Page.read(folder)) as client:
        assert (await client.get("/assets/out.txt")).status_code == 404


async def test_a_file_that_came_later_is_not_served(client: httpx.AsyncClient, folder: Path) -> None:
    (folder / "assets" / "late.js").write_text("late")
    (folder / "assets" / "index-1a2b.js").unlink()
    assert (await client.get("/assets/late.js")).status_code == 404
    assert (await client.get("/assets/index-1a2b.js")).text == SCRIPT


async def test_a_browser_is_told_in_html_that_there_is_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nowhere", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert '<a href="/">' in answer.text
    assert directives(answer)["default-src"] == "'none'"


async def test_a_folder_that_holds_too_much_is_not_taken_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "MAX_BYTES", 1_000)
    with pytest.raises(ConfigurationError, match="more than a built page"):
        Page.read(folder)
    monkeypatch.setattr(page_module, "MAX_BYTES", 1_000_000)
    monkeypatch.setattr(page_module, "MAX_FILES", 5)
    with pytest.raises(ConfigurationError, match="more than a built page"):
        Page.read(folder)


# --- encodings and caches -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("BR ; q=1.0", "br"),
        ("br;q=often, gzip", "gzip"),
        ("identity", None),
        ("", None),
        ("*", None),
        ("gzip;q=0.000", None),
    ],
)
async def test_the_smallest_that_is_taken_is_sent(
    client: httpx.AsyncClient, accepted: str, encoding: str | None
) -> None:
    async with client.stream("GET", "/assets/index-1a2b.js", headers={"Accept-Encoding": accepted}) as answer:
        sent = b"".join([piece async for piece in answer.aiter_raw()])
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert int(answer.headers["Content-Length"]) == len(sent)
    whole = {"br": b"as if brotli", "gzip": gzip.compress(SCRIPT.encode()), None: SCRIPT.encode()}[encoding]
    assert sent[10:] == whole[10:]  # a gzip header holds the time


async def test_what_has_no_twin_is_sent_as_it_is(client: httpx.AsyncClient) -> None:
    answer = await client.get("/assets/a.woff2", headers={"Accept-Encoding": "gzip, br"})
    assert answer.content == b"font"
    assert answer.headers["Content-Type"] == "font/woff2"
    assert not {"Content-Encoding", "Vary"} & {name.title() for name in answer.headers}
    assert (await client.get("/assets/odd.gz")).content == b"no twin of anything"


async def test_hashed_files_are_kept_for_good_and_the_index_is_asked_for(client: httpx.AsyncClient) -> None:
    asset = await client.get("/assets/index-1a2b.js")
    assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (await client.get("/")).headers["Cache-Control"] == "no-cache"


async def test_what_a_browser_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    tag = (await client.get("/")).headers["ETag"]
    zipped = (await client.get("/", headers={"Accept-Encoding": "gzip"})).headers["ETag"]
    assert tag != zipped
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await client.get("/s/session-1", headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == tag
        assert "Content-Security-Policy" in again.headers
        assert not {"content-length", "content-type"} & set(again.headers)
    for other in (zipped, '"other"'):
        assert (await client.get("/", headers={"If-None-Match": other})).status_code == 200


async def test_another_build_has_another_tag(client: httpx.AsyncClient, folder: Path) -> None:
    tag = (await client.get("/")).headers["ETag"]
    (folder / "index.html").write_text(INDEX + " ")
    async with visit(Page.read(folder)) as after:
        assert (await after.get("/", headers={"If-None-Match": tag})).status_code == 200


# --- what the page may do -----------------------------------------------------------------------------------------


async def test_the_page_loads_and_calls_only_where_it_came_from(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert directives(answer) == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": "'self' ws://here:8000 wss://here:8000",
        "frame-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "microphone=(self)" in answer.headers["Permissions-Policy"]


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("[::1]:8000", " ws://[::1]:8000 wss://[::1]:8000"),
        ("ship.example", " ws://ship.example wss://ship.example"),
        ("evil; script-src *", ""),
        ("a b", ""),
        ("a,b", ""),
        ("*", ""),
        ("", ""),
    ],
)
async def test_a_host_cannot_write_the_policy(client: httpx.AsyncClient, host: str, named: str) -> None:
    answer = await client.get("/", headers={"Host": host})
    assert directives(answer)["connect-src"] == f"'self'{named}"
    assert directives(answer)["script-src"] == "'self'"


# --- not built ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [path.replace("{session_id}", "session-1") for path in VIEWS])
async def test_without_a_page_it_says_how_to_get_one(bare: httpx.AsyncClient, path: str) -> None:
    answer = await bare.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Node.js" in answer.text
    assert "<code>make run</code>" in answer.text
    assert (await bare.head(path)).headers["Content-Length"] == str(len(answer.content))


async def test_its_own_style_is_all_that_it_may_use(bare: httpx.AsyncClient) -> None:
    answer = await bare.get("/")
    (style,) = re.findall("<style>(.*)</style>", answer.text)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert directives(answer)["style-src"] == f"'sha256-{digest}'"
    assert "script-src" not in directives(answer)


async def test_without_a_page_there_are_no_assets(bare: httpx.AsyncClient) -> None:
    assert (await bare.get("/assets/index-1a2b.js")).status_code == 404
