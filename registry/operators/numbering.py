"""How a simulated registry numbers a new batch: the scope of its serials, in the registry's style.

ICR and EcoRegistry get their own public styles. Any other registry gets a plain form of ours,
`{NAME}-{CC}-{project}-{vintage}`, which is no real registry's serial.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cache, lru_cache

from registry.errors import IdentifierError
from registry.records.identity import check_name
from registry.records.interval import Interval
from registry.serials import ecoregistry, icr
from registry.serials.grammar import parse, print_interval

_PLAIN_NAME = re.compile(r"[A-Za-z0-9&]+( [A-Za-z0-9&]+)*")
_GENERIC = re.compile(r"[A-Za-z0-9&.]+-[A-Z]{2}-[1-9][0-9]*-[0-9]{4}")


def scope_for(
    registry: str,
    *,
    country: str,
    project: int,
    verification: int,
    vintage: int,
    sector: int = 14,
    removal: bool = False,
    buffer: bool = False,
) -> str:
    """Write the serial prefix inside which a registry counts the serials of a new batch.

    Batches that get the same scope share one count: a later one continues where the one before
    ended, which is the caller's business. So it is for ICR and plain scopes whenever project and
    vintage are the same, whatever the verification.

    Args:
        registry: Name; "ICR" and "EcoRegistry" have styles of their own.
        country: Host country, ISO 3166-1 alpha-2, capitals.
        project: Project number, from 1.
        verification: Verification number, 1 to 999; only EcoRegistry's serials carry it.
        vintage: Year, 1900 to 2099.
        sector: CDM sectoral scope, from 1; 14 is land use.
        removal: Removal, not avoidance; only ICR's serials say so.
        buffer: Buffer credits; only EcoRegistry's serials carry a mark for them (BFC).

    Returns:
        Canonical scope text: for ICR and EcoRegistry its own grammar reads it back unchanged.

    Raises:
        IdentifierError: an unknown country, a country without telephone code (ICR), or a number
            out of range.
    """
    check_name("registry", registry)
    _check_number("project", project, 2**63 - 1)
    _check_number("verification", verification, 999)
    _check_number("sector", sector, 99)
    _check_number("vintage", vintage, 2099, least=1900)
    if not isinstance(country, str):
        raise IdentifierError(country, "country", "expected two capitals such as IS")
    alpha_3 = _alpha_3(country)
    if registry == icr.REGISTRY:
        kind = "R" if removal else "A"
        calling_code = _calling_code(country)
        return f"ICR-{alpha_3}-{calling_code}-{project}-{sector}-{kind}-0-{vintage}"
    if registry == ecoregistry.REGISTRY:
        mark = "BFC_" if buffer else ""
        return f"CDC_{project}_1_1_321_{sector}_XX_XA_{country}_1_{verification}_{mark}{vintage}"
    return f"{_slug(registry)}-{country}-{project}-{vintage}"


def base_of(scope: str) -> int:
    """Return the number of a scope's first serial, 0 or 1.

    Raises:
        IdentifierError: text that is neither a known registry's scope nor one of our plain ones.
    """
    if isinstance(scope, str) and len(scope) <= 1000 and _GENERIC.fullmatch(scope):
        return 1
    return parse(scope).base


def check_scope(scope: str, registry: str) -> str:
    """Return `scope` if it is this registry's, as the registry itself would spell it.

    Another spelling of a scope in use would be a scope of its own, and its serials free.

    Raises:
        IdentifierError: no scope, another registry's, or one that is spelled otherwise.
    """
    if isinstance(scope, str) and len(scope) <= 1000 and _GENERIC.fullmatch(scope):
        owner, canonical = scope.split("-")[0], scope
    else:
        serial = parse(scope)
        owner, canonical = _slug(serial.registry), serial.scope
    if owner != _slug(registry):
        raise IdentifierError(scope, "scope", f"expected a scope of {registry}")
    if scope != canonical:
        raise IdentifierError(scope, "scope", f"expected {_as_scope(canonical, registry)}")
    return scope


def _as_scope(canonical: str, registry: str) -> str:
    try:
        parse(canonical)
    except IdentifierError:
        # This registry's serials are read with their block only, so nothing else can name one.
        return f"a scope such as {_slug(registry)}-IS-1-2023, not a block"
    return f"it as {canonical}"


def describe(scope: str, intervals: Iterable[Interval]) -> tuple[str, ...]:
    """Print the serial ranges of a batch or disposition, in the order given.

    Returns:
        One text per interval, such as "ICR-ISL-354-1-14-A-0-2024 1-250 + 0.5 t of 251".

    Raises:
        IdentifierError: an unknown scope, or an interval out of bounds.
    """
    base = _base_of(scope)
    return tuple(f"{scope} {print_interval(interval, base)}" for interval in intervals)


_base_of = lru_cache(maxsize=4096)(base_of)
"""Scopes are printed as often as credits move, and reading one takes longer than all the rest."""


def describe_or_measure(scope: str, intervals: Iterable[Interval]) -> tuple[str, ...]:
    """Print serial ranges; grams of the scope where no grammar knows it."""
    given = tuple(intervals)
    try:
        return describe(scope, given)
    except IdentifierError:
        return tuple(f"{scope} {start_g} g until before {end_g} g" for start_g, end_g in given)


def _check_number(name: str, value: int, most: int, *, least: int = 1) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise IdentifierError(value, name, f"expected an int, not {type(value).__name__}")
    if not least <= value <= most:
        # A huge int has no text: printing it would raise ValueError.
        shown = value if abs(value) < 2**256 else "a huge int"
        raise IdentifierError(shown, name, f"expected {least} to {most}")


def _slug(registry: str) -> str:
    """Write a registry's name in the letters of a scope.

    Names that hold more than letters, digits, "&" and single spaces get six digits of a hash, so
    that two registries whose names differ in such letters only do not share their serials.
    """
    name = check_name("registry", registry)
    slug = re.sub(r"[^A-Za-z0-9&]+", ".", name).strip(".")
    if _PLAIN_NAME.fullmatch(name):
        return slug
    mark = hashlib.sha256(name.encode()).hexdigest()[:6]
    return f"{slug}.{mark}" if slug else mark


@cache
def _alpha_3(country: str) -> str:
    # Both country libraries are imported late: nothing but numbering needs their tables.
    import pycountry

    if not re.fullmatch("[A-Z]{2}", country):
        raise IdentifierError(country, "country", "expected two capitals such as IS")
    found = pycountry.countries.get(alpha_2=country)
    if found is None:
        raise IdentifierError(country, "country", "expected a country of ISO 3166-1")
    return str(found.alpha_3)


@cache
def _calling_code(country: str) -> str:
    """Return the telephone code, with the area code where countries share one: 354, 1-684."""
    import phonenumbers

    code = phonenumbers.country_code_for_region(country)
    if not code:
        expected = "expected a country with a telephone code, ICR's serials carry it"
        raise IdentifierError(country, "country", expected)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country)
    area = metadata.leading_digits if metadata else None
    return f"{code}-{area}" if code == 1 and area and area.isdigit() else str(code)
