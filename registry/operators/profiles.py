"""The registries that a world can open, and how each keeps its record.

What a registry does is said in a file, so that others join without code: `profiles/*.yaml` has
those of the pilot and two models of others, and `docs/profiles.md` and `docs/profile.schema.json`
say what may stand in such a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from registry.errors import ProfileError, RegistryError
from registry.operators import reading, templates
from registry.operators.numbering import check_serials
from registry.records.action import CHAINS_MAX
from registry.records.base import Record
from registry.records.identity import NAME_MAX_BYTES, TEXT_MAX_BYTES, check_name, check_text
from registry.units import DAY_S

Mode = Literal["native", "mirrored"]
"""Native: the chain is the registry's record, and retirement takes one step (ICR). Mirrored: the
registry's database is its record, and retirement is requested, then finalised (EcoRegistry)."""

LAG_MAX_S = 100 * 366 * 86_400
"""A hundred years."""


STATUSES: Mapping[str, str] = {
    "issuance": "Issued",
    "transfer": "Transferred",
    "retirement": "Retired",
    "cancellation": "Cancelled",
    "lock": "Locked",
    "release": "Active",
    "import": "Imported",
    "export": "Exported",
    "return": "Returned",
}
"""Kind of line in a book -> what became of the credits, for a registry without its own words."""


def _kept(check: Any, field: str) -> AfterValidator:
    """Check a text as the records do; pydantic hears of it as it expects to."""

    def checked(text: str) -> str:
        try:
            return str(check(field, text))
        except RegistryError as error:
            raise ValueError(getattr(error, "expected", str(error))) from error

    return AfterValidator(checked)


def _said(text: str) -> str:
    if not text.strip():
        raise ValueError("expected a text that is not blank")
    return text


def _words(given: Mapping[str, str]) -> Mapping[str, str]:
    for kind in given:
        if kind not in STATUSES:
            raise ValueError(f"expected kinds of lines: {', '.join(STATUSES)}; got {kind}")
    return {**STATUSES, **given}


def _apart(given: Mapping[str, Use]) -> Mapping[str, Use]:
    # A use is asked for by its purpose or by its code, which may be the same words.
    names = [{purpose.casefold(), use.code.casefold()} for purpose, use in given.items()]
    if len(set().union(*names)) < sum(map(len, names)):
        raise ValueError("expected purposes and codes that differ in more than their case")
    return given


def _template(text: str) -> str:
    templates.parts_of(text)
    return text


def _text(most: int, pattern: str) -> dict[str, Any]:
    """Say what a text is like in a schema.

    A schema counts letters, records count bytes of UTF-8 in normal form C: in that form, what is
    too long for the one is for the other.
    """
    return {"type": "string", "minLength": 1, "maxLength": most, "pattern": pattern}


NAME = _text(NAME_MAX_BYTES, r"^[^@\s](.*\S)?$")
TEXT = _text(TEXT_MAX_BYTES, r"\S")
TEMPLATE = _text(templates.LETTERS_MAX, templates.SHAPE)

Name = Annotated[str, _kept(check_name, "registry"), WithJsonSchema(NAME)]
Text = Annotated[str, _kept(check_text, "text"), AfterValidator(_said), WithJsonSchema(TEXT)]
Template = Annotated[str, AfterValidator(_template), WithJsonSchema(TEMPLATE)]
Seconds = Annotated[int, Field(ge=0, le=LAG_MAX_S)]


class Serials(Record):
    """How a registry numbers and prints serials.

    Attributes:
        scope: Template of what stands before, or around, the block: text with places in braces.
        ex_ante: The same for expected credits, whose serials are never those of verified ones.
        base: Number of a scope's first serial.
        counter: Whether each scope counts its own serials, or one count serves all the registry.
    """

    scope: Template = "{name}-{country}-{project}-{vintage}"
    ex_ante: Template = "{name}-{country}-{project}-{vintage}-ex-ante"
    base: Literal[0, 1] = 1
    counter: Literal["scope", "registry"] = "scope"


