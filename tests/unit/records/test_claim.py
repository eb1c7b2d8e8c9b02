from __future__ import annotations

import pytest
from pydantic import ValidationError

from registry.errors import TextError
from registry.records.claim import Claim


def test_claim_keeps_its_texts_in_nfc() -> None:
    claim = Claim(beneficiary="Jose\u0301", purpose="voluntary")
    assert claim == Claim(beneficiary="Jos\u00e9", purpose="voluntary")
    assert (claim.reason, claim.period, claim.jurisdiction) == ("", "", "")


def test_claim_prints_and_reads_as_json() -> None:
    claim = Claim(
        beneficiary="Alpine Foods",
        purpose="CORSIA",
        reason='quotes " and \u78b3',
        period="2024",
        jurisdiction="CO",
    )
    assert Claim.model_validate_json(claim.model_dump_json()) == claim


@pytest.mark.parametrize("field", ["beneficiary", "purpose", "reason", "period", "jurisdiction"])
def test_claim_bounds_every_text_at_512_bytes(field: str) -> None:
    fine = {"beneficiary": "A", "purpose": "B"}
    assert getattr(Claim(**{**fine, field: "\u00e9" * 256}), field) == "\u00e9" * 256
    with pytest.raises(TextError, match=f"{field} .*at most 512 bytes"):
        Claim(**{**fine, field: "\u00e9" * 256 + "x"})
    with pytest.raises(TextError, match=f"{field} .*control characters"):
        Claim(**{**fine, field: "a\nb"})


@pytest.mark.parametrize("field", ["beneficiary", "purpose"])
@pytest.mark.parametrize("blank", ["", " ", "\u00a0 "])
def test_claim_refuses_a_blank_beneficiary_or_purpose(field: str, blank: str) -> None:
    with pytest.raises(TextError, match=f"{field} .*not blank"):
        Claim(**{"beneficiary": "A", "purpose": "B", field: blank})


@pytest.mark.parametrize("value", [None, 1, b"A"])
def test_claim_refuses_what_is_no_text(value: object) -> None:
    with pytest.raises(TextError, match="expected text, not"):
        Claim(beneficiary=value, purpose="B")  # type: ignore[arg-type]


def test_claim_refuses_a_megabyte_in_few_words() -> None:
    with pytest.raises(TextError) as caught:
        Claim(beneficiary="A", purpose="B", reason="x" * 1_000_000)
    assert len(str(caught.value)) < 500


def test_claim_cannot_change_or_hold_more() -> None:
    claim = Claim(beneficiary="A", purpose="B")
    with pytest.raises(ValidationError):
        claim.purpose = "C"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        Claim(beneficiary="A", purpose="B", amount="1")  # type: ignore[call-arg]
