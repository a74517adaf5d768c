"""The wheel made here brings the page along: installed where there is no Node.js, it serves it, whole and light."""

import gzip
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from scripts import build_page
from tests.support.server_process import Process, ServerProcess

ROOT = Path(__file__).resolve().parents[2]
FIRST_LOAD = 200_000
"""Bytes of script, compressed by gzip, that a first visit may cost at most."""

pytestmark = pytest.mark.timeout(300)  # the first build on a machine installs what the page is built with


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, unpacked, beside the packages that are installed here."""
    try:
        build_page.build()
    except build_page.NoNode as problem:
        pytest.skip(f"NOT RUN: {problem}")
    folder = tmp_path_factory.mktemp("sdist")
    hatchling("sdist", folder, of=ROOT)
    (archive,) = folder.glob("*.tar.gz")
    subprocess.run(["tar", "-xzf", archive, "-C", folder], check=True, timeout=60)
    (unpacked,) = (path for path in folder.iterdir() if path.is_dir())
    # To install them again would take long and prove nothing.
    (unpacked / "js" / "node_modules").symlink_to(ROOT / "js" / "node_modules")
    if build_page.FETCHED.exists():
        (unpacked / ".cache").mkdir()
        (unpacked / ".cache" / "node").symlink_to(build_page.FETCHED)
    return unpacked


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    hatchling("wheel", folder, of=sdist)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel in it, that sees the libraries of this one but not the project."""
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True, timeout=60)
    (packages,) = home.glob("lib/python*/site-packages")
    # A folder named by a .pth file is searched, but its own .pth files, the editable project's, are not read.
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    python = home / "bin" / "python"
    uv = shutil.which("uv")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python), "install", "--no-index"]
    installer = [uv, "pip", "install", "--offline", "--python", str(python)] if uv else pip
    subprocess.run([*installer, "-q", "--no-deps", str(wheel)], check=True, timeout=60)
    return home / "bin"


