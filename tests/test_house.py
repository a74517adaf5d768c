"""The rules of the house that a machine can keep. Each failure names the files and what to do about them.

The arrows between rooms are import-linter's, style is ruff's (sorted `__all__` and readers of the environment
included), types are mypy's; what is here none of them can see.
"""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import TypeGuard

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "shipanion"

# source file (below src/shipanion) -> why no test file of its own name
WITHOUT_OWN_TEST = {
    "stores/base.py": "a port: tests/stores/test_contract.py holds every store to it",
    "stores/people.py": "a port: tests/stores/test_contract_people.py holds every store to it",
    "server/effect.py": "a port: tests/server/test_effects.py holds the server to it",
}

# source file (below src/shipanion) -> why it may be longer than its room's cap
LONG: dict[str, str] = {}

# Drawers: whatever has no place lands there, and soon everything leans on it.
BANNED_NAMES = {"common", "core", "helper", "helpers", "misc", "util", "utils"}

# Written in two pieces, so that this file passes its own test.
REGISTRIES = re.compile(
    "|".join(
        re.escape(host)
        for host in (
            "files.python" + "hosted.org",
            "pypi." + "org/simple",
            "test.pypi." + "org",
            "registry.npm" + "js.org",
            "registry.yarn" + "pkg.com",
            "deb." + "debian.org",
            "proxy." + "golang.org",
        )
    )
)
HERE = "|".join(re.escape(str(path)) for path in (ROOT, ROOT.parent / "shared"))
MACHINE_PATHS = re.compile(
    r"(?<![\w./$}-])/(?:home|Users)/[a-z]\w*/"
    r"|(?<![\w./$}-])/root/\w"
    r"|\b[A-Z]:\\Users\\"
    rf"|(?<![\w.-])(?:{HERE})(?![\w-])"
)


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def below_source(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@cache
def files_of_the_project() -> list[Path]:
    """Everything git tracks or would track; what it ignores is nobody's business."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("NOT RUN: not a git checkout, so nobody can say which files belong to the project")
    return [ROOT / name for name in sorted(listed.stdout.split("\0")) if name and (ROOT / name).is_file()]


def own_test(source: Path) -> Path:
    return ROOT / "tests" / source.relative_to(SOURCE).parent / f"test_{source.name}"


def test_every_source_file_has_its_test_file() -> None:
    missing = [
        f"{below_source(path)} -> {own_test(path).relative_to(ROOT)}"
        for path in sources()
        if path.name not in ("__init__.py", "__main__.py")
        and below_source(path) not in WITHOUT_OWN_TEST
        and not own_test(path).exists()
    ]
    assert not missing, "write the test file, or give a reason in WITHOUT_OWN_TEST:\n" + "\n".join(missing)


def test_exceptions_are_still_needed() -> None:
    stale = [name for name in WITHOUT_OWN_TEST if not (SOURCE / name).exists() or own_test(SOURCE / name).exists()]
    stale += [name for name in LONG if not (SOURCE / name).exists() or not is_too_long(SOURCE / name)]
    assert not stale, f"take these out of WITHOUT_OWN_TEST or LONG: {stale}"


def length(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def is_too_long(path: Path) -> bool:
    cap = 400 if below_source(path).startswith("protocol/") else 600
    return length(path) > cap


def test_files_stay_short() -> None:
    long = [
        f"{below_source(path)}: {length(path)}"
        for path in sources()
        if is_too_long(path) and below_source(path) not in LONG
    ]
    assert not long, "split by role (cap 600 lines, 400 in protocol):\n" + "\n".join(long)


def test_no_drawers() -> None:
    drawers = [
        str(path.relative_to(ROOT))
        for path in files_of_the_project()
        if any(Path(part).stem in BANNED_NAMES for part in path.relative_to(ROOT).parts)
    ]
    assert not drawers, f"name these after what they hold: {drawers}"


def test_no_registry_and_no_path_of_a_machine() -> None:
    hits = []
    for path in files_of_the_project():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # pictures and fonts
            continue
        for number, line in enumerate(text.splitlines(), 1):
            found = REGISTRIES.search(line) or MACHINE_PATHS.search(line)
            if found:
                hits.append(f"{path.relative_to(ROOT)}:{number}: {found.group()}")
    assert not hits, "true on one machine or one network only:\n" + "\n".join(hits)


def declared_exports(tree: ast.Module) -> list[str] | None:
    """The names in `__all__`, None when the module declares none."""
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            assert node.value is not None
            names = ast.literal_eval(node.value)
            assert isinstance(names, list | tuple)
            return [str(name) for name in names]
    return None


def bound_names(statements: list[ast.stmt]) -> tuple[set[str], set[str]]:
    """(classes and functions, other names) of a file's top level, looking into `if` and `try`."""
    defined: set[str] = set()
    others: set[str] = set()
    for node in statements:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                defined.add(node.name)
            case ast.Assign():
                others |= {name.id for target in node.targets for name in ast.walk(target) if is_stored(name)}
            case ast.AnnAssign(target=ast.Name() as target):
                others.add(target.id)
            case ast.Import() | ast.ImportFrom():
                others |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
            case ast.If() | ast.Try():
                handlers = [h.body for h in node.handlers] if isinstance(node, ast.Try) else []
                for body in (node.body, node.orelse, *handlers):
                    inner_defined, inner_others = bound_names(body)
                    defined |= inner_defined
                    others |= inner_others
            case _:
                pass
    return defined, others


def is_stored(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def export_faults(path: Path) -> list[str]:
    """What `__all__` of one file leaves out, and what it promises but does not hold.

    A constant or an alias may stay out as long as no other file takes it: that is the next test.
    """
    declared = declared_exports(parsed(path))
    if declared is None:
        return []
    defined, others = bound_names(parsed(path).body)
    # The door of a room may also name the files in the room.
    inside = {found.stem for found in path.parent.iterdir()} if path.name == "__init__.py" else set()
    faults = [
        f"{name} is public but not in __all__" for name in sorted(defined - set(declared)) if not name.startswith("_")
    ]
    faults += [
        f"{name} is in __all__ but not in the file" for name in sorted(set(declared) - defined - others - inside)
    ]
    faults += [f"{name} is in __all__ twice" for name in sorted(set(declared)) if declared.count(name) > 1]
    return [f"{path.relative_to(ROOT)}: {fault}" for fault in faults]


def test_exports_are_complete() -> None:
    faults = [fault for path in sources() for fault in export_faults(path)]
    assert not faults, "\n".join(faults)


def module_file(dotted: str) -> Path | None:
    """The file of `shipanion.a.b`, None when that is not a module of ours."""
    base = ROOT / "src" / Path(*dotted.split("."))
    return next((file for file in (base.with_suffix(".py"), base / "__init__.py") if file.exists()), None)


def test_only_exported_names_are_taken() -> None:
    """What one source file imports from another stands in the other's `__all__`, where it declares one."""
    taken = []
    for path in sources():
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("shipanion"):
                continue
            origin = module_file(node.module or "")
            declared = declared_exports(parsed(origin)) if origin else None
            taken += [
                f"{below_source(path)} takes {alias.name} from {node.module}"
                for alias in node.names
                if declared is not None
                and alias.name not in declared
                and module_file(f"{node.module}.{alias.name}") is None
            ]
    assert not taken, "add these to the __all__ they come from:\n" + "\n".join(taken)
