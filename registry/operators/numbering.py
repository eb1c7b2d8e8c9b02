"""How a simulated registry numbers a new batch: the scope of its serials, in the registry's style.

A registry's profile has a template for its scopes. What its own grammar reads, or what begins with
its name as the plain form `{NAME}-{CC}-{project}-{vintage}` does, is a scope as it is. Any other
text gets the registry's name in front, so that no two registries share a count however alike their
serials look: `Verra-like:7-#-VCS-VCU-1-VER-BR-14-1-01012024-31122024-0`, printed as
`7-1-250-VCS-VCU-1-VER-BR-14-1-01012024-31122024-0`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from registry.errors import IdentifierError, ProfileError
from registry.operators import templates
from registry.records.identity import check_name
from registry.records.interval import Interval
from registry.serials import ecoregistry
from registry.serials.grammar import parse, parse_interval, print_interval
from registry.units import AMOUNT_MAX_G

if TYPE_CHECKING:
    from registry.operators.profiles import Profile

_PLAIN_NAME = re.compile(r"[A-Za-z0-9&]+( [A-Za-z0-9&]+)*")
_GENERIC = re.compile(r"[A-Za-z0-9&.]+-[A-Z]{2}-[1-9][0-9]*-[0-9]{4}")
_NAMED = re.compile(r"(?P<owner>[^:]+):(?P<zero>0:)?(?P<text>[^:]+)")
_SCOPE_MAX_LETTERS = 1000
_RANGE = re.compile("from ([0-9]+) to ([0-9]+)")
_MEASURED = re.compile(" ([0-9]{1,19}) g until before ([0-9]{1,19}) g")


def scope_for(
    profile: Profile,
    *,
    country: str,
    project: int,
    verification: int,
    vintage: int,
    batch: int = 1,
    sector: int = 14,
    removal: bool = False,
    buffer: bool = False,
    ex_ante: bool = False,
) -> str:
    """Write the serial prefix inside which a registry counts the serials of a new batch.

    Batches that get the same scope share one count: a later one continues where the one before
    ended, which is the caller's business. So it is for ICR and plain scopes whenever project and
    vintage are the same, whatever the verification.

    Args:
        profile: The registry's.
        country: Host country, ISO 3166-1 alpha-2, capitals.
        project: Project number, from 1.
        verification: Verification number, 1 to 999.
        vintage: Year, 1900 to 2099.
        batch: Number of the batch among the project's.
        sector: CDM sectoral scope, from 1; 14 is land use.
        removal: Removal, not avoidance; only ICR's serials say so.
        buffer: Buffer credits, which get the registry's mark.
        ex_ante: Expected credits, which are counted apart.

    Returns:
        Canonical scope text: for ICR and EcoRegistry its own grammar reads it back unchanged.

    Raises:
        IdentifierError: an unknown country, a country without telephone code (ICR), or a number
            out of range.
    """
    _check_number("project", project, 2**63 - 1)
    _check_number("batch", batch, 2**63 - 1)
    _check_number("verification", verification, 999)
    _check_number("sector", sector, 99)
    _check_number("vintage", vintage, 2099, least=1900)
    if not isinstance(country, str):
        raise IdentifierError(country, "country", "expected two capitals such as IS")
    template = profile.serials.ex_ante if ex_ante else profile.serials.scope
    form = profile.forms.ex_ante if ex_ante else profile.forms.ex_post
    places = templates.places_of(template)
    values = {
        "name": _slug(profile.name),
        "country": country,
        "country3": _alpha_3(country),
        "calling_code": _calling_code(country) if "calling_code" in places else "",
        "project": str(project),
        "verification": str(verification),
        "vintage": str(vintage),
        "vintage_start": f"0101{vintage}",
        "vintage_end": f"3112{vintage}",
        "batch": str(batch),
        "sector": str(sector),
        "kind": "R" if removal else "A",
        "unit": form.unit if form else "",
        "buffer": profile.buffer_mark or "" if buffer else "",
    }
    text = templates.filled(template, values)
    return text if _stands_alone(text, profile.name) else _named(text, profile)


def _named(text: str, profile: Profile) -> str:
    return f"{_owner(profile.name)}:{'' if profile.serials.base else '0:'}{text}"


def _owner(registry: str) -> str:
    """Write a registry's name so that it ends where a scope's colon stands."""
    return registry.replace("%", "%25").replace(":", "%3A")


@lru_cache(maxsize=4096)
def _stands_alone(text: str, registry: str) -> bool:
    """Say whether a text is a scope of this registry without its name in front."""
    if _GENERIC.fullmatch(text):
        return text.split("-")[0] == _slug(registry)
    try:
        serial = parse(text)
    except IdentifierError:
        return False
    return serial.registry == registry and serial.scope == text


def check_serials(profile: Profile) -> None:
    """Check that a profile's serials are told apart and counted as it says.

    Raises:
        ProfileError: naming the key that is wrong.
    """
    sample = {"country": "IS", "project": 1, "verification": 1, "vintage": 2024}
    scope = scope_for(profile, **sample)  # type: ignore[arg-type]
    if base_of(scope) != profile.serials.base:
        raise _miscounted(scope)
    if profile.forms.ex_ante is None:
        return
    expected = scope_for(profile, **sample, ex_ante=True)  # type: ignore[arg-type]
    if expected == scope:
        what = "expected another scope than that of verified credits"
        raise ProfileError(None, None, "serials.ex_ante", what)
    if base_of(expected) != profile.serials.base:
        raise _miscounted(expected)
    # A number that is a year shows whether places have changed sides.
    numbered = {**sample, "project": 2023, "batch": 2023}
    for ex_ante in (False, True):
        text = scope_for(profile, **numbered, ex_ante=ex_ante)  # type: ignore[arg-type]
        named = _NAMED.fullmatch(text)
        if _is_written(named["text"] if named else text, profile, ex_ante=not ex_ante):
            what = "expected scopes that cannot be those of verified credits"
            raise ProfileError(None, None, "serials.ex_ante", what)


def _miscounted(scope: str) -> ProfileError:
    expected = f"expected {base_of(scope)}, from which {scope} counts"
    return ProfileError(None, None, "serials.base", expected)


class _Form(NamedTuple):
    """How the serials of a scope are printed.

    Attributes:
        text: The scope without its registry's name.
        style: "blocks" have first and last inside the text, "ranges" from and to after it;
            "ordinals" are ours, for registries that print neither.
    """

    text: str
    base: int
    style: Literal["ordinals", "blocks", "ranges"] = "ordinals"


@lru_cache(maxsize=4096)
def _form(scope: str) -> _Form:
    if isinstance(scope, str) and len(scope) <= _SCOPE_MAX_LETTERS:
        if _GENERIC.fullmatch(scope):
            return _Form(scope, 1)
        named = _NAMED.fullmatch(scope)
        if named:
            style: Literal["ordinals", "blocks"] = "ordinals"
            if templates.BLOCK in named["text"]:
                style = "blocks"
            return _Form(named["text"], 0 if named["zero"] else 1, style)
    serial = parse(scope)
    if serial.registry == ecoregistry.REGISTRY:
        return _Form(scope, serial.base, "ranges")
    return _Form(scope, serial.base)


def base_of(scope: str) -> int:
    """Return the number of a scope's first serial, 0 or 1.

    Raises:
        IdentifierError: text that is neither a known registry's scope nor one of our own.
    """
    return _form(scope).base


def check_scope(scope: str, profile: Profile, *, ex_ante: bool = False) -> str:
    """Return `scope` if it is this registry's, as the registry itself would spell it.

    Another spelling of a scope in use would be a scope of its own, and its serials free.

    Args:
        ex_ante: Of expected credits; their scopes are no verified ones', and the reverse.

    Raises:
        IdentifierError: no scope, another registry's, one that is spelled otherwise, or one of
            the other form of credits.
    """
    named = None
    if isinstance(scope, str) and len(scope) <= _SCOPE_MAX_LETTERS:
        named = _NAMED.fullmatch(scope)
    text = named["text"] if named else scope
    if named:
        is_own = scope == _named(text, profile)
        canonical = scope
    elif isinstance(scope, str) and _GENERIC.fullmatch(scope[:_SCOPE_MAX_LETTERS]):
        is_own = scope.split("-")[0] == _slug(profile.name)
        canonical = scope
    else:
        serial = parse(scope)
        is_own = serial.registry == profile.name
        canonical = serial.scope
    if not is_own:
        raise IdentifierError(scope, "scope", f"expected a scope of {profile.name}")
    if scope != canonical:
        raise IdentifierError(scope, "scope", f"expected {_as_scope(canonical, profile.name)}")
    is_expected = _is_written(text, profile, ex_ante=True)
    is_verified = _is_written(text, profile, ex_ante=False) or not (named or is_expected)
    if not (is_expected if ex_ante else is_verified):
        form = "expected" if ex_ante else "verified"
        raise IdentifierError(scope, "scope", f"expected a scope of {form} credits")
    return scope


def _is_written(text: str, profile: Profile, *, ex_ante: bool) -> bool:
    """Say whether the registry writes this text for one form of its credits."""
    form = profile.forms.ex_ante if ex_ante else profile.forms.ex_post
    template = profile.serials.ex_ante if ex_ante else profile.serials.scope
    return form is not None and templates.is_of(template, text, form.unit)


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
        One text per interval, such as "ICR-ISL-354-1-14-A-0-2024 1-250 + 0.5 t of 251". Whole
        serials are printed as the registry does, which may have them inside its serial.

    Raises:
        IdentifierError: an unknown scope, or an interval out of bounds.
    """
    form = _form(scope)
    return tuple(_printed(form, interval) for interval in intervals)


