"""The passive subject that a claim names: who owes a tax which a retirement meets.

A claim has no field for it, so it stands at the beginning of the reason, on the ledger with the
rest of the claim and on its certificate.
"""

from __future__ import annotations

from registry.errors import IdentifierError
from registry.records.claim import Claim
from registry.records.identity import check_name, check_text

_SUBJECT = "Passive subject: "


def with_subject(subject: str, reason: str = "") -> str:
    """Write a claim's reason so that it names a passive subject.

    Raises:
        IdentifierError, TextError: no name, or one with a semicolon, which ends it here; no text.
    """
    name = check_name("passive subject", subject)
    if ";" in name:
        raise IdentifierError(subject, "passive subject", "expected a name without ;")
    check_text("reason", reason)
    return f"{_SUBJECT}{name}; {reason}" if reason else f"{_SUBJECT}{name}"


def subject_of(claim: Claim) -> str | None:
    """Return the passive subject that a claim names; None if it names none."""
    if not claim.reason.startswith(_SUBJECT):
        return None
    return claim.reason.removeprefix(_SUBJECT).partition(";")[0].strip() or None
