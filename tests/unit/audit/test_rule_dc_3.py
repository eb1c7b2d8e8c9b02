"""DC-3: declared joint claim."""

from __future__ import annotations

import pytest

JOINT = "Contribution Towards Corporate Climate Pledge AND Host Country NDC"


@pytest.mark.parametrize("kind", ["retirement", "cancellation"])
def test_catches_a_pledge_and_an_ndc_in_one_reason(books, kind):
    row = books.disposed(kind, 20, 60, keeper="feed", at_s=9, batch="4", reason=JOINT)
    (finding,) = books.audit("DC-3")
    assert finding.code == "DC-3"
    assert finding.level == "disclosure"
    assert finding.registries == ("ICR",)
    assert (finding.scope, finding.start_g, finding.end_g) == ("S", 20, 60)
    assert finding.amount_g == 40
    assert finding.batch == 4
    assert finding.records == (row,)
    assert finding.detectable_at == 9
    assert finding.cleared_at is None


@pytest.mark.parametrize(
    "reason",
    [
        JOINT.upper(),
        JOINT.lower(),
        "Company's 2030 net-zero target and the nationally determined contribution of Guyana",
        "Towards the NDC of Côte d\u2019Ivoire and our climate commitments made by the company",
        "Corporate net zero; also reported under Nationally-Determined Contributions",
        "Not only the corporate pledge but also the INDC",
        "Corporate pledge (not CORSIA) and host country NDC",
    ],
)
def test_catches_other_wordings(books, reason):
    books.retired(0, 10, reason=reason)
    assert len(books.audit("DC-3")) == 1


@pytest.mark.parametrize(
    "reason",
    [
        "Contribution Towards Corporate Climate Pledge",
        "Contribution Towards Host Country NDC",
        "Corporate pledge of ANDCO and Sandcastle",
        "Guyana's commitment under its NDC",
        None,
        "",
    ],
)
def test_near_miss_either_alone(books, reason):
    books.retired(0, 10, reason=reason)
    assert books.audit("DC-3") == ()


@pytest.mark.parametrize(
    "reason",
    [
        "Corporate climate pledge, not counted towards the host country's NDC",
        "Corporate climate pledge; excluded from any NDC",
        "Company target. The host country won't use it for its nationally determined contribution",
    ],
)
def test_look_alike_reason_that_denies_the_ndc(books, reason):
    books.retired(0, 10, reason=reason)
    assert books.audit("DC-3") == ()


def test_look_alike_request_that_waits(books):
    books.disposed("lock", 0, 10, reason=JOINT)
    assert books.audit("DC-3") == ()


def test_misses_other_languages_and_claims_undone_since(books):
    books.retired(0, 10, reason="Compromiso corporativo y contribución determinada (CDN)")
    books.retired(0, 10, reason="Acme's target and the NDC of Guyana")
    books.retired(0, 10, reason=JOINT, at_s=1, until_s=5)
    assert books.audit("DC-3") == ()
    assert len(books.audit("DC-3", as_of_s=4)) == 1