@pytest.fixture(scope="module")
def server(bin_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """``shipanion serve`` from that environment, with nothing else on its PATH."""
    assert shutil.which("node", path=str(bin_folder)) is None

    def launch(arguments: list[str], environment: dict[str, str], log: Path) -> Process:
        with log.open("ab") as errors:
            return subprocess.Popen(
                [bin_folder / "shipanion", *arguments],
                cwd=log.parent,
                env={**environment, "PATH": str(bin_folder)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
            )

    with ServerProcess(tmp_path_factory.mktemp("server"), launch=launch) as server:
        yield server


def hatchling(target: str, into: Path, *, of: Path) -> None:
    """Build a distribution, as an installer does."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", into],
        cwd=of,
        env={name: value for name, value in os.environ.items() if not name.startswith("SHIPANION_")},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def raw(url: str, encoding: str) -> tuple[httpx.Headers, bytes]:
    """An answer's headers and its body as it was sent."""
    with httpx.stream("GET", url, headers={"Accept-Encoding": encoding}, trust_env=False, timeout=10) as answer:
        assert answer.status_code == 200, url
        return answer.headers, b"".join(answer.iter_raw())


def test_the_sdist_holds_the_sources_of_the_page_and_no_packages(sdist: Path) -> None:
    assert (sdist / "js" / "web" / "index.html").is_file()
    assert (sdist / "js" / "client" / "src" / "index.ts").is_file()
    (archive,) = sdist.parent.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        assert not [name for name in packed.getnames() if "node_modules" in name or "built_page" in name]


def test_the_wheel_holds_the_page_and_not_its_sources(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    assert "shipanion/app/built_page/index.html" in names
    assert not [name for name in names if name.endswith((".ts", ".tsx")) or "node_modules" in name]


def build(
    tree: Path, *arguments: str, options: tuple[str, ...] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    """``scripts/build_page.py`` of an unpacked source distribution."""
    command = [sys.executable, *options, str(tree / "scripts" / "build_page.py"), *arguments]
    settings = {**os.environ, **environment}
    return subprocess.run(command, cwd=tree, env=settings, capture_output=True, text=True, timeout=120)


@pytest.mark.usefixtures("wheel")
def test_what_is_built_is_built_once(sdist: Path) -> None:
    done = build(sdist)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture
def changed(sdist: Path, wheel: Path) -> Iterator[Path]:
    """The same after an edit that Vite cannot read; as it was afterwards."""
    entry = sdist / "js" / "web" / "src" / "main.tsx"
    before = entry.read_text(encoding="utf-8")
    entry.write_text(before + "\nconst = ;\n", encoding="utf-8")
    yield sdist
    entry.write_text(before, encoding="utf-8")


def test_a_build_that_fails_says_so_and_leaves_the_page_before(changed: Path) -> None:
    index = changed / "src" / "shipanion" / "app" / "built_page" / "index.html"
    before = index.read_bytes()
    done = build(changed)
    assert done.returncode == 1
    assert "Vite could not build js/web; the lines above say why." in done.stderr.splitlines()[-1]
    tried = build(changed, "--try")
    assert tried.returncode == 0
    assert tried.stderr.splitlines()[-1] == "The page is the one built before."
    assert index.read_bytes() == before


def test_without_node_and_network_one_sentence_says_what_to_do(changed: Path, tmp_path: Path) -> None:
    bare = {"PATH": str(tmp_path), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "UV_OFFLINE": "1"}
    (changed / ".cache" / "node").unlink(missing_ok=True)
    done = build(changed, options=("-S",), **bare)  # -S: a Python that has no packages, so none that brings Node.js
    assert done.returncode == 1
    (sentence,) = done.stderr.splitlines()
    assert "Node.js 20.19" in sentence
    assert "SHIPANION_BUILD_PAGE=off" in sentence
    assert build(changed, "--try", options=("-S",), **bare).returncode == 0


def test_switched_off_it_does_nothing(changed: Path) -> None:
    done = build(changed, SHIPANION_BUILD_PAGE="off")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_is_the_wheel_that_runs(bin_folder: Path) -> None:
    said = subprocess.run(
        [bin_folder / "python", "-c", "import shipanion; print(shipanion.__file__)"],
        cwd=bin_folder,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout
    assert bin_folder.parent in Path(said.strip()).parents


def test_it_serves_the_page_and_every_file_named_in_it(server: ServerProcess) -> None:
    headers, index = raw(f"{server.url}/", "identity")
    assert headers["Content-Type"].startswith("text/html")
    assert headers["Cache-Control"] == "no-cache"
    assert "script-src 'self';" in headers["Content-Security-Policy"]
    # What the policy forbids would fail in the browser only.
    assert not re.search(rb"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=", index)
    named = re.findall(r'(?:src|href)="(/[^"]+)"', index.decode())
    assert any(name.endswith(".js") for name in named)
    for name in named:
        headers, body = raw(server.url + name, "identity")
        assert body, name
        assert headers["X-Content-Type-Options"] == "nosniff"
        if name.startswith("/assets/"):
            assert headers["Cache-Control"] == "public, max-age=31536000, immutable", name


def test_the_script_of_a_first_visit_is_light(server: ServerProcess) -> None:
    _, index = raw(f"{server.url}/", "identity")
    # Vite names what the first script imports as modulepreload; what is loaded later is not in the HTML.
    scripts = set(re.findall(r'(?:src|href)="(/assets/[^"]+\.js)"', index.decode()))
    sizes = {}
    for name in scripts:
        headers, plain = raw(server.url + name, "identity")
        headers, packed = raw(server.url + name, "gzip, deflate")
        assert headers["Content-Encoding"] == "gzip", name
        assert gzip.decompress(packed) == plain
        assert len(raw(server.url + name, "gzip, br")[1]) < len(packed), "brotli is the smaller one"
        sizes[name] = len(packed)
    assert sum(sizes.values()) < FIRST_LOAD, sizes
