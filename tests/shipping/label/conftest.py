from datetime import date

import pytest

from shipanion.shipping.label.layout import lay_out
from shipanion.shipping.label.number import sample_number
from shipanion.shipping.label.primitives import Drawing
from shipanion.shipping.label.sample import Party, SampleLabel


@pytest.fixture
def label() -> SampleLabel:
    return SampleLabel(
        number=sample_number("purchase 1"),
        carrier="USPS",
        service="Ground Advantage",
        cost=2605,
        sender=Party("Beverly Hills, CA", "90210", "Ann Lee", "455 N Rexford Dr, Suite 3"),
        recipient=Party("New York, NY", "10001"),
        weight="5 lb",
        size="12x10x8 in",
        printed=date(2026, 11, 24),
        prices_as_of="2026-07-12",
    )


@pytest.fixture
def drawing(label: SampleLabel) -> Drawing:
    return lay_out(label)
