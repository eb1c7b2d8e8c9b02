"""Serials of ART's platform, which prints two programmes in one form.

ART-GY-102-2021-11-2759599 to 2760598    ART
FCPF-CI-130-2023-20-1 to 46404           Forest Carbon Partnership Facility
"""

from __future__ import annotations

import re

from registry.serials.acr import parse_batch
from registry.serials.serial import Serial

REGISTRY = "ART"
SHAPE = "ART-GY-102-2021-11-2759599 to 2760598"
LOOKS = re.compile("(ART|FCPF)(-.*)?")

_PREFIXES = {
    "ART": "Architecture for REDD+ Transactions",
    "FCPF": "Forest Carbon Partnership Facility, on ART's platform",
}


def parse(text: str) -> Serial:
    """Read one serial of ART or FCPF.

    Does not check that the country exists.

    Returns:
        A serial whose scope is everything before the range, such as ART-GY-102-2021-11.

    Raises:
        IdentifierError: anything but programme, country, number, vintage, batch and range.

    Source: the registry's public exports; the decoding is ours.
    """
    return parse_batch(text, REGISTRY, SHAPE, _PREFIXES, "program")
