"""What commands print and write."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from registry.errors import InputError

SCHEMA = 1
"""Version of every command's JSON."""


class OutputError(InputError):
    """Somewhere to write that cannot be written."""


def print_json(body: Mapping[str, Any]) -> None:
    """Print one JSON object, with the version of its schema."""
    print(as_json_text(body))


def as_json_text(body: Mapping[str, Any]) -> str:
    """Write one JSON object, with the version of its schema."""
    return json.dumps({"schema": SCHEMA, **body}, indent=2)


def check_folder(path: Path) -> None:
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


def check_file(path: Path) -> None:
    """Make the folder of a file to write. Raises OutputError."""
    check_folder(path.parent)
    if path.is_dir():
        raise OutputError(f"{path}: expected a file to write, not a folder")


def page_of(out: Path | None, usual: str, *, as_json: bool) -> Path | None:
    """Say which page a command writes, and make its folder, before anything long begins.

    Returns:
        `out`, or where the page usually is; None where a program only asks for JSON.

    Raises:
        OutputError: it cannot be written there.
    """
    if out is None and as_json:
        return None
    page = Path(usual) if out is None else out
    check_file(page)
    return page


def check_new(path: Path) -> None:
    """Refuse a folder in which something is. Raises OutputError."""
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise OutputError(f"{path}: expected a new folder, or one that is empty")


def write(folder: Path, contents: Mapping[str, str | bytes]) -> None:
    """Write files into a folder, each whole or not at all, and none if one cannot be written.

    Args:
        folder: It exists.
        contents: By name; text is written as UTF-8.
    """
    parts = {folder / name: folder / f"{name}.part" for name in contents}
    try:
        for path, part in parts.items():
            if path.is_dir():
                raise IsADirectoryError(None, "Is a directory")
            content = contents[path.name]
            part.write_bytes(content.encode() if isinstance(content, str) else content)
        for path, part in parts.items():
            part.replace(path)
    except OSError as error:
        for part in parts.values():
            if part.is_file():
                part.unlink()
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


def done(fine: bool) -> None:
    """Leave with exit code 1 if what was found is not fine."""
    if not fine:
        raise typer.Exit(1)
