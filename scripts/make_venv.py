"""Makes the project's one virtual environment, `.venv`, or brings it up to date.

    make_venv.py run|dev             install what `shipanion` (run) or the suite (dev) needs
    make_venv.py --fresh run|dev     change nothing; exit code 0 when there is nothing to do

A stamp inside `.venv`, written last, says for which project folder, Python and pinned versions it was
made; when any of them differs there is work to do. A mark, written first, says that an install is under way:
found without a living installer it means that one was interrupted, and the environment is made anew.

Runs on the bare standard library, before anything is installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".shipanion-stamp"
UNFINISHED = VENV / ".shipanion-unfinished"

PROFILES = {"run": ".", "dev": ".[dev]"}


def wanted(profile: str, python: str) -> dict[str, str]:
    """What the stamp says of an up-to-date environment."""
    pins = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        pins.update((ROOT / name).read_bytes())
    # The folder counts because scripts in `.venv/bin` name their interpreter by absolute path.
    return {"project": str(ROOT), "python": python, "pins": pins.hexdigest(), "profile": profile}


def found() -> dict[str, str]:
    """What the stamp says, empty when there is none."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def venv_python() -> str:
    """Version of the environment's Python; empty when it does not start (its base Python was removed)."""
    try:
        asked = subprocess.run(
            [PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return asked.stdout.strip()


def is_fresh(profile: str) -> bool:
    """True when nothing needs installing for this profile."""
    if UNFINISHED.exists() or not (VENV / "bin" / "shipanion").exists():
        return False
    python = venv_python()
    stamp = found()
    # `dev` holds all that `run` needs.
    return bool(python) and stamp in (wanted(profile, python), wanted("dev", python))


def is_reusable(uv: str | None) -> bool:
    """True when an install may go into the environment that is there."""
    python = venv_python()
    if UNFINISHED.exists() or not python:
        return False
    stamp = found()
    if stamp and (stamp.get("project"), stamp.get("python")) != (str(ROOT), python):
        return False
    if uv is not None:
        return True
    return subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0


def install(profile: str) -> None:
    """Installs into `.venv`, made anew when it cannot be reused.

    Raises:
        subprocess.CalledProcessError: the installer failed; it has printed why.
    """
    uv = shutil.which("uv")
    if is_reusable(uv):
        print("Bringing .venv up to date ...", flush=True)
    else:
        print("Making .venv and installing into it (this once; up to a minute) ...", flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
        VENV.mkdir()
        UNFINISHED.touch()
        subprocess.run([sys.executable, "-m", "venv", *(["--without-pip"] if uv else []), str(VENV)], check=True)
    UNFINISHED.touch()
    STAMP.unlink(missing_ok=True)
    if uv:
        installer = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(PYTHON)]
    else:
        installer = [str(PYTHON), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run(
        [*installer, "-c", "constraints.txt", "-e", PROFILES[profile]],
        cwd=ROOT,
        # A person's own `user = true` cannot work inside a venv. `make run` builds the page, and can do without it.
        env={**os.environ, "PIP_USER": "0", "SHIPANION_BUILD_PAGE": "off"},
        check=True,
    )
    STAMP.write_text(json.dumps(wanted(profile, venv_python())), encoding="utf-8")
    UNFINISHED.unlink()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Held while installing, so that `make run` and `make test` side by side do not undo each other.

    The system releases it with the process, so a killed installer leaves nothing to clean up.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no fcntl: there the person sees to it
        yield
        return
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--fresh"]:
        return 0 if is_fresh(arguments[1]) else 1
    (profile,) = arguments
    try:
        with one_at_a_time():
            if not is_fresh(profile):
                install(profile)
    except subprocess.CalledProcessError:
        print(
            "Could not install what Shipanion needs; the lines above say why. The first install needs the\n"
            "network. Run the same command again: it starts afresh.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("Stopped. Run the same command again: it starts afresh.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
