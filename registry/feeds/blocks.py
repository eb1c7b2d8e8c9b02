"""The block that a record names: its serial, its quantity, and what other columns say of it again.

A record whose columns contradict its serial is refused, because nobody can say which of them is
right. A quantity unlike the serial's span is not: it is taken as stated, for a rule to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from registry.errors import shown
from registry.feeds.cells import DAY_S, Cells
from registry.feeds.rows import Claimed, Conversion, Disposed, Issued
from registry.serials.columns import Parsed


class Block(NamedTuple):
    """Credits of one record, as its row says.

    Attributes:
        registry: Whose serial it is.
        amount_g: As stated, whatever the interval spans.
        spelling: The serial as it stands there.
        project: Number inside that registry.
    """

    registry: str
    amount_g: int
    scope: str
    start_g: int | None
    end_g: int | None
    batch: str | None
    serial: str
    spelling: str
    project: str
    vintage: int | None

    def issued(
        self,
        *,
        at_s: int | None,
        period: tuple[int | None, int | None],
        verified_g: int | None = None,
    ) -> Issued:
        """Make the row of its issuance."""
        return Issued(
            registry=self.registry,
            amount_g=self.amount_g,
            scope=self.scope,
            start_g=self.start_g,
            end_g=self.end_g,
            batch=self.batch,
            project=self.project,
            vintage=self.vintage,
            at_s=at_s,
            serial=self.serial,
            spelling=self.spelling,
            period_start_s=period[0],
            period_end_s=period[1],
            verified_g=verified_g,
        )

    def disposed(
        self,
        kind: str,
        *,
        at_s: int | None,
        account: str | None = None,
        purpose: str | None = None,
        reason: str | None = None,
        beneficiary: str | None = None,
        eligible: bool | None = None,
        adjusted: bool | None = None,
    ) -> Iterator[Disposed | Claimed]:
        """Yield the row of its retirement or cancellation, and the beneficiary's claim to it."""
        yield Disposed(
            registry=self.registry,
            kind=kind,
            amount_g=self.amount_g,
            scope=self.scope,
            start_g=self.start_g,
            end_g=self.end_g,
            batch=self.batch,
            account=account,
            at_s=at_s,
            serial=self.serial,
            spelling=self.spelling,
            project=self.project,
            vintage=self.vintage,
            purpose=purpose,
            reason=reason,
            beneficiary=beneficiary,
            eligible=eligible,
            adjusted=adjusted,
        )
        if beneficiary:
            yield Claimed(
                registry=self.registry,
                beneficiary=beneficiary,
                amount_g=self.amount_g,
                scope=self.scope,
                start_g=self.start_g,
                end_g=self.end_g,
                purpose=purpose,
                at_s=at_s,
            )

    def converted(self, target: str, *, issued_s: int | None, at_s: int) -> Conversion:
        """Make the row of its conversion into credits of another registry."""
        return Conversion(
            registry=self.registry,
            project=self.project,
            target=target,
            amount_g=self.amount_g,
            scope=self.scope,
            start_g=self.start_g,
            end_g=self.end_g,
            serial=self.serial,
            issued_s=issued_s,
            at_s=at_s,
        )


def read_block(
    cells: Cells, serial: str, quantity: str, *registries: str, commas: bool = False
) -> tuple[Block, Parsed]:
    """Read a record's serial and quantity.

    Args:
        serial: Column of the serial.
        quantity: Column of the quantity, in whole tonnes.
        registries: Whose serials the file holds.
        commas: Read "1,454,054", too.

    Returns:
        The block with what the serial says of project and vintage, and the serial.

    Raises:
        FeedError: either is malformed, or nothing is the quantity of a serial.
    """
    found = cells.serial(serial, *registries)
    amount_g = cells.tonnes(quantity, commas=commas)
    if not amount_g:
        raise cells.refused(quantity, "expected more than 0, as a serial names the credits")
    interval = found.interval
    block = Block(
        registry=found.registry,
        amount_g=amount_g,
        scope=found.scope,
        start_g=interval.start_g if interval else None,
        end_g=interval.end_g if interval else None,
        batch=found.batch,
        serial=found.canonical,
        spelling=cells.raw(serial),
        project=found.project or "",
        vintage=found.vintage,
    )
    return block, found


def agree(cells: Cells, column: str, stated: str | int | None, in_serial: str | int | None) -> None:
    """Refuse a record whose column says something else than its serial; null says nothing."""
    if stated is not None and in_serial is not None and stated != in_serial:
        expected = f"expected {in_serial} as in the serial, got {shown(cells.text(column))}"
        raise cells.refused(column, expected)


def project_number(cells: Cells, column: str, prefix: str = "") -> str:
    """Return a project's number inside its registry, such as "1185" of "ACR1185".

    Args:
        prefix: What may stand before the number, in any case.
    """
    match = re.fullmatch(
        rf"(?:{prefix})?0*([1-9][0-9]{{0,17}})(?:\.0{{1,6}})?", cells.text(column), re.IGNORECASE
    )
    if match is None:
        example = f"{prefix}123" if prefix else "123"
        expected = f"expected a project's id such as {example}, got {shown(cells.text(column))}"
        raise cells.refused(column, expected)
    return match[1]


def project_number_or_none(cells: Cells, column: str, prefix: str = "") -> str | None:
    """Return a project's number; None where the cell is empty."""
    return project_number(cells, column, prefix) if cells.text(column) else None


def crediting_period(
    cells: Cells, first: str, last: str, *, us: bool = False
) -> tuple[int | None, int | None]:
    """Return a project's crediting period, half-open, of which either end may be unknown.

    Args:
        first: Column of its first day.
        last: Column of its last day.
        us: Read 12/31/2026, too.
    """
    if cells.text(first) and cells.text(last):
        return cells.period(first, last, us=us)
    end_s = cells.when_or_none(last, us=us)
    end_s = None if end_s is None else end_s - end_s % DAY_S + DAY_S
    return cells.when_or_none(first, us=us), end_s
