"""Sizes: lines of 100 columns, functions of 70 lines, modules of 450 lines."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
MODULE_LINES_MAX = 450
LONG = {
    "contracts/CarbonRegistry.sol": "all that moves a registry's credits, over one storage",
    "contracts/interfaces/ICarbonRegistry.sol": "the specification of that contract, mostly text",
    "registry/chain/tester.py": "one engine with the backend that makes it deterministic",
    "registry/errors.py": "one class of five lines for each error of the contracts",
}
"""Modules that may be longer, and why."""


def sources() -> list[Path]:
    python = [*(ROOT / "registry").rglob("*.py"), *(ROOT / "scripts").glob("*.py")]
    solidity = [
        path
        for path in (ROOT / "contracts").rglob("*.sol")
        if path.relative_to(ROOT / "contracts").parts[0] not in {"lib", "test", ".foundry"}
    ]
    return sorted([*python, *solidity, ROOT / "scripts" / "compile-contracts"])


SOURCES = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in sources()}
EACH_SOURCE = pytest.mark.parametrize("name", SOURCES)


def python_functions(text: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def solidity_functions(text: str) -> Iterator[tuple[str, int]]:
    """Yield each function with a body and its lines; braces in comments and texts do not count."""
    hidden = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)
    code = hidden.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    for found in re.finditer(r"\b(function\s+\w+|constructor|modifier\s+\w+)[^;{]*\{", code):
        depth, end = 1, found.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(code[end], 0)
            end += 1
        yield found[1], code.count("\n", found.start(), end) + 1


@EACH_SOURCE
def test_lines_are_short(name: str) -> None:
    lines = SOURCES[name].splitlines()
    assert [at for at, line in enumerate(lines, 1) if len(line) > COLUMNS_MAX] == []


@EACH_SOURCE
def test_functions_are_short(name: str) -> None:
    found = solidity_functions if name.endswith(".sol") else python_functions
    assert [pair for pair in found(SOURCES[name]) if pair[1] > FUNCTION_LINES_MAX] == []


def test_modules_are_short_or_named() -> None:
    long = {name for name, text in SOURCES.items() if len(text.splitlines()) > MODULE_LINES_MAX}
    assert long == set(LONG)


@EACH_SOURCE
def test_files_end_with_a_newline_and_no_line_with_a_blank(name: str) -> None:
    text = SOURCES[name]
    assert not text or text.endswith("\n")
    assert not re.search(r"[ \t]+$|\t", text, re.MULTILINE)


def test_functions_are_measured_as_people_count_them() -> None:
    solidity = 'contract A {\n  function f() external {\n    // }\n    g("}");\n  }\n}\n'
    assert list(solidity_functions(solidity)) == [("function f", 4)]
    assert list(python_functions("def f():\n    a = 1\n    return a\n")) == [("f", 3)]
