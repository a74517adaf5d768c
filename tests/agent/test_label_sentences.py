"""What Bob says of labels: a sample is always called one, and what is void, or not known yet, too."""

from typing import Any

import pytest

from shipanion.agent import label_sentences as says

LABEL: dict[str, Any] = {
    "label_id": "label-1", "carrier": "USPS", "service": "Priority Mail", "cost": 36.9, "from": "90210", "to": "10001",
    "tracking_number": "9400", "label_url": "/api/labels/label-1.pdf", "status": "bought", "is_sample": False,
}  # fmt: skip
SAMPLE = {**LABEL, "is_sample": True, "tracking_number": "SAMPLE-1"}
WHAT = "USPS Priority Mail, from 90210 to 10001, $36.90"
UNKNOWN = {"status": "confirming", "carrier": "USPS", "service": "Priority Mail", "cost": 36.9, "is_sample": False}


@pytest.mark.parametrize(
    "sentence",
    [
        says.made(SAMPLE),
        says.printed(SAMPLE),
        says.void({**SAMPLE, "status": "voided"}),
        says.label_listed(SAMPLE),
        says.stands({"label": SAMPLE}),
        says.stays({"label": SAMPLE}),
    ],
)
def test_a_sample_is_called_one(sentence: str) -> None:
    assert "sample" in sentence
    assert "SAMPLE-1" in sentence


@pytest.mark.parametrize(
    "sentence",
    [says.made(LABEL), says.printed(LABEL), says.void({**LABEL, "status": "voided"}), says.label_listed(LABEL)],
)
def test_a_real_label_is_not(sentence: str) -> None:
    assert "sample" not in sentence
    assert "9400" in sentence


def test_a_sample_cost_nothing_and_a_label_what_it_cost() -> None:
    assert "nothing was paid" in says.made(SAMPLE)
    assert says.made(LABEL).startswith("The label is bought: USPS Priority Mail for $36.90, tracking number 9400.")
    assert says.void({**SAMPLE, "status": "voided"}).endswith("Nothing had been paid.")
    assert "some weeks" in says.void({**LABEL, "status": "void_pending"})


@pytest.mark.parametrize(
    ("label", "says_so"),
    [
        ({**SAMPLE, "status": "voided"}, "is void and must not be used"),
        ({**SAMPLE, "status": "void_pending"}, "is void and must not be used"),
        ({**SAMPLE, "status": "voiding"}, "It is being voided."),
        (UNKNOWN, "Until then there is nothing to print."),
        ({**UNKNOWN, "status": "bought", "tracking_number": "9400"}, "The carrier gave no file for the label 9400"),
    ],
)
def test_what_is_not_good_any_more_or_yet_is_not_printed_silently(label: dict[str, Any], says_so: str) -> None:
    assert says_so in says.printed(label)


@pytest.mark.parametrize(
    ("label", "line"),
    [
        (LABEL, "9400, USPS Priority Mail, from 90210 to 10001, $36.90"),
        (
            {**LABEL, "status": "void_pending"},
            "9400, USPS Priority Mail, from 90210 to 10001, $36.90, void, the refund is pending",
        ),
        (
            {**SAMPLE, "status": "voided"},
            "SAMPLE-1, USPS Priority Mail, from 90210 to 10001, $36.90, void (sample, not postage)",
        ),
        (UNKNOWN, "no number yet, USPS Priority Mail, $36.90, being confirmed with the carrier"),
    ],
)
def test_a_label_in_a_line(label: dict[str, Any], line: str) -> None:
    assert says.label_listed(label) == line


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (["weight_lbs"], "The quotes were for the old weight"),
        (["from", "to"], "The quotes were for the old route"),
        (["weight_lbs", "dimensions"], "The quotes were for the old weight and size"),
        (["from_place"], "The quotes were for the old parcel"),
    ],
)
def test_what_the_old_quotes_were_for(changed: list[str], what: str) -> None:
    assert says.old_quotes(changed) == what


def test_what_became_of_a_price() -> None:
    old = {"carrier": "USPS", "service": "Priority", "cost": 9.42, "eta": "2 days"}
    assert says.is_now(old, old) == "USPS Priority still costs $9.42. "
    assert says.is_now(old, {**old, "cost": 10.42}) == "USPS Priority costs $10.42 now, not $9.42. "
    slower = says.is_now(old, {**old, "eta": "3 days"})
    assert slower == "USPS Priority still costs $9.42, and takes 3 days instead of 2 days. "


def test_the_four_newest_are_named_where_it_is_not_clear_which() -> None:
    many = [{**LABEL, "tracking_number": f"N{place}"} for place in range(6)]
    asked = says.which_label("void", [*many, UNKNOWN])
    assert asked.startswith('Which label? Say "void" with its number: N2 (to 10001)')
    assert "N1" not in asked


def test_who_it_is_from_and_to_is_asked_with_the_place() -> None:
    details = {"from": "90210", "from_place": "Beverly Hills, CA", "to": "10001"}
    assert says.address_question("sender", details).startswith("Who sends it, at 90210 (Beverly Hills, CA)?")
    assert says.address_question("recipient", details).startswith("Who gets it, at 10001?")


def test_a_no_leaves_what_there_is() -> None:
    assert says.stays({}) is None
    assert "nothing was made" in str(says.stays({"quotes": [LABEL]}))
    assert "cannot stop it" in str(says.stays({"quotes": [LABEL], "purchase": UNKNOWN}))
    assert "is being bought" in says.stands({"purchase": UNKNOWN})
