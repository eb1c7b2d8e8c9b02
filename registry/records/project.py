"""Project documents as Merkle trees, and verifiers' statements: what both ledgers hash alike.

A project's document is a mapping of text to text, numbers, booleans or further mappings and lists.
Its data are its leaves, each at a path such as "location/country". The root of their Merkle tree
goes on the ledger, so any datum can be proved without showing the others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from eth_hash.auto import keccak

from registry.errors import IdentifierError, PeriodError, TextError
from registry.records.identity import check_text

Document = Mapping[str, object]

EPOCH = date(1970, 1, 1)
_DOCUMENT_TEXT_MAX_BYTES = 65_536
_DEPTH_MAX = 16
_STATEMENT_TYPE = keccak(
    b"VerifiedStatement(uint64 project,uint32 start,uint32 end,uint64 amount,bytes32 report,"
    b"address verifier)"
)


def leaves_of(document: Document) -> dict[str, str]:
    """Flatten a project's document into its data.

    Args:
        document: Keys are text without "/"; values are text, int, bool, Decimal, date, None,
            or mappings and sequences of these. Floats are refused: they have no one spelling.

    Returns:
        Path -> canonical text of the value, ascending by path. Text is spelled as JSON, so that
        the text "1" and the number 1 are different data.

    Raises:
        TextError: a key or value that has no canonical spelling.
    """
    found: dict[str, str] = {}
    _flatten("", document, found, 0)
    return dict(sorted(found.items()))


def _flatten(path: str, value: object, found: dict[str, str], depth: int) -> None:
    if depth > _DEPTH_MAX:
        raise TextError("document", path, f"expected at most {_DEPTH_MAX} levels")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            name = check_text("document key", key)
            if not name or "/" in name:
                raise TextError("document key", key, "expected a text without / that is not empty")
            _flatten(f"{path}/{name}" if path else name, inner, found, depth + 1)
    elif isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        for position, inner in enumerate(value):
            _flatten(f"{path}/{position}", inner, found, depth + 1)
    else:
        if path in found:
            raise TextError("document key", path, "expected each path once")
        found[path] = _spell(path, value)


def _spell(path: str, value: object) -> str:
    if value is None or isinstance(value, (bool, int)):
        return json.dumps(value)
    if isinstance(value, str):
        # Descriptions have paragraphs: line breaks are data here, unlike in names and claims.
        kept = value.replace("\r\n", "\n").replace("\n", " ").replace("\t", " ")
        check_text(path, kept, max_bytes=_DOCUMENT_TEXT_MAX_BYTES)
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Decimal) and value.is_finite():
        return json.dumps(format(value.normalize(), "f"))
    if isinstance(value, date):
        return json.dumps(value.isoformat())
    raise TextError(path, value, f"expected text, int, bool, Decimal or date, not {type(value)}")


def leaf_hash(path: str, value: str) -> bytes:
    """Hash one datum; hashed twice so that no inner node can pass for a leaf.

    Source: ProjectRegistry.leaf
    """
    return keccak(keccak(keccak(path.encode()) + keccak(value.encode())))


class DocumentTree:
    """The Merkle tree of a project's document.

    Pairs are hashed in ascending order, so a proof is a list of siblings without directions
    (what OpenZeppelin's MerkleProof checks). A node without a sibling moves up unchanged.
    """

    def __init__(self, document: Document) -> None:
        self.leaves = leaves_of(document)
        if not self.leaves:
            raise TextError("document", document, "expected at least one datum")
        level = sorted(leaf_hash(path, value) for path, value in self.leaves.items())
        self._levels = [level]
        while len(level) > 1:
            pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
            level = [
                keccak(b"".join(sorted(pair))) if len(pair) == 2 else pair[0] for pair in pairs
            ]
            self._levels.append(level)

    @property
    def root(self) -> str:
        """The root as 0x-prefixed hex."""
        return "0x" + self._levels[-1][0].hex()

    def proof(self, path: str) -> tuple[bytes, ...]:
        """Return the siblings that lead from the datum at `path` to the root.

        Raises:
            IdentifierError: the document has no such datum.
        """
        if path not in self.leaves:
            raise IdentifierError(path, "datum", f"expected one of {', '.join(self.leaves)}")
        at = self._levels[0].index(leaf_hash(path, self.leaves[path]))
        siblings = []
        for level in self._levels[:-1]:
            sibling = at ^ 1
            if sibling < len(level):
                siblings.append(level[sibling])
            at //= 2
        return tuple(siblings)


def follows(root: str, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether `proof` leads from `leaf` to `root`."""
    node = leaf
    for sibling in proof:
        node = keccak(min(node, sibling) + max(node, sibling))
    return "0x" + node.hex() == root


def statement_id(
    project: int, start: int, end: int, amount_g: int, report: str, verifier: bytes
) -> str:
    """Hash a verifier's statement as EIP-712 does a struct; the same on every chain.

    Source: ProjectRegistry.verify
    """
    words = [
        _STATEMENT_TYPE,
        *(number.to_bytes(32, "big") for number in (project, start, end, amount_g)),
        bytes.fromhex(report[2:]),
        verifier.rjust(32, b"\0"),
    ]
    return "0x" + keccak(b"".join(words)).hex()


def report_hash(report: str | bytes) -> str:
    """Hash a verification report, given as its bytes or its text."""
    return "0x" + keccak(report.encode() if isinstance(report, str) else report).hex()


Period = int | str | tuple[date | str, date | str]
"""A calendar year, "2024-01-01/2024-12-31", or two dates, both days inside the period."""


def period_days(period: Period) -> tuple[int, int]:
    """Return a period as days since 1970-01-01, half-open.

    Raises:
        PeriodError: not a period, not days of the calendar, before 1970, or empty.
    """
    if isinstance(period, bool):
        raise PeriodError(period, "expected a year, two dates, or date/date")
    if isinstance(period, int):
        if not 1970 <= period <= 9998:
            raise PeriodError(period, "expected a year from 1970 to 9998")
        first, last = date(period, 1, 1), date(period, 12, 31)
    else:
        parts = period.split("/") if isinstance(period, str) else period
        if not isinstance(parts, (tuple, list)) or len(parts) != 2:
            raise PeriodError(period, "expected a year, two dates, or date/date")
        first, last = (_date(period, part) for part in parts)
    if first < EPOCH or last >= date.max or last < first:
        raise PeriodError(period, "expected a first day from 1970 on, not after the last day")
    return (first - EPOCH).days, (last - EPOCH).days + 1


def _date(period: Period, part: object) -> date:
    if type(part) is date:
        return part
    if isinstance(part, str) and len(part) == 10 and part.isascii():
        try:
            return date.fromisoformat(part)
        except ValueError as error:
            raise PeriodError(period, f"{part!r} is not a day of the calendar") from error
    raise PeriodError(period, "expected days written as YYYY-MM-DD")


def period_text(period: tuple[int, int]) -> str:
    """Write a period of days as "2024-01-01/2024-12-31", both days inside."""
    first = EPOCH + timedelta(days=period[0])
    last = EPOCH + timedelta(days=period[1] - 1)
    return f"{first.isoformat()}/{last.isoformat()}"
