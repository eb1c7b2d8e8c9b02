"""American Carbon Registry's serials: `ACR-US-1185-2025-3078-1 to 85847`.

The registry has described them with a hyphen in the range, too: `ACR-US-192-2010-203-1-5000`.
"""

from __future__ import annotations

import re

from registry.serials.parts import Parts, block_fields
from registry.serials.serial import Field, Serial, clean

REGISTRY = "ACR"
SHAPE = "ACR-US-1185-2025-3078-1 to 85847"
LOOKS = re.compile("ACR(-.*)?")
_RANGE = re.compile("^((?:[^- ]+-){5}[0-9]+)-([0-9]+)$")


def parse(text: str) -> Serial:
    """Read one ACR serial.

    Does not check that the country exists.

    Returns:
        A serial whose scope is everything before the range, such as ACR-US-1185-2025-3078.

    Raises:
        IdentifierError: anything but registry, country, project, vintage, batch and range.

    Source: the registry's public exports; the decoding is ours.
    """
    return parse_batch(text, REGISTRY, SHAPE, {"ACR": "American Carbon Registry"}, "project")


def parse_batch(
    text: str, registry: str, shape: str, prefixes: dict[str, str], subject: str
) -> Serial:
    """Read PREFIX-COUNTRY-PROJECT-VINTAGE-BATCH-FIRST to LAST, the form ACR shares with ART."""
    parts = Parts(registry, text)
    head, start, end = parts.range_to(_RANGE.sub(r"\1 TO \2", clean(text, spaced=True)), shape)
    prefix, country, project, vintage, batch = parts.split(head, shape.rpartition("-")[0], 5)
    if prefix not in prefixes:
        raise parts.refused(f"expected {' or '.join(prefixes)} at the beginning, got {prefix!r}")
    country = parts.country(country)
    project = parts.number(f"the {subject}", project)
    vintage = parts.year(vintage)
    batch = parts.number("the batch", batch)
    first, last = parts.block(start, end)
    scope = f"{prefix}-{country}-{project}-{vintage}-{batch}"
    return Serial(
        registry=registry,
        scope=scope,
        base=1,
        raw=text,
        canonical=f"{scope}-{first} to {last}",
        fields=(
            Field("prefix", prefix, prefixes[prefix]),
            Field("country", country, "host country, ISO 3166-1 alpha-2"),
            Field("project", project, f"{subject} number"),
            Field("vintage", vintage, "vintage year"),
            Field("batch", batch, "issuance batch number"),
            *block_fields(first, last),
        ),
        first=first,
        last=last,
    )
