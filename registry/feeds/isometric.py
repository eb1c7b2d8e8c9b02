"""Isometric's public exports: issuances, retirements, batches of credits and projects.

Issuances and retirements print no serials. Credits have three decimals, and whole kilograms stand
beside them, so both must say the same. An issuance has an id of its own, and inside it this package
counts from 0: an id that stands there with two contents is found like a serial that does. A
retirement names one project of perhaps several, so a project's totals are not compared with its
retirements.

What is issued includes the part for the buffer pool: the three totals of 100 of 100 public
issuances add up so, and projects' totals are the sum of both parts.

Batches have serials that count kilograms, `ISO-1-VAULT-USA-01P4-2026-40170350-40182796`, without
the last number: 100 of 100 public batches are as large as the difference, and the parts of a batch
that was split share the number between them. A batch that was split says so and is no more; what is
retired or left is in its parts. The export of issuances says what was issued, so a retired batch is
a retirement alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.errors import IdentifierError, shown
from registry.feeds import uses
from registry.feeds.blocks import Block, crediting_period
from registry.feeds.cells import Cells
from registry.feeds.countries import alpha_2
from registry.feeds.format import Format
from registry.feeds.literals import read_list
from registry.feeds.quantities import decimal_tonnes, degrees_or_none
from registry.feeds.rows import Activity, Claimed, Disposed, Issued, Row
from registry.serials.serial import clean
from registry.units import AMOUNT_MAX_G, GRAMS_PER_KILOGRAM

REGISTRY = "Isometric"

_TOTAL = "credit_batch_size_total"
_SUPPLIER = "supplier_credit_batch_size_total"
_BUFFER = "buffer_pool_credit_batch_size_total"
_ISSUED = "issued_credits_total"
_SIZE = "size"
_SERIAL = "serial_number"
_BATCH = re.compile(
    r"(ISO-[0-9]{1,3}-[A-Z0-9]{1,20}-[A-Z]{3}-[A-Z0-9]{1,20}-((?:19|20)[0-9]{2}))"
    r"-0*([0-9]{1,16})-0*([0-9]{1,16})"
)
_PROJECT = re.compile("(?=.*[0-9])[A-Za-z][A-Za-z0-9]*_?[A-Za-z0-9]+")
_BATCH_SHAPE = "ISO-1-VAULT-USA-01P4-2026-40170350-40182796"
_PURPOSES = {"corporate_targets": uses.VOLUNTARY, "public_environmental_claims": uses.VOLUNTARY}


def read_issuance(cells: Cells) -> Iterator[Row]:
    """Make the row of one issuance.

    Raises:
        FeedError: a cell is malformed, or the parts do not add up to the whole.
    """
    issuance = _id(cells, "id", "iss")
    amount_g = _amount(cells, _TOTAL)
    supplier_g, buffer_g = _amount_or_none(cells, _SUPPLIER), _amount_or_none(cells, _BUFFER)
    if supplier_g is not None and buffer_g is not None and supplier_g + buffer_g != amount_g:
        parts_kg = (supplier_g + buffer_g) // GRAMS_PER_KILOGRAM
        expected = f"expected {parts_kg} kg, the supplier's and the buffer's"
        raise cells.refused(_column(cells, _TOTAL), expected)
    yield Issued(
        registry=REGISTRY,
        amount_g=amount_g,
        scope=issuance,
        start_g=0 if amount_g else None,
        end_g=amount_g or None,
        batch=issuance,
        project=_project_or_none(cells, "project_id"),
        at_s=cells.when_or_none("issued_at"),
        serial=issuance,
        spelling=cells.raw("id"),
    )


def read_retirement(cells: Cells) -> Iterator[Row]:
    """Make the rows of one retirement, and of its beneficiary's claim.

    Raises:
        FeedError: a cell is malformed.
    """
    retirement = _id(cells, "retirement_id", "ret")
    amount_g = _amount(cells, _TOTAL)
    if not amount_g:
        raise cells.refused(_column(cells, _TOTAL), "expected more than 0")
    at_s = cells.when_or_none("retired_at")
    purpose = _purpose(cells)
    beneficiary = uses.somebody(cells.text("beneficiary.name"))
    sequestered_on = cells.text("sequestered_on")
    if sequestered_on:
        cells.when("sequestered_on")
    yield Disposed(
        registry=REGISTRY,
        kind="retirement",
        amount_g=amount_g,
        id=retirement,
        account=cells.text_or_none("owner.name"),
        at_s=at_s,
        project=_project_or_none(cells, "project_id"),
        vintage=int(sequestered_on[:4]) if sequestered_on else None,
        purpose=purpose,
        reason=cells.text_or_none("notes"),
        beneficiary=beneficiary,
    )
    if beneficiary:
        yield Claimed(
            registry=REGISTRY,
            beneficiary=beneficiary,
            amount_g=amount_g,
            retirement=retirement,
            purpose=purpose,
            at_s=at_s,
        )


def read_batch(cells: Cells) -> Iterator[Row]:
    """Make the rows of one batch of credits: its retirement, or the credits that are left.

    Raises:
        FeedError: a cell is malformed.
    """
    block = _block(cells)
    issued_s = cells.when_or_none("issued_at")
    retired_s = cells.when_or_none("retired_at")
    status = cells.text("status").casefold()
    children = [name for name in ("left_child_id", "right_child_id") if cells.text(name)]
    if children:
        for name in children:
            _id(cells, name, "ctb")
        return
    if status == "retired" or retired_s is not None:
        yield from block.disposed(
            "retirement",
            at_s=retired_s,
            account=cells.text_or_none("owner.name"),
            beneficiary=uses.somebody(cells.text("beneficiary.name")),
        )
    elif status in ("canceled", "cancelled"):
        yield from block.disposed("cancellation", at_s=None)
    else:
        yield block.issued(at_s=issued_s, period=(None, None))


def _block(cells: Cells) -> Block:
    """Read the serial and the size of a batch."""
    try:
        match = _BATCH.fullmatch(clean(cells.raw(_SERIAL)))
    except IdentifierError as error:
        raise cells.refused(_SERIAL, str(error)) from error
    if match is None:
        got = shown(cells.text(_SERIAL))
        raise cells.refused(_SERIAL, f"expected a serial such as {_BATCH_SHAPE}, got {got}")
    scope, year, first, last = match[1], match[2], int(match[3]), int(match[4])
    most = AMOUNT_MAX_G // GRAMS_PER_KILOGRAM
    if not first < last <= most:
        raise cells.refused(_SERIAL, f"expected an end from {first + 1} to {most}, got {last}")
    amount_g = _amount(cells, _SIZE)
    if not amount_g:
        raise cells.refused(_column(cells, _SIZE), "expected more than 0, as units are named")
    return Block(
        registry=REGISTRY,
        amount_g=amount_g,
        scope=scope,
        start_g=first * GRAMS_PER_KILOGRAM,
        end_g=last * GRAMS_PER_KILOGRAM,
        batch=_id(cells, "issuance_id", "iss") if cells.text("issuance_id") else None,
        serial=f"{scope}-{first}-{last}",
        spelling=cells.raw(_SERIAL),
        project=_project_or_none(cells, "project_id") or "",
        vintage=int(year),
    )


def read_project(cells: Cells) -> Iterator[Row]:
    """Make the row of one project.

    Raises:
        FeedError: a cell is malformed.
    """
    start_s, end_s = crediting_period(cells, "crediting_period_start", "crediting_period_end")
    country = alpha_2(cells.text("country_code")) or alpha_2(cells.text("location.country_name"))
    yield Activity(
        registry=REGISTRY,
        project=_project(cells, "id"),
        name=cells.text_or_none("name"),
        country=country,
        developer=cells.text_or_none("supplier.organisation.name"),
        methodology=cells.text_or_none("protocol_slug"),
        sector=cells.text_or_none("pathway"),
        status=cells.text_or_none("status"),
        start_s=start_s,
        end_s=end_s,
        latitude=degrees_or_none(cells, "location.latitude", 90),
        longitude=degrees_or_none(cells, "location.longitude", 180),
        issued_g=_amount_or_none(cells, _ISSUED),
    )


def _id(cells: Cells, column: str, kind: str) -> str:
    """Return an id in capitals, the one spelling in which ids are compared."""
    text = cells.text(column)
    if not re.fullmatch(rf"{kind}_[0-9A-Z]{{8,32}}", text, re.IGNORECASE | re.ASCII):
        example = f"{kind}_1KP6EDZ8K1S036PY"
        raise cells.refused(column, f"expected an id such as {example}, got {shown(text)}")
    return text.upper()


def _project(cells: Cells, column: str) -> str:
    """Return a project's id, in which capitals are kept."""
    text = cells.named(column)
    if not _PROJECT.fullmatch(text):
        expected = "expected a project's id such as prj_1HHYZFVGW1S044ZY"
        raise cells.refused(column, f"{expected}, got {shown(text)}")
    return text


