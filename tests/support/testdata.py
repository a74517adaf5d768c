"""Test data that is too large, or not ours, to be part of the project: price tables, recorded traffic.

It lies in the folder named by SHIPANION_TEST_DATA, else in `shared/data` beside the project's folder.
A test that needs what is not there says so as NOT RUN; the closing table of `make test` counts it, and
nothing fails.
"""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def folder() -> Path:
    """Where test data is looked for; it may not exist."""
    named = os.environ.get("SHIPANION_TEST_DATA")
    return Path(named) if named else ROOT.parent / "shared" / "data"


def require(name: str) -> Path:
    """The path of one piece of test data, for instance `usps/zone-pairs-2019-sample.csv`.

    Usable in a test, a fixture and at the top of a module; where the data is missing, what asked is skipped.
    """
    path = folder() / name
    if not path.exists():
        pytest.skip(f"NOT RUN: no test data {name}; SHIPANION_TEST_DATA names its folder", allow_module_level=True)
    return path
