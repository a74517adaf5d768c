"""How a check's word becomes a finding."""

from shipanion.cli.verify.check import Check, NotTried, Wrong, examine
from shipanion.cli.verify.history import Entry, History


def finding(judge: object) -> tuple[bool | None, str, list[str]]:
    check = Check("name", 1, "what", "expected", judge)  # type: ignore[arg-type]
    (found,) = examine(History(), [check])
    return found.ok, found.seen, found.evidence


def test_what_holds() -> None:
    assert finding(lambda history: "seen") == (True, "seen", [])


def test_what_does_not_hold_brings_its_evidence() -> None:
    def judge(history: History) -> str:
        raise Wrong("two of it", Entry(1, "page", "got", {"type": "x"}), {"type": "y"}, *[{}] * 9)

    ok, seen, evidence = finding(judge)
    assert (ok, seen) == (False, "two of it")
    assert evidence[0] == '0.001 s  page  got  {"type": "x"}'.rjust(len(evidence[0]))
    assert evidence[1] == '{"type": "y"}'
    assert len(evidence) == 4


def test_what_could_not_be_tried() -> None:
    def judge(history: History) -> str:
        raise NotTried("no second person")

    assert finding(judge) == (None, "no second person", [])


def test_a_frame_of_another_form_is_a_failure_not_a_crash() -> None:
    def judge(history: History) -> str:
        welcome: dict[str, str] = {}
        return welcome["position"]

    ok, seen, _ = finding(judge)
    assert ok is False
    assert "position" in seen
