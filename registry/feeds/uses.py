"""For what use credits were retired or cancelled, as far as a record says so.

Registries have pick lists, and free text beside them. The pick list decides; free text only makes a
voluntary use unknown again where it speaks of a use that is none. What no pattern names is null.

Source: the values in the registries' public exports.
"""

from __future__ import annotations

import re

from registry.feeds.cells import Cells

VOLUNTARY = "voluntary"
COMPLIANCE = "compliance"
CORSIA = "corsia"
CONVERSION = "conversion"
REMOVAL = "removal"

_CORSIA = re.compile(r"\bCORSIA\b", re.IGNORECASE)

_PICKED = (
    (_CORSIA, CORSIA),
    (
        re.compile(r"^conver(?:t|ted|sions?)\b|\bconver\w+ (?:in)?to\b", re.IGNORECASE),
        CONVERSION,
    ),
    (re.compile(r"^removal of credits\b", re.IGNORECASE), REMOVAL),
    (re.compile(r"(?<!non-)(?<!non )\bcompliance\b|\bcarbon tax\b", re.IGNORECASE), COMPLIANCE),
    (
        re.compile(
            r"^(?:voluntary\b.*|environmental benefit|on behalf of third party"
            r"|retirement for person or organi[sz]ation|corporate emissions inventory accounting"
            r"|contribution towards corporate climate pledge\b.*)$",
            re.IGNORECASE,
        ),
        VOLUNTARY,
    ),
)
"""What values of a pick list mean; the first that fits decides."""

_NOT_VOLUNTARY = re.compile(r"\b(?:CORSIA|Article\s*6(?:\.[24])?|carbon\s+tax)\b", re.IGNORECASE)
"""Uses that somebody is obliged to: a retirement whose text names one is no voluntary claim."""

_NOBODY = re.compile(
    r"(?:not\s+disclosed|undisclosed|anonymous|n/?a|none|no\s+owner\b.*|[-.]+)", re.IGNORECASE
)

_NOTHING = re.compile(
    r"n/?a|none|-|not applicable|not determined|unknown|pending|tbd", re.IGNORECASE
)

_PILOT_PHASE = re.compile(r"\bpilot\s+phase\b|\b2021\s*[-\u2013]\s*2023\b", re.IGNORECASE)
_FIRST_PHASE = re.compile(
    r"\bfirst\s+phase\b|\bphase\s+1\b|\b2024\s*[-\u2013]\s*2026\b", re.IGNORECASE
)

PILOT_COLUMNS = (
    "Eligible for CORSIA 2021-2023 Compliance Period (Pilot Phase)",
    "Eligible for CORSIA 2021-2023 Compliance Period",
)
FIRST_COLUMNS = (
    "Eligible for CORSIA 2024-2026 Compliance Period (First Phase)",
    "Eligible for CORSIA 2024-2026 Compliance Period",
)
GENERAL_COLUMN = "CORSIA Eligible"


def purpose(picked: str, text: str = "") -> str | None:
    """Say for what use, from a pick list's value and the free text beside it."""
    for pattern, use in _PICKED:
        if pattern.search(picked):
            return None if use == VOLUNTARY and _NOT_VOLUNTARY.search(text) else use
    return None


def joined(*texts: str) -> str | None:
    """Put together what several columns say of the reason; None where none says anything."""
    return "; ".join(dict.fromkeys(filter(None, texts))) or None


def somebody(*texts: str) -> str | None:
    """Return the first text that names a beneficiary; None where none does."""
    return next((text for text in texts if text and not _NOBODY.fullmatch(text)), None)


def corsia_eligible(cells: Cells, text: str) -> bool | None:
    """Say whether a record's columns allow its use under CORSIA.

    Where the text names one compliance period and that period's column is filled, it decides. Else
    the credits are eligible if any column says so, and not if none does and one says no. ("First
    compliance period" names none for certain: the years 2021 to 2023 are a compliance period, too.)

    Args:
        text: What the record says of its reason.

    Returns:
        None where all columns are empty or missing.
    """
    pilot = _first_flag(cells, PILOT_COLUMNS)
    first = _first_flag(cells, FIRST_COLUMNS)
    general = flag_or_none(cells, GENERAL_COLUMN)
    is_pilot, is_first = bool(_PILOT_PHASE.search(text)), bool(_FIRST_PHASE.search(text))
    if is_pilot != is_first:
        named = pilot if is_pilot else first
        if named is not None:
            return named
    said = [flag for flag in (pilot, first, general) if flag is not None]
    return any(said) if said else None


def flag_or_none(cells: Cells, column: str) -> bool | None:
    """Return what a yes or no says; None where the cell is empty, or says that it says nothing."""
    return None if _NOTHING.fullmatch(cells.text(column)) else cells.flag_or_none(column)


def _first_flag(cells: Cells, columns: tuple[str, ...]) -> bool | None:
    flags = (flag_or_none(cells, column) for column in columns)
    return next((flag for flag in flags if flag is not None), None)
