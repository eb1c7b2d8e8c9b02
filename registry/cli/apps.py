"""Groups of commands, and the options that several have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
