"""How a command says no."""

import pytest
import typer

from shipanion.cli.refusals import CANNOT, cannot, refusals
from shipanion.errors import ConfigurationError, StoreInUse


@pytest.mark.parametrize("error", [ConfigurationError, StoreInUse])
def test_a_designed_refusal_is_one_sentence_on_standard_error(
    error: type[Exception], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as caught, refusals():
        raise error("It is taken. Choose another.")
    assert caught.value.exit_code == CANNOT == 2
    assert capsys.readouterr() == ("", "shipanion: It is taken. Choose another.\n")


def test_a_missing_package_is_named_with_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught, refusals():
        import no_such_package.inside  # type: ignore[import-not-found]  # noqa: F401
    assert caught.value.exit_code == 2
    assert "no_such_package is not installed" in capsys.readouterr().err


def test_a_module_of_our_own_that_is_missing_is_a_fault() -> None:
    with pytest.raises(ModuleNotFoundError), refusals():
        raise ModuleNotFoundError("No module named 'shipanion.nothing'", name="shipanion.nothing")


def test_faults_go_through() -> None:
    with pytest.raises(ZeroDivisionError), refusals():
        raise ZeroDivisionError


def test_what_is_said_by_hand_is_said_alike(capsys: pytest.CaptureFixture[str]) -> None:
    assert cannot("No.").exit_code == 2
    assert capsys.readouterr().err == "shipanion: No.\n"
