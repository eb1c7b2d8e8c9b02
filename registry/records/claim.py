"""Who may say that a retirement is theirs, and for what."""

from __future__ import annotations

from pydantic import ValidationInfo, field_validator

from registry.errors import TextError
from registry.records.base import Record
from registry.records.identity import check_text


class Claim(Record):
    """The claim that a retirement carries; each text at most 512 bytes of UTF-8.

    Attributes:
        beneficiary: For whom; may be an outsider without an account. Never blank.
        purpose: For what use, such as "voluntary" or "CORSIA". Never blank.
        reason: Free text; "" when none is given.
        period: Reporting period that the claim counts in, such as "2024"; "" when none.
        jurisdiction: Where it counts, such as "CO"; "" when none.
    """

    beneficiary: str
    purpose: str
    reason: str = ""
    period: str = ""
    jurisdiction: str = ""

    @field_validator("*", mode="before")
    @classmethod
    def _is_kept_text(cls, value: object, info: ValidationInfo) -> str:
        field = str(info.field_name)
        text = check_text(field, value)
        if field in {"beneficiary", "purpose"} and not text.strip():
            raise TextError(field, value, "expected a text that is not blank")
        return text
