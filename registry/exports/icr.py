"""ICR's format: who holds how much of which token."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

from registry.books.lines import Line, LineKind
from registry.exports.sayable import own_credits
from registry.exports.stated import File, Stated, moves
from registry.feeds import icr, writing
from registry.feeds.rows import Held
from registry.feeds.tokens import CERTIFICATE, EX_POST
from registry.records.identity import project_of
from registry.units import GRAMS_PER_TONNE

UNITS_PER_GRAM = 10**writing.ICR_DECIMALS // GRAMS_PER_TONNE
CREDITS = "exPost"
CERTIFICATES = "retirementCertificate"
FORMS = {CREDITS: EX_POST, CERTIFICATES: CERTIFICATE}
"""Kinds of tokens, as the registry and as our tables call them."""


class _Token(NamedTuple):
    number: int
    serial: str
    project: int
    vintage: int
    asset: str
    balances: dict[str, int]


def sayable(stated: Stated) -> Stated:
    """Keep credits of its own, in any fractions. Raises ExportError."""
    return own_credits(stated, "ICR's list has its own only")


def files(stated: Stated) -> tuple[File, ...]:
    """Write a token for each serial, and a certificate for each retirement.

    The tokens of a project are numbered in the order in which the book first has them.
    """
    for line in stated.issuances.values():
        stated.own_serial(line, icr.REGISTRY)
    tokens: dict[tuple[int, str, int], _Token] = {}
    last: dict[int, int] = {}

    def token(line: Line, asset: str, number: int = 0) -> _Token:
        issuance = stated.issuances.get(line.batch)
        if issuance is None:
            raise stated.refused(line, "expected the issuance of every batch, the book has none")
        project, serial = project_of(line.batch), issuance.scope
        key = (project, serial, number)
        if key not in tokens:
            last[project] = last.get(project, 0) + 1
            vintage = stated.vintage(line)
            tokens[key] = _Token(last[project], serial, project, vintage, asset, {})
        return tokens[key]

    for line in stated.lines:
        balances = token(line, CREDITS).balances
        for account, moved_g in moves(line):
            balances[account] = balances.get(account, 0) + moved_g
        if line.kind is LineKind.RETIREMENT:
            certificate = token(line, CERTIFICATES, line.number)
            certificate.balances[line.account] = line.amount_g
    written = [
        (row, [_held(row, token)]) for token in tokens.values() for row in _holders(stated, token)
    ]
    text = writing.icr_holders(row for row, _ in written)
    return (File("holders.csv", "icr-holders", text, [rows for _, rows in written]),)


def _holders(stated: Stated, token: _Token) -> Iterator[writing.IcrHolder]:
    supply_g = sum(token.balances.values())
    for account, balance_g in token.balances.items():
        if balance_g:
            yield writing.IcrHolder(
                project=contract_address(stated.book.registry, token.project),
                account=stated.address(account),
                units=balance_g * UNITS_PER_GRAM,
                token=token.number,
                serial=token.serial,
                asset=token.asset,
                supply_units=supply_g * UNITS_PER_GRAM,
            )


def _held(row: writing.IcrHolder, token: _Token) -> Held:
    return Held(
        registry=icr.REGISTRY,
        account=row.account,
        batch=f"{row.project}/{row.token}",
        balance_g=row.units // UNITS_PER_GRAM,
        supply_g=row.supply_units // UNITS_PER_GRAM,
        serial=row.serial,
        scope=row.serial,
        contract=row.project,
        form=FORMS[row.asset],
        project=str(token.project),
        vintage=token.vintage,
        decimals=writing.ICR_DECIMALS,
        balance_units=str(row.units),
        supply_units=str(row.supply_units),
    )


def contract_address(registry: str, project: int) -> str:
    """Return the address that stands for a project's contract: one registry of ours has one
    contract for all of its projects, ICR has one for each."""
    said = f"carbon-registry/contract/{registry}/{project}"
    return "0x" + hashlib.sha256(said.encode()).hexdigest()[:40]
