"""The list of labels, and which one somebody means."""

from typing import Any

import pytest

from shipanion.cli.chat.labels import NoSuchLabel, label_lines, listed, wanted


def label(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "label_id": f"label-{name}", "tracking_number": f"SAMPLE-{name}", "carrier": "USPS", "service": "Priority Mail",
        "cost": 36.9, "from": "90210", "to": "10001", "label_url": f"/api/labels/label-{name}.pdf", "is_sample": True,
        "status": "bought", **fields,
    }  # fmt: skip


ONE, TWO = label("AAAA", status="voided"), label("BBBB", tracking_number="9400111", is_sample=False)
UNKNOWN = {"label_id": "label-CCCC", "carrier": "USPS", "service": "x", "cost": 1, "status": "confirming"}
STATE = {"labels": [ONE, TWO, UNKNOWN], "label": {"label_id": "label-BBBB"}}


def test_the_list() -> None:
    assert label_lines(STATE) == [
        "  1  SAMPLE-AAAA, USPS Priority Mail, $36.90, 90210 to 10001, SAMPLE, void",
        "  2  9400111, USPS Priority Mail, $36.90, 90210 to 10001, this parcel's",
        "  3  no number yet, USPS x, $1.00, being confirmed with the carrier",
    ]


def test_of_many_the_newest_are_shown_with_their_numbers() -> None:
    lines = label_lines({"labels": [label(f"{number:04}") for number in range(1, 31)]})
    assert lines[0] == "     … and 10 earlier"
    assert lines[1].startswith(" 11  SAMPLE-0011")
    assert len(lines) == 21


@pytest.mark.parametrize(
    ("typed", "id", "file"),
    [
        ("", "label-BBBB", ""),
        ("1", "label-AAAA", ""),
        ("1 my label.pdf", "label-AAAA", "my label.pdf"),
        ("9400111", "label-BBBB", ""),
        ("sample-aaaa  ~/x", "label-AAAA", "~/x"),
        ("here.pdf", "label-BBBB", "here.pdf"),
        ("my label.pdf", "label-BBBB", "my label.pdf"),
        ("folder/", "label-BBBB", "folder/"),
    ],
)
def test_which_one_is_meant(typed: str, id: str, file: str) -> None:
    found, name = wanted(STATE, typed)
    assert (found["label_id"], name) == (id, file)


@pytest.mark.parametrize(
    ("state", "typed", "words"),
    [
        ({}, "", "no label in this session yet"),
        ({"purchase": {"status": "unknown"}}, "", "being confirmed"),
        (STATE, "4", "There is no label 4"),
        (STATE, "0", "There is no label 0"),
        (STATE, "SAMPLE-ZZZZ", "No label of this session has the number SAMPLE-ZZZZ"),
        (STATE, "94001119999", "No label of this session has the number"),
        (STATE, "3", "being confirmed with the carrier"),
        ({"labels": [ONE, TWO]}, "", "Which label?"),
    ],
)
def test_who_means_none_is_told_so(state: dict[str, Any], typed: str, words: str) -> None:
    with pytest.raises(NoSuchLabel, match=words.replace("?", r"\?")):
        wanted(state, typed)


def test_the_only_label_need_not_be_named() -> None:
    assert wanted({"labels": [ONE]}, "")[0] == ONE


@pytest.mark.parametrize("labels", [None, "x", [None, 5], {}])
def test_any_state_will_do(labels: Any) -> None:
    assert listed({"labels": labels}) == []
    assert label_lines({"labels": labels, "label": "x"}) == []
    assert label_lines({"labels": [{}]})
