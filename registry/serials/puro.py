"""Puro's certificates, in the three forms that are public.

    PURO_PR_CORC100+_FI_577166_2020_40980B1A-CFF7-4C78-9CC5-A3A2F18C7E0D_1-100    registry
    40980B1A-CFF7-4C78-9CC5-A3A2F18C7E0D_1-100                                    on chain
    643002406555908610000000140219-643002406555908610000000140220                 on chain, older

A range is unique only inside its issuance, which its UUID names: so the UUID is the scope, and a
block is found again whether the text before the UUID is printed or not. The older form has 18
digits of a product and 12 of a certificate at both ends; nothing public says which issuance such a
range belongs to.
"""

from __future__ import annotations

import re

from registry.serials.parts import Parts, block_fields
from registry.serials.serial import UNKNOWN, Field, Serial, clean

REGISTRY = "Puro"
SHAPE = "PURO_PR_CORC100+_FI_577166_2020_40980B1A-CFF7-4C78-9CC5-A3A2F18C7E0D_1-100"
LOOKS = re.compile(
    "PURO([-_ ].*)?|[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}(_.*)?|[0-9]{20,}-[0-9]{20,}"
)

_UUID = "[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"
_LONG = re.compile("([0-9]{18})([0-9]{12})-([0-9]{18})([0-9]{12})")


def parse(text: str) -> Serial:
    """Read one Puro certificate range.

    Does not check that the country exists, nor the check digit of a product.

    Returns:
        A serial in capitals; its scope is the issuance's UUID, or the 18 digits of the product.

    Raises:
        IdentifierError: none of the three forms.

    Source: Puro's public API documentation; `ToucanProtocol/contracts` for the forms on chain.
    """
    parts = Parts(REGISTRY, text)
    cleaned = clean(text)
    if "_" not in cleaned:
        return _product_range(parts, text, cleaned)
    values = parts.split(cleaned, SHAPE, 2, 8, separator="_")
    *head, issuance, block = values
    fields = _head(parts, head) if head else ()
    parts.matching("the issuance", issuance, _UUID, "a UUID")
    start, end = parts.split(block, "1-100", 2)
    first, last = parts.block(start, end)
    printed = "".join(f"{field.value}_" for field in fields)
    return Serial(
        registry=REGISTRY,
        scope=issuance,
        base=1,
        raw=text,
        canonical=f"{printed}{issuance}_{first}-{last}",
        fields=(
            *fields,
            Field("batch", issuance, "UUID of the issuance"),
            *block_fields(first, last),
        ),
        first=first,
        last=last,
    )


def _head(parts: Parts, head: list[str]) -> tuple[Field, ...]:
    prefix, code, product, country, facility, vintage = head
    if prefix != "PURO":
        raise parts.refused(f"expected PURO at the beginning, got {prefix!r}")
    code = parts.matching("the second part", code, "[A-Z]{1,4}", "letters such as PR")
    product = parts.matching("the product", product, r"[A-Z0-9]{1,12}\+?", "text such as CORC100+")
    return (
        Field("prefix", prefix, "Puro"),
        Field("code_1", code, UNKNOWN),
        Field("product", product, "kind of certificate, with its durability in years"),
        Field("country", parts.country(country), "country, ISO 3166-1 alpha-2"),
        Field("project", parts.number("the facility", facility), "production facility number"),
        Field("vintage", parts.year(vintage), "vintage year"),
    )


def _product_range(parts: Parts, text: str, cleaned: str) -> Serial:
    found = _LONG.fullmatch(cleaned)
    if not found:
        expected = f"expected text such as {SHAPE}, or two ends of 30 digits"
        raise parts.refused(expected)
    product, start, other, end = found.groups()
    if product != other:
        raise parts.refused("expected two ends that begin with the same 18 digits")
    first, last = parts.block(start, end)
    return Serial(
        registry=REGISTRY,
        scope=product,
        base=1,
        raw=text,
        # The digits are an id of fixed width, so their zeros are no padding.
        canonical=f"{product}{first:012}-{product}{last:012}",
        fields=(
            Field("product", product, "product, 18 digits at the beginning of both ends"),
            *block_fields(first, last),
        ),
        first=first,
        last=last,
    )