def _project_or_none(cells: Cells, column: str) -> str | None:
    return _project(cells, column) if cells.text(column) else None


def _column(cells: Cells, name: str) -> str:
    """Return the column that says an amount: kilograms, else credits."""
    kilograms = f"{name}.credit_kgs"
    return kilograms if cells.text(kilograms) else f"{name}.credits"


def _amount(cells: Cells, name: str) -> int:
    amount_g = _amount_or_none(cells, name)
    if amount_g is None:
        raise cells.refused(f"{name}.credit_kgs", "expected an amount, the cell is empty")
    return amount_g


def _amount_or_none(cells: Cells, name: str) -> int | None:
    """Return an amount that stands there in kilograms, in credits, or in both."""
    kilograms, credits = f"{name}.credit_kgs", f"{name}.credits"
    amount_g = cells.kilograms(kilograms) if cells.text(kilograms) else None
    if not cells.text(credits):
        return amount_g
    credits_g = decimal_tonnes(cells, credits)
    if amount_g not in (None, credits_g):
        expected = f"expected as much as {cells.text(kilograms)} kg"
        raise cells.refused(credits, f"{expected}, got {shown(cells.text(credits))}")
    return credits_g


def _purpose(cells: Cells) -> str | None:
    """Return the use that all listed purposes are; None where one is something else."""
    found = set()
    for item in read_list(cells, "purposes"):
        if not isinstance(item, str):
            raise cells.refused("purposes", f"expected a list of words, got {shown(item)} in it")
        words = item.replace("_", " ")
        found.add(_PURPOSES.get(item.casefold()) or uses.purpose(words))
    return found.pop() if len(found) == 1 else None


FORMATS: tuple[Format, ...] = (
    Format(
        name="isometric-issuances",
        registry=REGISTRY,
        columns=("id", "issued_at", f"{_TOTAL}.credit_kgs"),
        sign=("issued_at", f"{_TOTAL}.credit_kgs"),
        read=read_issuance,
    ),
    Format(
        name="isometric-retirements",
        registry=REGISTRY,
        columns=("retirement_id", "retired_at", f"{_TOTAL}.credit_kgs"),
        sign=("retirement_id", "retired_at"),
        read=read_retirement,
    ),
    Format(
        name="isometric-batches",
        registry=REGISTRY,
        columns=(_SERIAL, "status", f"{_SIZE}.credit_kgs"),
        sign=(_SERIAL, f"{_SIZE}.credit_kgs"),
        read=read_batch,
    ),
    Format(
        name="isometric-projects",
        registry=REGISTRY,
        columns=("id", "name", "short_code"),
        sign=("id", "short_code"),
        read=read_project,
    ),
)
"""What Isometric publishes."""
