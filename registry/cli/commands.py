"""Commands on worlds, benches, serials and compiled contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from registry.cli.apps import (
    Database,
    EngineName,
    Json,
    WorldFolder,
    app,
    artifacts_app,
    bench_app,
    books_app,
    serials_app,
)
from registry.cli.output import (
    as_json_text,
    check_file,
    check_folder,
    check_new,
    done,
    page_of,
    print_json,
    write,
)
from registry.errors import StaleArtifact, batch_text


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="Everything random is a function of it.")] = 7,
    faults: Annotated[bool, typer.Option(help="Plant faults for the audit to find.")] = True,
    out: Annotated[Path | None, typer.Option(help="Folder for the entries and the run.")] = None,
    keep: Annotated[Path | None, typer.Option(help="New folder to keep the world in.")] = None,
    engine: EngineName = "auto",
    as_json: Json = False,
) -> None:
    """Live a year of credits at four registries, plant faults, and find them."""
    from registry.report.json import pilot_body
    from registry.report.text import progress, show_pilot
    from registry.simulate.pilot import SCENARIO, Pilot, steps
    from registry.world import World

    if out is not None:
        check_folder(out)
    if keep is not None:
        check_new(keep)
    with World.open(keep, seed=seed, engine=engine) as world:
        with progress("pilot", shown=not as_json) as bar:
            bar.update(bar.task_ids[0], total=steps(with_faults=faults))
            pilot = Pilot(world, lambda _: bar.advance(bar.task_ids[0]))
            score = pilot.run(with_faults=faults)
        run_hash = world.run_hash(SCENARIO, pilot.findings)
        body = pilot_body(pilot, score, run_hash)
        if out is not None:
            lines = "".join(entry.line() + "\n" for entry in world.entries())
            write(out, {"entries.jsonl": lines, "run.json": as_json_text(body) + "\n"})
        if as_json:
            print_json(body)
        else:
            show_pilot(pilot, score, run_hash)
    done(score.is_perfect and body["conserved"])


@app.command()
def tokenise(
    path: Annotated[Path, typer.Argument(help="Folder with issuances and retirements.")],
    engine: EngineName = "auto",
    as_json: Json = False,
) -> None:
    """Put EcoRegistry's export on chain and compare the intervals with what it printed."""
    from registry.kept.opening import engine_named
    from registry.report.json import outcome_body
    from registry.report.text import progress, show_outcome
    from registry.simulate.tokenise import tokenise as run

    with progress("rows", shown=not as_json) as bar:
        outcome = run(
            path,
            engine=engine,
            progress=lambda done, of: bar.update(bar.task_ids[0], completed=done, total=of),
        )
    engine = engine_named(engine)
    if as_json:
        print_json(outcome_body(outcome, engine))
    else:
        show_outcome(outcome, engine)
    done(outcome.is_faithful)