def _printed(form: _Form, interval: Interval) -> str:
    text = print_interval(interval, form.base)
    if form.style == "ordinals":
        return f"{form.text} {text}"
    pieces = text.split(" + ")
    for at, piece in enumerate(pieces):
        first, _, last = piece.partition("-")
        if not first.isdigit():
            continue
        if form.style == "blocks":
            pieces[at] = form.text.replace(templates.BLOCK, f"{first}-{last or first}")
            return " + ".join(pieces)
        pieces[at] = f"from {first} to {last or first}"
    return f"{form.text} {' + '.join(pieces)}"


def serial_text(scope: str) -> str:
    """Return a scope as its registry's grammar may read it: without the name in front, and with
    its first serial where it has a block."""
    named = _NAMED.fullmatch(scope)
    if not named:
        return scope
    first = 0 if named["zero"] else 1
    return named["text"].replace(templates.BLOCK, f"{first}-{first}")


def describe_or_measure(scope: str, intervals: Iterable[Interval]) -> tuple[str, ...]:
    """Print serial ranges; grams of the scope where no grammar knows it."""
    given = tuple(intervals)
    try:
        return describe(scope, given)
    except IdentifierError:
        return tuple(f"{scope} {start_g} g until before {end_g} g" for start_g, end_g in given)


