"""For what use registries' pick lists say that credits were retired or cancelled."""

from __future__ import annotations

import pytest

from registry.feeds import uses
from registry.feeds.compliance import conversion_target


@pytest.mark.parametrize(
    ("picked", "use"),
    [
        ("Environmental Benefit", "voluntary"),
        ("On Behalf of Third Party", "voluntary"),
        ("Retirement for Person or Organization", "voluntary"),
        ("Corporate Emissions Inventory Accounting", "voluntary"),
        ("Contribution Towards Corporate Climate Pledge AND Host Country NDC", "voluntary"),
        ("Voluntary", "voluntary"),
        ("Voluntary compensation", "voluntary"),
        ("Voluntary (non-compliance)", "voluntary"),
        ("Compliance", "compliance"),
        ("Compliance Requirements", "compliance"),
        ("Compliance \N{EN DASH} Queretaro", "compliance"),
        ("Canceled for Regulatory Compliance", "compliance"),
        ("Colombian Carbon Tax", "compliance"),
        ("CORSIA", "corsia"),
        ("CORSIA Compliance", "corsia"),
        ("Voluntary cancellation for CORSIA", "corsia"),
        ("Convert to ARB offset credits", "conversion"),
        ("Converted to VCUs", "conversion"),
        ("Conversion to another registry", "conversion"),
        ("Offset Credits Converted to VCUs", "conversion"),
        ("Removal of credits from the registry", "removal"),
        ("Avoided land use conversion", None),
        ("Compensation for Avoidable Reversal", None),
        ("Retail Program Requirements", None),
        ("Consumer Offsets", None),
        ("Canceled", None),
        ("Other", None),
        ("", None),
    ],
)
def test_purpose_is_what_a_pick_list_says(picked: str, use: str | None) -> None:
    assert uses.purpose(picked) == use


@pytest.mark.parametrize(
    "text", ["Corresponding to Article 6.2", "carbon  tax of South Africa", "CORSIA First Phase"]
)
def test_purpose_is_unknown_where_the_text_names_an_obligation(text: str) -> None:
    assert uses.purpose("Environmental Benefit", text) is None


@pytest.mark.parametrize(
    ("reason", "target"),
    [
        ("ARB", "ARB"),
        ("Canceled for ARB", "ARB"),
        ("Convert to ARB offset credits", "ARB"),
        ("Converted to an ARB offset credit", "ARB"),
        ("Convert to Ecology offset credits", "ECO"),
        ("WA ECO", "ECO"),
        ("Canceled", None),
        ("Canceled for Regulatory Compliance", None),
        ("Not ARB", None),
        ("CARB", None),
        ("", None),
    ],
)
def test_conversion_target_is_the_programme_that_issues(reason: str, target: str | None) -> None:
    assert conversion_target(reason) == target
