"""Where pyrevm has no wheel, there is no such chain to test."""

from __future__ import annotations

import importlib.util

collect_ignore_glob = (
    []
    if importlib.util.find_spec("pyrevm")
    else ["test_backend_*.py", "test_journal.py", "test_keep.py", "test_revm_machine.py"]
)
