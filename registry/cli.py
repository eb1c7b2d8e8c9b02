"""The command line: `carbon-registry`.

Exit codes: 0 fine, 1 not fine (something missed, unlike or stale), 2 bad input, 3 anything else.
With `--json` a command prints one object on standard output; on exit 2 it is {"error": ...}.
"""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from registry.errors import (
    ChainDamaged,
    ForeignContract,
    InputError,
    MirrorError,
    NodeError,
    RegistryError,
    StaleArtifact,
    StoreError,
)

SCHEMA = 1
"""Version of every command's JSON."""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Simulate tokenised carbon-credit registries and audit them for double counting.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # rich's help costs as much time again as everything else at --help
)
serials_app = typer.Typer(no_args_is_help=True, help="Serial numbers of registries.")
bench_app = typer.Typer(no_args_is_help=True, help="How fast it goes, compared in one run.")
books_app = typer.Typer(no_args_is_help=True, help="Books and mirror in a world's folder.")
artifacts_app = typer.Typer(no_args_is_help=True, help="The compiled contracts.")
app.add_typer(serials_app, name="serials")
app.add_typer(bench_app, name="bench")
app.add_typer(books_app, name="books")
app.add_typer(artifacts_app, name="artifacts")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
WorldFolder = Annotated[Path, typer.Argument(metavar="PATH", help="A world's folder.")]
Database = Annotated[
    str | None,
    typer.Option(
        envvar="CARBON_REGISTRY_DATABASE",
        help="Address of the PostgreSQL database that has its books and its mirror.",
    ),
]
EngineName = Annotated[str, typer.Option("--engine", help="auto, revm, tester, rpc:URL or model.")]


class OutputError(InputError):
    """Somewhere to write that cannot be written."""


_UNUSABLE = (
    *(InputError, StaleArtifact, ForeignContract, StoreError, MirrorError),
    *(ChainDamaged, NodeError),
)
"""What was given cannot be used as it is."""


def _print_json(body: dict[str, Any]) -> None:
    print(_json(body))


def _json(body: Mapping[str, Any]) -> str:
    return json.dumps({"schema": SCHEMA, **body}, indent=2)


def _check_folder(path: Path) -> None:
    """Make a folder to write into, before anything long begins.

    Raises:
        OutputError: it is a file, or cannot be made or written.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        fine = os.access(path, os.W_OK | os.X_OK)
    except OSError as error:
        raise OutputError(f"{path}: expected a folder to write into: {error.strerror}") from error
    if not fine:
        raise OutputError(f"{path}: expected a folder to write into: Permission denied")


def _check_file(path: Path) -> None:
    """Make the folder of a file to write. Raises OutputError."""
    _check_folder(path.parent)
    if path.is_dir():
        raise OutputError(f"{path}: expected a file to write, not a folder")


def _check_new(path: Path) -> None:
    """Refuse a folder in which something is. Raises OutputError."""
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise OutputError(f"{path}: expected a new folder, or one that is empty")


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files into a folder, each whole or not at all, and none if one cannot be written.

    Args:
        folder: It exists.
        texts: Name -> content.
    """
    parts = {folder / name: folder / f"{name}.part" for name in texts}
    try:
        for path, part in parts.items():
            if path.is_dir():
                raise IsADirectoryError(None, "Is a directory")
            part.write_text(texts[path.name], encoding="utf-8")
        for path, part in parts.items():
            part.replace(path)
    except OSError as error:
        for part in parts.values():
            if part.is_file():
                part.unlink()
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def _done(fine: bool) -> None:
    if not fine:
        raise typer.Exit(1)


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="Everything random is a function of it.")] = 7,
    faults: Annotated[bool, typer.Option(help="Plant faults for the audit to find.")] = True,
    out: Annotated[Path | None, typer.Option(help="Folder for the entries and the run.")] = None,
    keep: Annotated[Path | None, typer.Option(help="New folder to keep the world in.")] = None,
    engine: EngineName = "auto",
    as_json: Json = False,
) -> None:
    """Live a year of credits at three registries, plant faults, and find them."""
    from registry.report.json import pilot_body
    from registry.report.text import progress, show_pilot
    from registry.simulate.pilot import SCENARIO, Pilot, steps
    from registry.world import World

    if out is not None:
        _check_folder(out)
    if keep is not None:
        _check_new(keep)
    with World.open(keep, seed=seed, engine=engine) as world:
        with progress("pilot", shown=not as_json) as bar:
            bar.update(bar.task_ids[0], total=steps(with_faults=faults))
            pilot = Pilot(world, lambda _: bar.advance(bar.task_ids[0]))
            score = pilot.run(with_faults=faults)
        run_hash = world.run_hash(SCENARIO, pilot.findings)
        body = pilot_body(pilot, score, run_hash)
        if out is not None:
            lines = "".join(entry.line() + "\n" for entry in world.entries())
            _write(out, {"entries.jsonl": lines, "run.json": _json(body) + "\n"})
        if as_json:
            _print_json(body)
        else:
            show_pilot(pilot, score, run_hash)
    _done(score.is_perfect and body["conserved"])


