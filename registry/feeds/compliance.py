"""Compliance programmes of US states, as the registries that feed them name them.

California's Air Resources Board (ARB) and Washington's Department of Ecology (ECO) issue credits of
their own for a registry's project; the registry cancels its credits of the same reductions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.feeds.rows import Link

_ID = re.compile(r"[^\s,;/|]+")
_PROGRAMMES = (
    (re.compile("CA[A-Z]{2}[0-9]+"), "ARB"),
    (re.compile("ECY[A-Z]{2}[0-9]+"), "ECO"),
)
_CONVERT = r"(?:convert\w* to |cancell?ed for )?(?:an? )?"
_CREDITS = r"(?: compliance)?(?: offset credits?)?"
_TARGETS = (
    (re.compile(rf"{_CONVERT}ARB{_CREDITS}", re.IGNORECASE), "ARB"),
    (re.compile(rf"{_CONVERT}(?:WA )?(?:ECO|Ecology){_CREDITS}", re.IGNORECASE), "ECO"),
)
"""Why credits were cancelled, where another registry issues in their place."""


def conversion_target(reason: str) -> str | None:
    """Say which registry issues in place of what was cancelled for this reason; None if none."""
    words = " ".join(reason.split())
    return next((target for pattern, target in _TARGETS if pattern.fullmatch(words)), None)


def compliance_links(registry: str, project: str, *texts: str) -> Iterator[Link]:
    """Yield the links that a project's columns state, each once.

    Args:
        texts: What columns of ids say; any number of ids each, such as CAOD5052 (ARB) or
            ECYOD1185 (ECO). Other words are passed over.
    """
    found = dict.fromkeys(name.upper() for text in texts for name in _ID.findall(text))
    for name in found:
        for pattern, programme in _PROGRAMMES:
            if pattern.fullmatch(name):
                yield Link(registry, project, name, other_registry=programme, part=name)
