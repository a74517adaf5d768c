"""A disk whose syncs fail on demand.

A small library, compiled here and loaded before the C library, lets ``fsync`` and ``fdatasync`` of a process fail with
EIO for as long as a flag file exists. Everything else is real: the process, SQLite, the files.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int refused(void) {
    const char *flag = getenv("FSYNC_FAILS_WHILE");
    if (flag == NULL || access(flag, F_OK) != 0) return 0;
    errno = EIO;
    return 1;
}
static int forward(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return real(fd);
}
int fsync(int fd) { return refused() ? -1 : forward("fsync", fd); }
int fdatasync(int fd) { return refused() ? -1 : forward("fdatasync", fd); }
"""


def fsync_shim(folder: Path, flag: Path) -> dict[str, str]:
    """The environment in which syncs fail while ``flag`` exists. Skips the test where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not Path("/proc/self").exists():
        pytest.skip("NOT RUN: failing syncs need Linux and a C compiler — install: apt-get install gcc libc6-dev")
    source, library = folder / "fsync.c", folder / "fsync.so"
    source.write_text(_SOURCE)
    command = [compiler, "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return {**os.environ, "LD_PRELOAD": str(library), "FSYNC_FAILS_WHILE": str(flag)}
