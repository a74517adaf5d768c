"""The signing secret: made once, whole, private, and reused."""

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shipanion.app.secret import make_folder, secret_file, signing_secret
from shipanion.errors import ConfigurationError


def test_it_is_made_once_and_reused(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "data"
    first = signing_secret(None, data)
    assert len(first) >= 32
    assert signing_secret(None, data) == first
    assert signing_secret(None, tmp_path / "other") != first


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    old = os.umask(0)
    try:
        signing_secret(None, data)
    finally:
        os.umask(old)
    assert stat.S_IMODE(secret_file(data).stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_a_file_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    signing_secret(None, tmp_path)
    secret_file(tmp_path).chmod(0o644)
    signing_secret(None, tmp_path)
    assert stat.S_IMODE(secret_file(tmp_path).stat().st_mode) == 0o600


def test_a_given_one_is_used_and_nothing_is_made(tmp_path: Path) -> None:
    assert signing_secret("s" * 32, tmp_path / "data") == b"s" * 32
    assert not (tmp_path / "data").exists()


def test_it_is_synced_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(secret_file(tmp_path).exists())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    signing_secret(None, tmp_path)
    assert synced == [False, True]  # the file before, the folder after


def test_servers_starting_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = set(pool.map(lambda _: signing_secret(None, tmp_path), range(32)))
    assert len(secrets) == 1
    assert [path.name for path in tmp_path.iterdir()] == [secret_file(tmp_path).name]


def test_a_file_system_without_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    first = signing_secret(None, tmp_path)
    assert signing_secret(None, tmp_path) == first
    assert [path.name for path in tmp_path.iterdir()] == [secret_file(tmp_path).name]


def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    secret_file(tmp_path).write_bytes(b"short")
    with pytest.raises(ConfigurationError, match="is damaged"):
        signing_secret(None, tmp_path)
    assert secret_file(tmp_path).read_bytes() == b"short"


def test_a_folder_that_is_a_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    with pytest.raises(ConfigurationError, match=r"blocked cannot be made.*SHIPANION_DATA \(or --data\)"):
        signing_secret(None, blocked)
    with pytest.raises(ConfigurationError, match=r"cannot be made.*SHIPANION_DATA"):
        make_folder(blocked / "below")


def test_an_unwritable_folder_is_refused_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() == 0:  # root may write anywhere: let the system call say what it would say to others
        real = os.open

        def refuse(path: Path, flags: int, mode: int = 0o777) -> int:
            if flags & os.O_CREAT:
                raise PermissionError(errno.EACCES, "Permission denied")
            return real(path, flags, mode)

        monkeypatch.setattr(os, "open", refuse)
    else:
        tmp_path.chmod(0o500)
    with pytest.raises(ConfigurationError, match=r"permission denied\. Make it writable.*SHIPANION_DATA"):
        signing_secret(None, tmp_path)
