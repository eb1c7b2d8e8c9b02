"""Every command, option, exit code, rule and script stands in the README."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from registry import cli
from registry.audit.run import load_rules
from registry.feeds.formats import FORMATS
from registry.simulate.faults import FAULTS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


def commands(group: Any, *above: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *above, name)
        else:
            yield " ".join((*above, name)), command


COMMANDS = dict(commands(typer.main.get_command(cli.app)))
ROWS = {
    cells[0]: cells[1:]
    for line in README.partition("## Commands")[2].partition("\n## ")[0].splitlines()
    if line.startswith("| `") and (cells := [cell.strip() for cell in line.strip("|").split("|")])
}


def test_readme_has_a_row_for_each_command_and_no_other() -> None:
    found = {re.sub(r" [A-Z]+\b", "", row.strip("`")) for row in ROWS}
    assert found == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_readme_names_each_argument_and_option(name: str) -> None:
    row, cells = next(
        (row, cells) for row, cells in ROWS.items() if row.strip("`").startswith(name)
    )
    arguments, options = [], set()
    for parameter in COMMANDS[name].params:
        if parameter.param_type_name == "argument":
            arguments.append(parameter.name.upper())
        else:
            # Of a pair, the form that changes something is the one worth a word.
            options.add((parameter.secondary_opts or parameter.opts)[0])
    assert row.strip("`") == " ".join([name, *arguments])
    assert set(re.findall(r"`(--[\w-]+)`", cells[0])) == options


@pytest.mark.parametrize("name", COMMANDS)
def test_command_and_options_have_help(name: str) -> None:
    assert COMMANDS[name].help
    assert all(parameter.help for parameter in COMMANDS[name].params)


def test_readme_has_a_row_for_each_rule_and_no_other() -> None:
    found = set(re.findall(r"^\| ([A-Z]{2}-\d) \|", README, re.MULTILINE))
    assert found == {rule.code for rule in load_rules()}


def test_readme_names_each_format_and_no_other() -> None:
    audit = README.partition("## Auditing exports")[2].partition("\n## ")[0]
    rows = [line for line in audit.splitlines() if line.startswith("| ") and "`" in line]
    found = [name for row in rows for name in re.findall(r"`([a-z-]+)`", row)]
    assert sorted(found) == sorted(known.name for known in FORMATS)


def test_readme_names_the_faults() -> None:
    limits = README.partition("## Limits")[2].partition("\n## ")[0]
    assert set(re.findall(r"\bD\d\d\b", limits)) == set(FAULTS)


def test_readme_names_each_script() -> None:
    for path in (ROOT / "scripts").iterdir():
        if path.is_file() and path.name not in {"setup", "lock"}:
            assert f"scripts/{path.name}" in README, path.name


def test_readme_links_to_what_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_readme_has_its_sections_in_order() -> None:
    assert re.findall(
        r"^#+ .*", re.sub(r"```.*?```", "", README, flags=re.DOTALL), re.MULTILINE
    ) == [
        "# carbon-registry",
        "## What must hold",
        "## Run it",
        "## Between registries",
        "## Commands",
        "## Auditing exports",
        "## Engines",
        "## Books, mirror, reconciliation",
        "## Where things are",
        "## How to check",
        "## Limits",
        "## Where definitions come from",
    ]