@app.command()
def tokenise(
    path: Annotated[Path, typer.Argument(help="Folder with issuances and retirements.")],
    engine: EngineName = "auto",
    as_json: Json = False,
) -> None:
    """Put EcoRegistry's export on chain and compare the intervals with what it printed."""
    from registry.opening import engine_named
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
        _print_json(outcome_body(outcome, engine))
    else:
        show_outcome(outcome, engine)
    _done(outcome.is_faithful)


@app.command()
def gas(
    out: Annotated[Path, typer.Option(help="Where the table goes.")] = Path("docs/gas.md"),
    as_json: Json = False,
) -> None:
    """Measure the gas of every operation and write the table."""
    from registry.report.text import gas_markdown, show_gas
    from registry.simulate.gas import CODE_SIZE_LIMIT, measure, sizes

    _check_file(out)
    costs, bytes_of = measure(), sizes()
    _write(out.parent, {out.name: gas_markdown(costs, bytes_of, CODE_SIZE_LIMIT)})
    if as_json:
        rows = [{**cost.model_dump(), "gas_each": cost.gas_each} for cost in costs]
        _print_json({"operations": rows, "code_bytes": bytes_of, "written": str(out)})
    else:
        show_gas(costs, str(out))


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
        _print_json({"rates": [rate.model_dump() for rate in rates]})
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
        _check_file(out)
    sizes = (QUICK if quick else USUAL).with_given(operations, seconds)
    with counted("turns", shown=not as_json) as told:
        bench = measure_chain(engine or ENGINES, sizes, progress=told)
    if out is not None:
        _write(out.parent, {out.name: chain_markdown(bench)})
    if as_json:
        _print_json(chain_body(bench))
    else:
        show_chain(bench)
    _done(not bench.gas.unlike)


@books_app.command("show")
def books_show(
    path: WorldFolder,
    registry: Annotated[str | None, typer.Option(help="Show this one's lines.")] = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Show what each registry's book says, or all lines of one."""
    from registry.inspection import show
    from registry.report.books import books_body, show_books

    shown = show(path, database=database, registry=registry)
    if as_json:
        _print_json(books_body(shown, with_lines=registry is not None))
    else:
        show_books(shown, with_lines=registry is not None)


@books_app.command("verify")
def books_verify(path: WorldFolder, database: Database = None, as_json: Json = False) -> None:
    """Check that every row of chain, mirror and books is as it was written."""
    from registry.inspection import verify_folder
    from registry.report.books import show_checked, verified_body
    from registry.report.text import counted

    with counted("rows", shown=not as_json) as told:
        checked = verify_folder(path, database=database, progress=told)
    if as_json:
        _print_json(verified_body(checked))
    else:
        show_checked(checked)
    _done(not any(store.problems for store in checked))


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
        _print_json(body)
    else:
        show_rebuilt(body)


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
        _print_json(reconciled_body(found))
    else:
        show_reconciled(found)
    _done(found.is_fine)


@serials_app.command("parse")
def serials_parse(
    text: Annotated[str, typer.Argument(help="A serial number.")], as_json: Json = False
) -> None:
    """Explain a serial number field by field."""
    from registry.serials.grammar import parse

    serial = parse(text)
    if as_json:
        _print_json(
            {
                "registry": serial.registry,
                "scope": serial.scope,
                "base": serial.base,
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
        _print_json({"artifacts": count, "stale": list(found)})
    else:
        for line in found:
            print(line)
        print(f"{count} artifacts, {len(found)} stale")
    _done(not found)


def _fail(error: BaseException, message: str, code: int) -> int:
    if "--json" in sys.argv:
        body = {"type": type(error).__name__, "message": message}
        print(json.dumps({"error": body}))
    else:
        print(f"error: {message}", file=sys.stderr)
    return code


def main() -> None:
    """Run one command and leave with its exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A letter that the terminal's encoding lacks is no reason to fail.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = app(standalone_mode=False, prog_name="carbon-registry")
        # An interrupt comes back as 130.
        code = 3 if code not in (None, 0, 1) else code
        sys.stdout.flush()
    except TyperException as error:
        message = error.format_message()
        if message.startswith("Usage:"):
            message = f"expected a command\n\n{message}"
        code = _fail(error, message, 2)
    except _UNUSABLE as error:
        code = _fail(error, str(error), 2)
    except RegistryError as error:
        code = _fail(error, str(error), 3)
    except (BrokenPipeError, SystemExit):
        # Whoever read our output has gone; nothing more can be said to it. (Typer and rich leave
        # with code 1 then, which would say that something was found.)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 3
    except (Exception, KeyboardInterrupt) as error:
        traceback.print_exc()
        code = _fail(error, f"{type(error).__name__}: {error}", 3)
    sys.exit(code or 0)