class Form(Record):
    """What a registry calls one form of its credits.

    Attributes:
        word: The registry's word.
        unit: Its code in serials, where their template has a place for it.
    """

    word: Text
    unit: Annotated[str, Field(pattern=f"^{templates.UNIT.pattern}$")] = ""


class Forms(Record):
    """Forms of credits.

    Attributes:
        ex_post: Verified ones.
        ex_ante: Expected ones; null where the registry issues none.
    """

    ex_post: Form = Form(word="verified credit")
    ex_ante: Form | None = Form(word="expected credit")


class Use(Record):
    """A use for which a registry retires.

    Attributes:
        code: Under which it is eligible.
        needs_subject: Whether the claim must name a passive subject, who owes a tax.
        must_be_stated: Whether credits are eligible only where that was said of them; else what
            nothing was said of may be used.
    """

    code: Text
    needs_subject: bool = False
    must_be_stated: bool = False


class Delay(Record):
    """How long a step takes, and where the figure comes from.

    Attributes:
        seconds: From its beginning to its end.
        source: What says so, or why it is assumed.
        is_assumption: Whether it is an assumption, and not what somebody published.
    """

    seconds: Seconds
    source: Text
    is_assumption: bool


_A_DAY = Delay(seconds=DAY_S, source="a working day of the operator's staff", is_assumption=True)


class Delays(Record):
    """How long a registry takes from a request until its step is done.

    Attributes:
        lock, release: A step of the operator's own.
        issue: To issue what needs no review: a mirror, or credits upon a retirement. The review of
            a conversion takes ten days, or as long as this if that is longer.
        cancel: From the day on which its credits are issued anew elsewhere until it cancels them.
        finalise: From a holder's request until a retirement is final.
        relay: Until a message of its bridge, or its answer to another's, is at the other side.
    """

    lock: Delay = _A_DAY
    release: Delay = _A_DAY
    issue: Delay = _A_DAY
    cancel: Delay = Delay(
        seconds=8 * DAY_S,
        source="median of 13 conversions from ACR and CAR to ARB in published exports, 1 to 21 "
        "days; that another registry takes as long",
        is_assumption=True,
    )
    finalise: Delay = _A_DAY
    relay: Delay = Delay(
        seconds=60, source="a relayer that looks once a minute", is_assumption=True
    )