def read_described(scope: str, text: str) -> Interval | None:
    """Read back what `describe_or_measure` prints of a scope, or the scope itself, which is all.

    Only the scope says whose serials a text names: two registries may print alike. What no scope
    printed so is for `registry.serials.grammar.parse`, which knows other spellings.

    Returns:
        The grams; None where this scope prints no such text.
    """
    # Most scopes of a world end here, before anything is parsed.
    if any(part not in text for part in scope.rpartition(":")[2].split(templates.BLOCK)):
        return None
    try:
        form = _form(scope)
    except IdentifierError:
        measured = _MEASURED.fullmatch(text.removeprefix(scope))
        interval = Interval(int(measured[1]), int(measured[2])) if measured else None
        return Interval(0, AMOUNT_MAX_G) if text == scope else interval
    if text in (scope, form.text):
        return Interval(0, AMOUNT_MAX_G)
    try:
        interval = parse_interval(_numbers(form, text), form.base)
    except IdentifierError:
        return None
    return interval if _printed(form, interval) == text else None


def _numbers(form: _Form, text: str) -> str:
    """Leave of a printed text what `parse_interval` reads."""
    numbers = text.removeprefix(f"{form.text} ")
    block = _RANGE
    if form.style == "blocks":
        around = (re.escape(part) for part in form.text.split(templates.BLOCK))
        block = re.compile("([0-9]+)-([0-9]+)".join(around))
    return block.sub(lambda of: of[1] if of[1] == of[2] else f"{of[1]}-{of[2]}", numbers, count=1)


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
