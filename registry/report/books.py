"""Books, their checks and their reconciliation, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from registry.books.tally import tallies
from registry.errors import batch_text
from registry.report.json import finding_body
from registry.report.text import console, findings_table, plain_table
from registry.units import tonnes_text

if TYPE_CHECKING:
    from registry.books.book import Book
    from registry.books.lines import Line
    from registry.books.verify import Checked
    from registry.kept.inspection import Shown
    from registry.reconcile import Difference, Reconciliation
    from registry.simulate.bench import Rate
    from registry.world import World

SEAL_SHOWN = 24
"""Hex digits of a seal that people are shown; programs get all 64."""

_TOTALS = ("issued", "active", "locked", "retired", "cancelled", "exported")


def books_body(shown: Shown, *, with_lines: bool) -> dict[str, Any]:
    """Return what is in a world's folder; `with_lines` also every line."""
    settings, cursor = shown.settings, shown.cursor
    return {
        "world": {
            "seed": settings.seed,
            "engine": settings.engine,
            "start_s": settings.start_s,
            "database": settings.database,
        },
        "mirror": {"block": cursor.block, "hash": cursor.hash, "entries": cursor.seq},
        "books": [_book_body(book, with_lines=with_lines) for book in shown.books],
    }


def _counts(book: Book) -> dict[str, int]:
    """Say how much is written in a book; an account counts once, however often it was noted."""
    return {
        "lines": len(book.lines),
        "accounts": len({account.account for account in book.accounts}),
        "certificates": len(book.certificates),
        "documents": len(book.documents),
    }


def _book_body(book: Book, *, with_lines: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "registry": book.registry,
        **_counts(book),
        "heard": book.heard,
        "held": book.is_held,
        "lag_s": book.lag_s,
        "batches": [
            {"batch": str(batch), **tally.totals} for batch, tally in tallies(book.lines).items()
        ],
    }
    if with_lines:
        body["written"] = [line.model_dump(mode="json") for line in book.lines]
    return body


def show_books(shown: Shown, *, with_lines: bool) -> None:
    """Print what is in a world's folder."""
    out, settings, cursor = console(), shown.settings, shown.cursor
    out.print(f"World of seed {settings.seed}, engine {settings.engine}.")
    out.print(f"Mirror: {cursor.seq} entries, up to block {cursor.block}.\n")
    if with_lines:
        for book in shown.books:
            _show_lines(book)
        return
    table = plain_table(
        "Books",
        "registry",
        "lines",
        "accounts",
        "certificates",
        "documents",
        "heard up to entry",
        numbers=["lines", "accounts", "certificates", "documents", "heard up to entry"],
    )
    for book in shown.books:
        counts = _counts(book).values()
        held = " (held)" if book.is_held else ""
        table.add_row(escape(book.registry), *map(str, counts), f"{book.heard}{held}")
    out.print(table)
    out.print()
    table = plain_table(
        "Totals per batch, as the books have them (t)",
        "registry",
        "batch",
        *_TOTALS,
        numbers=_TOTALS,
    )
    for book in shown.books:
        for batch, tally in tallies(book.lines).items():
            amounts = (tonnes_text(tally.totals[f"{name}_g"]) for name in _TOTALS)
            table.add_row(escape(book.registry), batch_text(batch), *amounts)
    out.print(table)


def _show_lines(book: Book) -> None:
    table = plain_table(
        f"Book of {escape(book.registry)}",
        "line",
        "at",
        "status",
        "tonnes",
        "account",
        "serials",
        numbers=["line", "tonnes"],
    )
    for line in book.lines:
        table.add_row(
            str(line.number),
            _moment(line.at_s),
            line.status or line.kind.value,
            tonnes_text(line.amount_g),
            escape(_accounts(line)),
            escape("\n".join(line.serials)),
        )
    console().print(table)


def _accounts(line: Line) -> str:
    return f"{line.account} to {line.to}" if line.to else line.account


def _moment(at_s: int) -> str:
    try:
        return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OSError, OverflowError):
        return f"{at_s} s"  # After the year 9999, where Python's calendar ends.


def verified_body(checked: Sequence[Checked]) -> dict[str, Any]:
    """Return what a check of a world's folder found."""
    return {
        "stores": [
            {
                "store": each.store,
                "kind": each.kind,
                "registry": each.registry,
                "tables": [
                    {"table": name, "rows": rows, "seal": each.seals[name]}
                    for name, rows in each.rows.items()
                ],
                "problems": [problem._asdict() for problem in each.problems],
            }
            for each in checked
        ],
        "problems": sum(len(each.problems) for each in checked),
    }


