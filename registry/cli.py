"""The command line: `carbon-registry`.

Exit codes: 0 fine, 1 not fine (something missed, unlike or stale), 2 bad input, 3 anything else.
With `--json` a command prints one object on standard output; on exit 2 it is {"error": ...}.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from registry.errors import InputError, RegistryError

SCHEMA = 1
"""Version of every command's JSON."""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Simulate tokenised carbon-credit registries and audit them for double counting.",
    pretty_exceptions_enable=False,
)
serials_app = typer.Typer(no_args_is_help=True, help="Serial numbers of registries.")
artifacts_app = typer.Typer(no_args_is_help=True, help="The compiled contracts.")
app.add_typer(serials_app, name="serials")
app.add_typer(artifacts_app, name="artifacts")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
EngineName = Annotated[str, typer.Option("--engine", help="auto, tester or model.")]


class OutputError(InputError):
    """Somewhere to write that cannot be written."""


def _print_json(body: dict[str, Any]) -> None:
    print(json.dumps({"schema": SCHEMA, **body}, indent=2, ensure_ascii=False))


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True) if part.parent.is_dir() else None
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def _done(fine: bool) -> None:
    if not fine:
        raise typer.Exit(1)


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="Everything random is a function of it.")] = 7,
    faults: Annotated[bool, typer.Option(help="Plant faults for the audit to find.")] = True,
    out: Annotated[Path | None, typer.Option(help="Folder for the entries and the run.")] = None,
    engine: EngineName = "auto",
    as_json: Json = False,
) -> None:
    """Live a year of credits at three registries, plant faults, and find them."""
    from registry.report.json import pilot_body
    from registry.report.text import progress, show_pilot
    from registry.simulate.pilot import SCENARIO, STEPS, Pilot
    from registry.world import World

    if out is not None and out.exists() and not out.is_dir():
        raise OutputError(f"{out}: expected a folder to write into")
    with World.open(seed=seed, engine=engine) as world:
        with progress("pilot", shown=not as_json) as bar:
            bar.update(bar.task_ids[0], total=STEPS)
            pilot = Pilot(world, lambda _: bar.advance(bar.task_ids[0]))
            score = pilot.run(with_faults=faults)
        run_hash = world.run_hash(SCENARIO, pilot.findings)
        body = pilot_body(pilot, score, run_hash)
        if out is not None:
            lines = "".join(entry.line() + "\n" for entry in world.entries())
            _write(out / "entries.jsonl", lines)
            _write(out / "run.json", json.dumps({"schema": SCHEMA, **body}, indent=2) + "\n")
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
    from registry.report.json import outcome_body
    from registry.report.text import progress, show_outcome
    from registry.simulate.tokenise import tokenise as run
    from registry.world import AUTO

    with progress("rows", shown=not as_json) as bar:
        outcome = run(
            path,
            engine=engine,
            progress=lambda done, of: bar.update(bar.task_ids[0], completed=done, total=of),
        )
    engine = AUTO if engine == "auto" else engine
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

    if not out.parent.is_dir():
        raise OutputError(f"{out}: the folder {out.parent} does not exist")
    costs, bytes_of = measure(), sizes()
    _write(out, gas_markdown(costs, bytes_of, CODE_SIZE_LIMIT))
    if as_json:
        rows = [{**cost.model_dump(), "gas_each": cost.gas_each} for cost in costs]
        _print_json({"operations": rows, "code_bytes": bytes_of, "written": str(out)})
    else:
        show_gas(costs, str(out))


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

    found = stale()
    if as_json:
        _print_json({"artifacts": len(names()), "stale": list(found)})
    else:
        for line in found:
            print(line)
        print(f"{len(names())} artifacts, {len(found)} stale")
    _done(not found)


def _fail(error: BaseException, message: str, code: int) -> int:
    if "--json" in sys.argv:
        body = {"type": type(error).__name__, "message": message}
        print(json.dumps({"error": body}, ensure_ascii=False))
    else:
        print(f"error: {message}", file=sys.stderr)
    return code


def main() -> None:
    """Run one command and leave with its exit code."""
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:
        code = _fail(error, error.format_message(), 2)
    except RegistryError as error:
        code = _fail(error, str(error), 2)
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 3
    except (Exception, KeyboardInterrupt) as error:
        traceback.print_exc()
        code = _fail(error, f"{type(error).__name__}: {error}", 3)
    sys.exit(code or 0)
