"""Which format a header is."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import FeedError
from registry.feeds.cells import Columns
from registry.feeds.format import Format
from registry.feeds.formats import FORMATS, recognise

FORMAT = st.sampled_from(FORMATS)


def name_of(*header: str) -> str | None:
    known = recognise(Columns("file.csv", header))
    return known.name if known else None


@pytest.mark.parametrize("known", FORMATS, ids=[known.name for known in FORMATS])
def test_recognise_tells_each_format_by_the_columns_it_needs(known: Format) -> None:
    assert name_of(*known.columns) == known.name
    assert name_of(*(f" {name.upper()} " for name in reversed(known.columns))) == known.name


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (
            "Status Effective,Account Holder,Quantity of Credits,Retirement Reason,"
            "Retirement Reason Details,Credit Serial Numbers,Vintage,Date Issued (GMT),"
            "Project ID,Project Name",
            "acr-retirements",
        ),
        (
            "Vintage,Offset Credit Serial Numbers,Quantity of Offset Credits,Status Effective,"
            "Project ID,CORSIA Eligible,Account Holder,Retirement Reason,Retirement Reason Details",
            "car-retirements",
        ),
        (
            "Vintage,Credit Status,Quantity,GSID,Project Name,Project Developer,Issuance Date,"
            "Retirement Date,Serial Number,Note,Eligible for CORSIA?,Retired for CORSIA?",
            "gold-standard-credits",
        ),
        (
            "Issuance Date,Credit Type,Vintage Start,Vintage End,Reporting Period Start,ID,Name,"
            "Country,Total Vintage Quantity,Quantity Issued,Serial Number,Is Cancelled,"
            "Retirement/Cancellation Date,Retirement Reason,Holding ID",
            "verra-transactions",
        ),
        (
            "id,serial_number,status,issued_at,retired_at,retirement_id,issuance_id,project_id,"
            "size.credits,size.credit_kgs",
            "isometric-batches",
        ),
        (
            "tokenAddress,registryProjectId,vintage,projectName,methodology,category,country",
            "bridged-tokens",
        ),
        (
            "unitBlockStart,unitBlockEnd,unitCount,orgUid,serialNumberBlock,unitStatus",
            "cad-trust-units",
        ),
        ("currentRegistry,projectId,registryOfOrigin,projectName", "cad-trust-projects"),
        ("id,name,country", None),
    ],
)
def test_recognise_tells_headers_of_other_years(header: str, name: str | None) -> None:
    assert name_of(*header.split(",")) == name


@given(known=FORMAT, data=st.data())
def test_law_a_part_of_a_header_is_never_taken_for_another_format(
    known: Format, data: st.DataObject
) -> None:
    columns = data.draw(st.lists(st.sampled_from(known.columns), unique=True))
    with suppress(FeedError):
        assert name_of(*columns) in (known.name, None)
