"""What holds for every test: a clean environment, and property tests judged by results, not by time."""

import os

from hypothesis import settings

# What somebody has set for their own server must not change what the suite sees.
for name in [name for name in os.environ if name.startswith("SHIPANION_") and name != "SHIPANION_TEST_DATA"]:
    del os.environ[name]

# No deadline: on a busy machine a slow example says nothing about the code; the per-test timeout still holds.
# Under CI a failing example is printed as a line that reproduces it elsewhere.
settings.register_profile("house", deadline=None, print_blob=bool(os.environ.get("CI")))
settings.load_profile("house")