class Profile(Record):
    """How one registry works.

    Attributes:
        name: By which its world knows it; not beginning with "@", which is for roles.
        about: What it is a model of, and on what grounds.
        mode: native: the chain is its record, and retirement takes one step. mirrored: its
            database is, and retirement is requested, then finalised.
        lag_s: How long its book may be without what the ledger has. 0 for all of ours: an operator
            writes at once unless told otherwise, which is an assumption.
        chain: On which of its world's chains it is, from 1.
        statuses: Kind of line in its book -> the registry's word; where it has none, ours.
        serials: How it numbers and prints serials.
        forms: What it calls verified and expected credits.
        retires_kilograms: Whether it takes retirements in kilograms, beside those in tonnes.
        uses: Purpose -> what a retirement for it needs.
        only_these_uses: Whether it retires for no other purpose.
        buffer_mark: What stands in the serials of buffer credits, where their template has a
            place for it; null where the registry has no buffer.
        regulator: Whether somebody above its operator can freeze and move credits.
        approves_issues: Whether what is issued is frozen until that regulator approves it.
        certificates: Whether it hands out a certificate for each retirement.
        delays: How long its steps take.
    """

    name: Name
    about: Text = "A registry of a plain form of ours"
    mode: Mode
    lag_s: Seconds = 0
    chain: Annotated[int, Field(ge=1, le=CHAINS_MAX)] = 1
    statuses: Annotated[Mapping[str, Text], AfterValidator(_words)] = STATUSES
    serials: Serials = Serials()
    forms: Forms = Forms()
    retires_kilograms: bool = False
    uses: Annotated[Mapping[Text, Use], AfterValidator(_apart)] = {}
    only_these_uses: bool = False
    buffer_mark: Annotated[str, Field(pattern=f"^{templates.MARK.pattern}$")] | None = ""
    regulator: bool = True
    approves_issues: bool = False
    certificates: bool = True
    delays: Delays = Delays()

    @model_validator(mode="wrap")
    @classmethod
    def _translate(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            made = handler(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            path = tuple(part for part in first["loc"] if part != "[key]")
            expected = _expected(first["type"], str(first["msg"]))
            raise ProfileError(None, None, reading.key_text(path), expected) from error
        made._check()
        return made

    def _check(self) -> None:
        """Refuse keys that contradict each other."""
        if self.only_these_uses and not self.uses:
            raise ProfileError(None, None, "only_these_uses", "expected uses")
        if self.approves_issues and not self.regulator:
            raise ProfileError(None, None, "approves_issues", "expected a regulator")
        if self.buffer_mark and "buffer" not in templates.places_of(self.serials.scope):
            expected = "expected {buffer} in the scope of the serials"
            raise ProfileError(None, None, "buffer_mark", expected)
        check_serials(self)

    def is_alike(self, other: Profile) -> bool:
        """Say whether two profiles differ only in what a world may set: mode, lag and chain."""
        free = {"mode": self.mode, "lag_s": self.lag_s, "chain": self.chain}
        return self == other.model_copy(update=free)

    def word(self, kind: str) -> str:
        """Return the registry's word for a kind of line."""
        return self.statuses[kind]

    def use(self, purpose: str) -> Use | None:
        """Return what a retirement for a purpose needs; None for one that is not on the list."""
        folded = purpose.casefold()
        return next((use for known, use in self.uses.items() if known.casefold() == folded), None)


def _expected(kind: str, message: str) -> str:
    """Say in our words what pydantic found."""
    if kind == "extra_forbidden":
        return "expected no such key"
    if kind == "missing":
        return "expected this key"
    text = message.removeprefix("Value error, ")
    if text.startswith("expected") or ": expected" in text:
        return text
    return f"expected {text.removeprefix('Input should be ')}"


def load_profile(path: str | Path) -> Profile:
    """Read a registry's profile from a file.

    Raises:
        ProfileError: what it says is no profile; nothing is guessed.
    """
    if not isinstance(path, str | Path):
        expected = f"expected the path of a file, not {type(path).__name__}"
        raise ProfileError(None, None, "", expected)
    name = str(path)
    document = reading.read_document(Path(path))
    if not isinstance(document.value, dict):
        raise ProfileError(name, document.places.get(()), "", "expected a mapping of keys")
    try:
        return Profile.model_validate(document.value)
    except ProfileError as error:
        places = {reading.key_text(path): place for path, place in document.places.items()}
        key = error.key
        while key and key not in places:
            key = key.rpartition(".")[0]
        raise ProfileError(name, places.get(key), error.key, error.expected) from error


class _Shipped(Mapping[str, Profile]):
    """The profiles of this package, each read when it is first asked for."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._read: dict[str, Profile] = {}

    def __getitem__(self, name: str) -> Profile:
        if name not in self._read:
            folder = Path(__file__).with_suffix("")
            self._read[name] = load_profile(folder / f"{self._files[name]}.yaml")
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


PROFILES: Final[Mapping[str, Profile]] = _Shipped(
    {
        "ICR": "icr",
        "EcoRegistry": "ecoregistry",
        "S&P": "sp_global",
        "Verra-like": "verra_like",
        "Gold Standard-like": "gold_standard_like",
    }
)
"""The three registries of the pilot and models of two others; sources in the files."""


def profile_of(name: str, mode: Mode | None = None) -> Profile:
    """Return a registry's profile; any other name is a native registry unless told otherwise."""
    known = PROFILES[name] if name in PROFILES else _plain().model_copy(update={"name": name})
    return known if mode is None else known.model_copy(update={"mode": mode})


@cache
def _plain() -> Profile:
    # Checked once: it says the same whatever the name.
    return Profile(name="Plain", mode="native")


def buffer_account(registry: str) -> str:
    """Return the name of the account that holds a registry's buffer credits."""
    return f"Buffer of {registry}"


def conversion_account(registry: str) -> str:
    """Return the name of the account through which verified credits reach who expected them."""
    return f"Conversions of {registry}"
