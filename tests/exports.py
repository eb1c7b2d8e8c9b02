"""Exports of a world's books, read again as an audit reads them."""

from __future__ import annotations

from pathlib import Path

from registry.audit.run import audit
from registry.exporting import Exported
from registry.feeds.digest import digest
from registry.feeds.reading import Reading, read_paths


def written(exported: Exported, folder: Path) -> Path:
    """Write an export's files into a new folder."""
    folder.mkdir(parents=True)
    for name, content in exported.files.items():
        (folder / name).write_bytes(content)
    return folder


def read_back(exported: Exported, folder: Path) -> Reading:
    """Read an export again: all of it, the same facts, and nothing wrong with them."""
    reading = read_paths([written(exported, folder)])
    assert (reading.quarantined, reading.skipped) == ((), ())
    assert [(file.rows, file.merged) for file in reading.files] == [
        (file.parsed, 0) for file in reading.files
    ]
    assert digest(reading.tables) == exported.digest
    assert audit(reading.tables) == ()
    return reading
