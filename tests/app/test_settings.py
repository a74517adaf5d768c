"""Settings: defaults, who wins, and what a wrong value is told."""

import sys
from pathlib import Path

import pytest

from shipanion.app.settings import Settings, default_data_folder
from shipanion.errors import ConfigurationError

SECRET = "hunter2-hunter2-hunter2"


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")


def test_without_anything_it_listens_on_this_machine_only_and_keeps_a_file(tmp_path: Path) -> None:
    settings = Settings.load()
    assert (settings.host, settings.port, settings.bus) == ("127.0.0.1", 8000, "memory:")
    assert settings.data == tmp_path / "shipanion"
    assert settings.store == f"sqlite:///{tmp_path}/shipanion/shipanion.sqlite3"
    assert settings.guests
    assert settings.query_tokens
    assert settings.rate_limits
    assert settings.secret is None
    assert settings.public_url is None
    assert settings.allowed_origins == ()


def test_every_variable_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {
        "HOST": "0.0.0.0",
        "PORT": "9000",
        "STORE": "memory:",
        "BUS": "memory:",
        "SECRET": "s" * 32,
        "PUBLIC_URL": "https://Ship.example.org/",
        "ALLOWED_ORIGINS": "https://a.example, http://localhost:5173,",
        "GUESTS": "on",
        "DATA": str(tmp_path / "elsewhere"),
        "QUERY_TOKENS": "off",
        "RATE_LIMITS": "true",
    }
    for name, value in given.items():
        monkeypatch.setenv(f"SHIPANION_{name}", value)
    settings = Settings.load()
    assert settings.host == "0.0.0.0"
    assert settings.port == 9000
    assert settings.store == "memory:"
    assert settings.secret is not None
    assert settings.secret.get_secret_value() == "s" * 32
    assert settings.public_url == "https://ship.example.org"
    assert settings.allowed_origins == ("https://a.example", "http://localhost:5173")
    assert settings.guests
    assert settings.data == tmp_path / "elsewhere"
    assert not settings.query_tokens
    assert settings.rate_limits


def test_options_win_and_an_option_not_given_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPANION_PORT", "9000")
    monkeypatch.setenv("SHIPANION_HOST", "::1")
    settings = Settings.load(port=9001, host=None)
    assert (settings.port, settings.host) == (9001, "::1")


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPANION_PORT", "")
    monkeypatch.setenv("SHIPANION_SECRET", "")
    settings = Settings.load()
    assert settings.port == 8000
    assert settings.secret is None


@pytest.mark.parametrize(
    ("host", "public_url", "guests"),
    [
        ("127.0.0.1", None, True),
        ("127.9.9.9", None, True),
        ("localhost", None, True),
        ("::1", None, True),
        ("[::1]", None, True),
        ("localhost", "http://localhost:8000", True),
        ("127.0.0.1", "https://ship.example.org", False),
        ("0.0.0.0", None, False),
        ("::", None, False),
        ("192.168.1.5", None, False),
        ("ship.example.org", None, False),
    ],
)
def test_guests_come_in_unasked_only_where_nobody_else_can_reach_the_server(
    host: str, public_url: str | None, guests: bool
) -> None:
    assert Settings.load(host=host, public_url=public_url).guests is guests
    assert Settings.load(host=host, public_url=public_url, guests=not guests).guests is not guests


@pytest.mark.parametrize("word", ["on", "ON", "On ", "true", "True"])
def test_on_in_many_spellings(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPANION_GUESTS", word)
    assert Settings.load(host="0.0.0.0").guests


@pytest.mark.parametrize("word", ["off", "OFF", " Off", "false", "False"])
def test_off_in_many_spellings(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPANION_GUESTS", word)
    monkeypatch.setenv("SHIPANION_QUERY_TOKENS", word)
    monkeypatch.setenv("SHIPANION_RATE_LIMITS", word)
    settings = Settings.load()
    assert (settings.guests, settings.query_tokens, settings.rate_limits) == (False, False, False)


@pytest.mark.parametrize(
    ("name", "value", "way_out"),
    [
        ("PORT", "banana", "whole number from 0 to 65535"),
        ("PORT", "65536", "whole number from 0 to 65535"),
        ("PORT", "-1", "(or --port)"),
        ("HOST", "not a host", "such as 127.0.0.1"),
        ("HOST", "127.0.0.1:8000", "(or --host)"),
        ("GUESTS", "maybe", "must be on or off"),
        ("QUERY_TOKENS", "2", "must be on or off"),
        ("RATE_LIMITS", "nein", "must be on or off"),
        ("STORE", "postgresql://bob:hunter2-hunter2-hunter2@db/x", "Use sqlite:///FILE"),
        ("STORE", "sqlite:///", "Use sqlite:///FILE"),
        ("STORE", "shipanion.sqlite3", "Use sqlite:///FILE"),
        ("BUS", "redis://:hunter2-hunter2-hunter2@cache", "Use memory:"),
        ("SECRET", SECRET, "openssl rand -hex 32"),
        ("PUBLIC_URL", "ship.example.org", "must be http:// or https://"),
        ("PUBLIC_URL", "https://ship.example.org/path", "must be http:// or https://"),
        ("ALLOWED_ORIGINS", "*", "There is no wildcard"),
        ("ALLOWED_ORIGINS", "https://a.example,null", "with commas between them"),
    ],
)
def test_a_wrong_value_is_told_its_variable_and_the_way_out(
    name: str, value: str, way_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SHIPANION_{name}", value)
    with pytest.raises(ConfigurationError) as caught:
        Settings.load()
    assert str(caught.value).startswith(f"SHIPANION_{name}")
    assert way_out in str(caught.value)
    assert SECRET not in str(caught.value)


def test_two_wrong_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPANION_PORT", "banana")
    monkeypatch.setenv("SHIPANION_GUESTS", "maybe")
    with pytest.raises(ConfigurationError) as caught:
        Settings.load()
    assert [line.split()[0] for line in str(caught.value).splitlines()] == ["SHIPANION_PORT", "SHIPANION_GUESTS"]


@pytest.mark.parametrize("beyond", [{"host": "0.0.0.0"}, {"public_url": "https://ship.example.org"}])
def test_limits_stay_on_where_others_can_reach_the_server(beyond: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="SHIPANION_RATE_LIMITS is off"):
        Settings.load(rate_limits="off", **beyond)


def test_settings_do_not_change_and_do_not_show_the_secret() -> None:
    settings = Settings.load(secret="s" * 40)
    with pytest.raises(ValueError):
        settings.port = 1
    assert "ssss" not in repr(settings)


def test_the_data_folder_follows_the_platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")
    assert default_data_folder() == tmp_path / ".local" / "share" / "shipanion"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert default_data_folder() == tmp_path / "Library" / "Application Support" / "shipanion"