def show_checked(checked: Sequence[Checked]) -> None:
    """Print what a check of a world's folder found."""
    out = console()
    table = plain_table("Checked", "store", "table", "rows", "ends in the seal", numbers=["rows"])
    for each in checked:
        name = f"{each.kind} {each.registry}".strip()
        for of_table, rows in each.rows.items():
            table.add_row(escape(name), of_table, str(rows), each.seals[of_table][:SEAL_SHOWN])
    out.print(table)
    problems = [problem for each in checked for problem in each.problems]
    for problem in problems:
        place = problem.store + (f", table {problem.table}" if problem.table else "")
        row = "" if problem.row is None else f", row {problem.row}"
        out.print(escape(f"{place}{row}: {problem.what}"), soft_wrap=True)
    rows = sum(sum(each.rows.values()) for each in checked)
    said = f"problems: {len(problems)}" if problems else "all as written"
    out.print(f"{len(checked)} stores, {rows} rows; {said}.")


def rebuilt_body(world: World) -> dict[str, Any]:
    """Return what the mirror is after it was made again."""
    mirror = world.mirror
    cursor = mirror.cursor()
    return {"blocks": cursor.block, "entries": cursor.seq, "digest": mirror.digest()}


def show_rebuilt(body: dict[str, Any]) -> None:
    """Print what the mirror is after it was made again."""
    out = console()
    out.print(f"Mirror made again: {body['entries']} entries, up to block {body['blocks']}.")
    out.print(f"Digest {body['digest']}")


def reconciled_body(found: Reconciliation) -> dict[str, Any]:
    """Return what a reconciliation found."""
    return {
        "ranges": [each.model_dump() for each in found.ranges],
        "differences": [each.model_dump(mode="json") for each in found.differences],
        "findings": [finding_body(finding) for finding in found.findings],
        "mirror_equal": found.is_level,
        "mirror_block": found.mirror_block,
        "head": found.head,
        "fine": found.is_fine,
    }


def show_reconciled(found: Reconciliation) -> None:
    """Print what a reconciliation found."""
    out = console()
    columns = ("blocks", "batches", "differences")
    table = plain_table("Contracts, mirror and books", *columns, numbers=columns[1:])
    for each in found.ranges:
        table.add_row(f"{each.first}-{each.last}", str(each.batches), str(each.differences))
    out.print(table)
    if found.differences:
        out.print()
        out.print(_differences(found.differences))
    if found.findings:
        out.print()
        out.print(findings_table(found.findings))
    out.print()
    level = "equal to" if found.is_level else "unlike"
    is_behind = found.mirror_block < found.head
    so_far = f" up to block {found.mirror_block} of {found.head}" if is_behind else ""
    out.print(
        f"{len(found.differences)} differences, {len(found.findings)} findings; "
        f"the mirror's entries are {level} the chain's{so_far}."
    )


def _differences(differences: Sequence[Difference]) -> Any:
    sides = ("contracts", "entries", "book")
    table = plain_table(
        "Where they part first (t)",
        "registry",
        "batch",
        "total",
        *sides,
        "block",
        "entry, line",
        numbers=[*sides, "block"],
    )
    for each in differences:
        place = [
            f"{what} {number}"
            for what, number in (("entry", each.entry), ("line", each.line))
            if number is not None
        ]
        table.add_row(
            escape(each.registry),
            batch_text(each.batch),
            each.total.removesuffix("_g"),
            tonnes_text(each.contract_g),
            "not due" if each.entries_g is None else tonnes_text(each.entries_g),
            "not due" if each.book_g is None else tonnes_text(each.book_g),
            str(each.block),
            ", ".join(place) or "-",
        )
    return table


def show_rates(rates: Sequence[Rate]) -> None:
    """Print how fast mirrors were written."""
    columns = ("entries", "per second", "first tenth", "last tenth", "times the chain")
    table = plain_table("Entries written per second", "into", *columns, numbers=columns)
    for rate in rates:
        figures = (rate.entries, rate.per_s, rate.first_per_s, rate.last_per_s, rate.times_chain)
        table.add_row(rate.what, *(f"{figure:,}" for figure in figures))
    console().print(table)