@app.command()
def gas(
    out: Annotated[
        Path | None,
        typer.Option(help="Where the table goes. [default: docs/gas.md; with --json nowhere]"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure the gas of every operation and write the table."""
    from registry.report.text import gas_markdown, show_gas
    from registry.simulate.gas import CODE_SIZE_LIMIT, measure, sizes

    page = page_of(out, "docs/gas.md", as_json=as_json)
    costs, bytes_of = measure(), sizes()
    if page is not None:
        write(page.parent, {page.name: gas_markdown(costs, bytes_of, CODE_SIZE_LIMIT)})
    if as_json:
        rows = [{**cost.model_dump(), "gas_each": cost.gas_each} for cost in costs]
        written = None if page is None else str(page)
        print_json({"operations": rows, "code_bytes": bytes_of, "written": written})
    else:
        show_gas(costs, str(page))


@app.command()
def protocols(
    out: Annotated[
        Path | None,
        typer.Option(help="Where the page goes. [default: docs/protocols.md; with --json nowhere]"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Move credits between registries in every way there is, and compare what each exposes."""
    from registry.report.protocols import protocols_body, protocols_markdown, show_protocols
    from registry.report.text import counted
    from registry.simulate.protocols import measure

    page = page_of(out, "docs/protocols.md", as_json=as_json)
    with counted("protocols", shown=not as_json) as told:
        rows = measure(progress=told)
    if page is not None:
        write(page.parent, {page.name: protocols_markdown(rows)})
    if as_json:
        written = None if page is None else str(page)
        print_json({**protocols_body(rows), "written": written})
    else:
        show_protocols(rows, str(page))


@bench_app.command("books")
def bench_books(
    entries: Annotated[
        list[int] | None, typer.Option(help="Entries in a mirror; may be given again.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="Address of a PostgreSQL database to measure, too.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure how fast mirrors are written, beside the chain."""
    from registry.report.books import show_rates
    from registry.report.text import counted
    from registry.simulate.bench import SIZES, measure_books

    with counted("entries", shown=not as_json) as told:
        rates = measure_books(entries or SIZES, database=database, progress=told)
    if as_json:
        print_json({"rates": [rate.model_dump() for rate in rates]})
    else:
        show_rates(rates)


@bench_app.command("chain")
def bench_chain(
    engine: Annotated[
        list[str] | None, typer.Option(help="Measure this one; may be given again.")
    ] = None,
    operations: Annotated[
        int | None, typer.Option(help="Of each engine that is watched growing.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(help="For each other engine.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A minute's worth of all.")] = False,
    out: Annotated[Path | None, typer.Option(help="Page to write, as docs/benchmarks.md.")] = None,
    as_json: Json = False,
) -> None:
    """Measure how fast credits live on each chain, all in one run."""
    from registry.report.bench import chain_body, chain_markdown, show_chain
    from registry.report.text import counted
    from registry.simulate.bench_chain import ENGINES, QUICK, USUAL, measure_chain

    if out is not None:
        check_file(out)
    sizes = (QUICK if quick else USUAL).with_given(operations, seconds)
    with counted("turns", shown=not as_json) as told:
        bench = measure_chain(engine or ENGINES, sizes, progress=told)
    if out is not None:
        write(out.parent, {out.name: chain_markdown(bench)})
    if as_json:
        print_json(chain_body(bench))
    else:
        show_chain(bench)
    done(not bench.gas.unlike)


@books_app.command("show")
def books_show(
    path: WorldFolder,
    registry: Annotated[str | None, typer.Option(help="Show this one's lines.")] = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Show what each registry's book says, or all lines of one."""
    from registry.kept.inspection import show
    from registry.report.books import books_body, show_books

    shown = show(path, database=database, registry=registry)
    if as_json:
        print_json(books_body(shown, with_lines=registry is not None))
    else:
        show_books(shown, with_lines=registry is not None)


@books_app.command("verify")
def books_verify(path: WorldFolder, database: Database = None, as_json: Json = False) -> None:
    """Check that every row of chain, mirror and books is as it was written."""
    from registry.kept.inspection import verify_folder
    from registry.report.books import show_checked, verified_body
    from registry.report.text import counted

    with counted("rows", shown=not as_json) as told:
        checked = verify_folder(path, database=database, progress=told)
    if as_json:
        print_json(verified_body(checked))
    else:
        show_checked(checked)
    done(not any(store.problems for store in checked))


@books_app.command("rebuild")
def books_rebuild(path: WorldFolder, database: Database = None, as_json: Json = False) -> None:
    """Make the mirror again from the chain. Books of operators cannot be made again."""
    from registry.report.books import rebuilt_body, show_rebuilt
    from registry.report.text import counted
    from registry.world import World

    with (
        counted("blocks", shown=not as_json) as told,
        World.open(path, database=database, rebuild=True, progress=told) as world,
    ):
        body = rebuilt_body(world)
    if as_json:
        print_json(body)
    else:
        show_rebuilt(body)


@books_app.command("export")
def books_export(
    path: WorldFolder,
    registry: Annotated[str, typer.Option(help="Whose book.")],
    format: Annotated[str, typer.Option(help="icr, ecoregistry, verra or cad-trust.")],
    out: Annotated[Path, typer.Option(help="Folder for the files.")],
    leave_out: Annotated[
        bool,
        typer.Option(
            "--leave-out", help="Leave out, and name, what the format cannot say; else refuse."
        ),
    ] = False,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Write a registry's book in a format that registries publish, for an audit to read.

    No format has credits of other registries or not verified yet; only icr has parts of tonnes;
    ecoregistry and verra have no credits that are at other registries.
    """
    from registry.exporting import export_book
    from registry.report.text import counted
    from registry.world import World

    with (
        counted("blocks", shown=not as_json) as told,
        World.open(path, database=database, read_only=True, progress=told) as world,
    ):
        exported = export_book(world, registry, format, leave_out=leave_out)
    check_folder(out)
    write(out, exported.files)
    written = [str(out / name) for name in exported.files]
    if as_json:
        print_json(
            {
                "registry": registry,
                "format": format,
                "written": written,
                "digest": exported.digest,
                "left_out": [
                    {
                        "batch": batch_text(left.batch),
                        "tonnes": str(left.tonnes),
                        "serials": list(left.serials),
                        "why": left.why,
                    }
                    for left in exported.left_out
                ],
            }
        )
    else:
        for name in written:
            print(f"written: {name}")
        print(f"digest: {exported.digest}")
        for left in exported.left_out:
            what = f"{left.tonnes} t of batch {batch_text(left.batch)}"
            typer.echo(f"left out: {what}, {', '.join(left.serials)}: {left.why}", err=True)


@app.command()
def reconcile(
    path: WorldFolder,
    range_blocks: Annotated[int, typer.Option("--range", help="Blocks in a range.")] = 1_000,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Compare contracts, mirror and books, and name the first block where they part."""
    from registry.reconcile import reconcile as run
    from registry.report.books import reconciled_body, show_reconciled
    from registry.report.text import counted
    from registry.world import World

    with (
        counted("blocks", shown=not as_json) as told,
        World.open(path, database=database, read_only=True, progress=told) as world,
    ):
        found = run(world, range_blocks=range_blocks, progress=told)
    if as_json:
        print_json(reconciled_body(found))
    else:
        show_reconciled(found)
    done(found.is_fine)


@serials_app.command("parse")
def serials_parse(
    text: Annotated[str, typer.Argument(help="A serial number.")], as_json: Json = False
) -> None:
    """Explain a serial number field by field."""
    from registry.serials.grammar import parse
    from registry.units import GRAMS_PER_TONNE

    serial = parse(text)
    block = serial.interval
    if as_json:
        print_json(
            {
                "registry": serial.registry,
                "scope": serial.scope,
                "base": serial.base,
                "canonical": serial.canonical,
                "first": serial.first,
                "last": serial.last,
                "tonnes": None if block is None else block.amount_g // GRAMS_PER_TONNE,
                "fields": [field._asdict() for field in serial.fields],
            }
        )
    else:
        from registry.report.text import show_serial

        show_serial(serial)


@artifacts_app.command("check")
def artifacts_check(as_json: Json = False) -> None:
    """Check that the compiled contracts are what their sources say."""
    from registry.chain.artifacts import names, stale

    try:
        count, found = len(names()), stale()
    except StaleArtifact as error:
        # There is no manifest to check by.
        count, found = 0, (str(error),)
    if as_json:
        print_json({"artifacts": count, "stale": list(found)})
    else:
        for line in found:
            print(line)
        print(f"{count} artifacts, {len(found)} stale")
    done(not found)
