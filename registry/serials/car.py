"""Climate Action Reserve's serials: `CAR-1-US-1335-31-983-KS-2025-9205-1 to 5000`."""

from __future__ import annotations

import re

from registry.serials.parts import Parts, block_fields
from registry.serials.serial import Field, Serial, clean

REGISTRY = "CAR"
SHAPE = "CAR-1-US-1335-31-983-KS-2025-9205-1 to 5000"
LOOKS = re.compile("CAR(-.*)?")

_UNITS = {"1": "Climate Reserve Tonne", "ROC": "Registry Offset Credit, for compliance"}


def parse(text: str) -> Serial:
    """Read one CAR serial.

    Does not check that country, state and project type exist.

    Returns:
        A serial whose scope is everything before the range.

    Raises:
        IdentifierError: anything but registry, unit, country, project, project type, developer,
            state, vintage, batch and range.

    Source: the registry's Serial Number Guide and its public exports.
    """
    parts = Parts(REGISTRY, text)
    head, start, end = parts.range_to(clean(text, spaced=True), SHAPE)
    values = parts.split(head, SHAPE.rpartition("-")[0], 9)
    prefix, unit, country, project, kind, developer, state, vintage, batch = values
    if prefix != REGISTRY:
        raise parts.refused(f"expected CAR at the beginning, got {prefix!r}")
    if unit not in _UNITS:
        raise parts.refused(f"expected the unit type 1 or ROC, got {unit!r}")
    country = parts.country(country)
    project = parts.number("the project", project)
    kind = parts.number("the project type", kind)
    developer = parts.number("the developer", developer)
    state = parts.country(state, "the state")
    vintage = parts.year(vintage)
    batch = parts.number("the batch", batch)
    first, last = parts.block(start, end)
    scope = f"CAR-{unit}-{country}-{project}-{kind}-{developer}-{state}-{vintage}-{batch}"
    return Serial(
        registry=REGISTRY,
        scope=scope,
        base=1,
        raw=text,
        canonical=f"{scope}-{first} to {last}",
        fields=(
            Field("prefix", prefix, "Climate Action Reserve"),
            Field("unit", unit, _UNITS[unit]),
            Field("country", country, "host country, ISO 3166-1 alpha-2"),
            Field("project", project, "project number"),
            Field("type", kind, "number of the project type (4 is landfill gas)"),
            Field("developer", developer, "number of the project developer"),
            Field("state", state, "state, two letters"),
            Field("vintage", vintage, "vintage year"),
            Field("batch", batch, "issuance batch number"),
            *block_fields(first, last),
        ),
        first=first,
        last=last,
    )
