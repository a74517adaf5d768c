"""Files that are saved: under their own name, never over another, and in words when they cannot be."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from shipanion.cli.chat.saving import CannotSave, save, save_label, saved_words
from shipanion.cli.sign_in import Server, SignInRefused, Unreachable
from tests.support.buyer import Buyer
from tests.support.server_process import ServerProcess

PDF = b"%PDF-1.4 a label"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_its_own_name_in_the_current_folder(here: Path) -> None:
    path = save(PDF, "", "sample-label-1.pdf")
    assert path == here / "sample-label-1.pdf"
    assert path.read_bytes() == PDF


def test_nothing_is_overwritten(here: Path) -> None:
    (here / "dangling.pdf").symlink_to(here / "nowhere")
    names = [save(bytes([number]), "x.pdf", "own.pdf").name for number in range(3)]
    assert names == ["x.pdf", "x-2.pdf", "x-3.pdf"]
    assert (here / "x.pdf").read_bytes() == b"\0"
    assert save(PDF, "dangling.pdf", "own.pdf").name == "dangling-2.pdf"


def test_into_a_folder(here: Path) -> None:
    (here / "labels").mkdir()
    assert save(PDF, "labels", "own.pdf") == here / "labels" / "own.pdf"
    assert save(PDF, str(here / "labels/"), "own.pdf") == here / "labels" / "own-2.pdf"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", ".bashrc", "..", "", "a\nb;rm.pdf", "x" * 500])
def test_a_servers_name_leads_nowhere_else(here: Path, name: str) -> None:
    path = save(PDF, "", name)
    assert path.parent == here
    assert not path.name.startswith((".", "-"))
    assert len(path.name) <= 100


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("no/such/x.pdf", "there is no folder"),
        ("no/", "there is no folder"),
        ("file/x.pdf", "there is no folder"),
        ("a\0b.pdf", "no name of a file"),
        (f"{'x' * 300}.pdf", "cannot be written"),
        ("~nobody-of-that-name/x.pdf", "no name of a file"),
    ],
)
def test_a_place_that_will_not_do_is_told(here: Path, typed: str, words: str) -> None:
    (here / "file").write_bytes(b"")
    with pytest.raises(CannotSave, match=words):
        save(PDF, typed, "own.pdf")


def test_a_folder_that_is_not_ones_own_is_told(here: Path) -> None:
    (here / "locked").mkdir(mode=0o500)
    # Root may write anywhere but into what the kernel shows of itself.
    folder = "/sys" if os.geteuid() == 0 else "locked"
    with pytest.raises(CannotSave, match="you may not write"):
        save(PDF, f"{folder}/x.pdf", "own.pdf")


@contextmanager
def files_end_at(size: int) -> Iterator[None]:
    """What a full disk is like: no file grows beyond ``size`` bytes."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_nothing_behind(here: Path) -> None:
    with files_end_at(1_000), pytest.raises(CannotSave, match="the disk is full"):
        save(PDF * 1_000, "", "own.pdf")
    assert list(here.iterdir()) == []


async def test_a_label_of_a_real_server(here: Path) -> None:
    with ServerProcess(here / "server") as running:
        buyer = await Buyer(running.socket_url, running.guest()).come()
        await buyer.quote()
        await buyer.call("create_label", quote="cheapest")
        label = buyer.state["label"]
        await buyer.leave()
        server = Server.at(running.url)
        path = await save_label(server, buyer.token, label, "")
        assert path.name == f"sample-label-{label['tracking_number']}.pdf"
        assert path.read_bytes().startswith(b"%PDF-")
        assert is_kept_out_of_git(path.name)
        # The token goes to the server, whatever the address in the state says.
        elsewhere = {**label, "label_url": f"https://elsewhere.example{label['label_url']}"}
        assert (await save_label(server, buyer.token, elsewhere, "")).read_bytes() == path.read_bytes()
        with pytest.raises(SignInRefused, match="no such label"):
            await save_label(server, running.guest(), label, "")
    with pytest.raises(Unreachable):
        await save_label(server, buyer.token, label, "")


def is_kept_out_of_git(name: str) -> bool:
    """Whether the clone's top folder ignores a file of this name by a rule for that folder alone."""
    rules = (Path(__file__).parents[3] / ".gitignore").read_text(encoding="utf-8").splitlines()
    return any(fnmatchcase(f"/{name}", rule) for rule in rules if rule.startswith("/"))


@pytest.mark.parametrize(
    ("name", "kept_out"),
    [("label-94001.pdf", True), ("sample-label-SAMPLE-1-2.pdf", True), ("manual.pdf", False), ("label.py", False)],
)
def test_labels_that_are_saved_into_the_clone_do_not_get_into_git(name: str, kept_out: bool) -> None:
    assert is_kept_out_of_git(name) == kept_out


def test_what_is_told() -> None:
    path = Path("/x/a.pdf")
    assert saved_words({"tracking_number": "94"}, path) == "Saved the label 94 as /x/a.pdf."
    assert "SAMPLE label S-1" in saved_words({"tracking_number": "S-1", "is_sample": True}, path)
    assert "cannot be mailed" in saved_words({"tracking_number": "S-1", "is_sample": True}, path)
    assert "do not use it" in saved_words({"tracking_number": "94", "status": "void_pending"}, path)
