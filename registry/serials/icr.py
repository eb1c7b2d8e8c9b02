"""ICR's serials: `ICR-ISL-354-87-15-A-0-2023`.

One serial stands for one vintage of one project. It has no block numbers: inside it the registry
keeps amounts only, so this package counts ordinals from 1 in it. The meaning of the fields is
read from published contracts, subgraphs and data; what nothing explains is called unknown.
"""

from __future__ import annotations

import re

from registry.errors import IdentifierError
from registry.serials.serial import UNKNOWN, Field, Serial, clean, number

REGISTRY = "ICR"
SHAPE = "ICR-ISL-354-87-15-A-0-2023"
LOOKS = re.compile("(ICR|FCC)([-_ ].*)?")

_CALLING_CODE = re.compile(r"[1-9]\d{0,3}(-\d{1,4})?", re.ASCII)
_PREFIXES = ("ICR", "FCC")
_KINDS = {"A": "avoidance", "R": "removal", "H": UNKNOWN}


def parse(text: str) -> Serial:
    """Read one ICR serial.

    Does not check that the country exists or that the telephone code is its own.

    Raises:
        IdentifierError: anything but prefix, country, telephone code, project, sectoral scope,
            A, R or H, 0 or 1, and vintage year, joined by hyphens.

    Source: ICR's contracts (`VintageData.serialization`) and the vintages in its subgraph.
    """
    canonical = clean(text)
    parts = canonical.split("-")
    if "" in parts:
        empty = parts.index("")
        name = "the project number's" if empty in (3, 4) else f"number {empty + 1}"
        raise _refused(text, f"expected no empty part, but {name} of {len(parts)} is empty")
    if len(parts) == 9:
        # Nine parts are right only where the telephone code itself has a hyphen (ASM-1-684).
        parts[2:4] = ["-".join(parts[2:4])]
    if len(parts) != 8:
        raise _refused(text, f"expected 8 parts such as {SHAPE}, got {len(parts)}")
    prefix, country, calling, project, sector, kind, flag, year = parts
    if prefix not in _PREFIXES:
        raise _refused(text, "expected the prefix ICR or FCC")
    if not re.fullmatch(r"[A-Z]{3}", country):
        raise _refused(text, f"expected a country of three letters, got {country!r}")
    if not _CALLING_CODE.fullmatch(calling):
        raise _refused(text, f"expected a telephone code such as 354 or 1-684, got {calling!r}")
    project = number(text, "the project", project)
    sector = number(text, "the sectoral scope", sector)
    if kind not in _KINDS:
        raise _refused(text, f"expected A, R or H, got {kind!r}")
    if flag not in ("0", "1"):
        raise _refused(text, f"expected 0 or 1 before the year, got {flag!r}")
    if not re.fullmatch(r"(19|20)[0-9]{2}", year):
        raise _refused(text, f"expected a vintage year, got {year!r}")
    fields = (
        Field("prefix", prefix, "programme ICR" if prefix == "ICR" else UNKNOWN),
        Field("country", country, "host country, ISO 3166-1 alpha-3"),
        Field("calling_code", calling, "telephone code of the host country"),
        Field("project", project, "project number"),
        Field("sector", sector, "sectoral scope (14 is land use)"),
        Field("kind", kind, _KINDS[kind]),
        Field("flag", flag, UNKNOWN),
        Field("vintage", year, "vintage year"),
    )
    canonical = "-".join(field.value for field in fields)
    return Serial(
        registry=REGISTRY, scope=canonical, base=1, raw=text, canonical=canonical, fields=fields
    )


def _refused(text: str, expected: str) -> IdentifierError:
    return IdentifierError(text, "ICR serial", expected)
