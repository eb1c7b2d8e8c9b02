"""Hypothesis strategies for the serials of every grammar, and for texts that nearly are serials."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from hypothesis import strategies as st

NUMBERS = st.one_of(st.integers(1, 99_999), st.integers(1, 2**63 - 1))
CODES = st.integers(1, 999_999)
YEARS = st.integers(1900, 2099)
LETTERS = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
MARKS = st.sampled_from(["BF", "BFC", "BFI", "GB", "LTR"])
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
COUNTRIES = st.tuples(LETTERS, LETTERS).map("".join)
LAST_MAX = (2**63 - 1) // 1_000_000


class Sample(NamedTuple):
    """A serial as it is made up here.

    Attributes:
        registry: Whose grammar must read it.
        form: Its canonical text, with "#" before every number that zeros may stand before.
    """

    registry: str
    form: str

    @property
    def text(self) -> str:
        """The canonical text."""
        return self.form.replace("#", "")

    @property
    def is_usual(self) -> bool:
        """Say whether all numbers are short enough to be read by the column: below 10^18."""
        return re.search("#[0-9]{19}", self.form) is None

    def padded(self, zeros: int) -> str:
        """The same serial with zeros before its numbers, as far as these are short enough."""
        head, *numbers = self.form.split("#")
        return head + "".join(
            text if text[:10].isdigit() else "0" * zeros + text for text in numbers
        )


@st.composite
def blocks(draw: st.DrawFn, most: int = LAST_MAX) -> tuple[int, int]:
    bound = st.one_of(st.integers(1, 10**6), st.integers(1, most), st.just(most))
    first, last = sorted((draw(bound), draw(bound)))
    return first, last


@st.composite
def periods(draw: st.DrawFn) -> str:
    start, end = sorted((draw(DAYS), draw(DAYS)))
    return f"{start:%d%m}{start.year}-{end:%d%m}{end.year}"


@st.composite
def verra(draw: st.DrawFn) -> Sample:
    first, last = draw(blocks())
    form = (
        f"#{draw(NUMBERS)}-#{first}-#{last}-VCS-VCU-#{draw(st.integers(0, 9999))}-VER-"
        f"{draw(COUNTRIES)}-#{draw(NUMBERS)}-#{draw(NUMBERS)}-{draw(periods())}-"
        f"{draw(st.integers(0, 1))}"
    )
    return Sample("Verra", form)


@st.composite
def gold_standard(draw: st.DrawFn) -> Sample:
    first, last = draw(blocks())
    form = (
        f"GS1-#{draw(CODES)}-{draw(COUNTRIES)}-GS#{draw(NUMBERS)}-#{draw(NUMBERS)}-"
        f"{draw(YEARS)}-#{draw(NUMBERS)}-#{first}-#{last}"
    )
    return Sample("Gold Standard", form)


@st.composite
def kyoto(draw: st.DrawFn) -> Sample:
    first, last = draw(blocks())
    head = f"{draw(COUNTRIES)}-#{draw(st.integers(1, 9))}"
    codes = [f"#{draw(st.integers(0, 9))}" for _ in range(3)]
    tail = "-".join([*codes, f"#{draw(st.integers(1, 10**9))}"])
    return Sample("CDM", f"{head}-#{first}-{tail} - {head}-#{last}-{tail}")


@st.composite
def batches(draw: st.DrawFn) -> Sample:
    first, last = draw(blocks())
    prefix = draw(st.sampled_from(["ACR", "ART", "FCPF"]))
    form = (
        f"{prefix}-{draw(COUNTRIES)}-#{draw(NUMBERS)}-{draw(YEARS)}-#{draw(NUMBERS)}-"
        f"#{first} to #{last}"
    )
    return Sample("ACR" if prefix == "ACR" else "ART", form)


@st.composite
def car(draw: st.DrawFn) -> Sample:
    first, last = draw(blocks())
    form = (
        f"CAR-{draw(st.sampled_from(['1', 'ROC']))}-{draw(COUNTRIES)}-#{draw(NUMBERS)}-"
        f"#{draw(CODES)}-#{draw(CODES)}-{draw(COUNTRIES)}-{draw(YEARS)}-#{draw(NUMBERS)}-"
        f"#{first} to #{last}"
    )
    return Sample("CAR", form)


@st.composite
def sp_global(draw: st.DrawFn) -> Sample:
    first, last = draw(blocks())
    form = (
        f"{draw(st.sampled_from(['WCC', 'PC', 'X1']))}-"
        f"{draw(st.sampled_from(['PIU', 'WCU', 'PCU']))}-{draw(COUNTRIES)}-#{draw(NUMBERS)}-"
        f"{draw(periods())}-#{first}-#{last}-MER-#{draw(st.integers(0, 9))}-{draw(LETTERS)}"
    )
    return Sample("S&P", form)


@st.composite
def puro(draw: st.DrawFn) -> Sample:
    first, last = draw(blocks())
    issuance = str(draw(st.uuids())).upper()
    head = (
        f"PURO_PR_{draw(st.sampled_from(['CORC', 'CORC20+', 'CORC100+']))}_{draw(COUNTRIES)}_"
        f"#{draw(NUMBERS)}_{draw(YEARS)}_"
    )
    return Sample("Puro", f"{draw(st.sampled_from([head, '']))}{issuance}_#{first}-#{last}")


@st.composite
def puro_products(draw: st.DrawFn) -> Sample:
    product = draw(st.text("0123456789", min_size=18, max_size=18))
    bounds = st.integers(1, 10**12 - 1)
    first, last = sorted((draw(bounds), draw(bounds)))
    return Sample("Puro", f"{product}{first:012}-{product}{last:012}")


@st.composite
def itmos(draw: st.DrawFn) -> Sample:
    form = (
        f"CA{draw(st.integers(1, 99_999)):04}-{draw(COUNTRIES)}{draw(st.integers(0, 99)):02}-"
        f"{draw(COUNTRIES)}-#{draw(st.integers(1, LAST_MAX))}-{draw(YEARS)}"
    )
    return Sample("ITMO", form)


@st.composite
def undp(draw: st.DrawFn) -> Sample:
    first, last = draw(blocks())
    form = (
        f"{draw(COUNTRIES)}-ITMO-#{draw(st.integers(1, 15))}-#{draw(NUMBERS)}-{draw(YEARS)}-0-"
        f"#{first}-#{last}"
    )
    return Sample("UNDP", form)


@st.composite
def cad_trust(draw: st.DrawFn) -> Sample:
    first, last = sorted((draw(st.integers(0, 99)), draw(st.integers(0, LAST_MAX - 1))))
    # No text that another grammar would claim for its own.
    prefix = draw(LETTERS) + draw(st.text("ABC019._/", max_size=8)) + draw(st.sampled_from("XY._/"))
    return Sample("CAD Trust", f"{prefix}#{first}-{prefix}#{last}")


@st.composite
def icr(draw: st.DrawFn) -> Sample:
    calling = str(draw(st.integers(1, 999)))
    if draw(st.booleans()):
        calling += f"-{draw(st.integers(0, 9999))}"
    form = (
        f"{draw(st.sampled_from(['ICR', 'FCC']))}-{draw(COUNTRIES)}{draw(LETTERS)}-{calling}-"
        f"#{draw(NUMBERS)}-#{draw(st.integers(1, 99))}-{draw(st.sampled_from('ARH'))}-"
        f"{draw(st.sampled_from('01'))}-{draw(YEARS)}"
    )
    return Sample("ICR", form)


@st.composite
def ecoregistry(draw: st.DrawFn) -> Sample:
    pair_letters = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=2)
    pair = [draw(pair_letters), draw(pair_letters)]
    place = [draw(COUNTRIES), str(draw(CODES))]
    sector, verification = f"#{draw(st.integers(1, 99))}", str(draw(st.integers(1, 999)))
    codes = [str(draw(CODES)) for _ in range(5)]
    if draw(st.booleans()):
        parts = ["CDB", f"#{draw(NUMBERS)}", *codes, sector, *pair, *place]
    else:
        parts = [draw(st.sampled_from(["CDC", "IC"]))]
        parts += ["R"] if draw(st.booleans()) else []
        parts += [f"#{draw(NUMBERS)}", *codes[:3], sector]
        parts += draw(st.sampled_from([[], place, pair + place]))
    year = str(draw(YEARS))
    mark = draw(MARKS)
    tails = [[], [year], [mark], [year, mark], [mark, year]]
    form = "_".join([*parts, verification, *draw(st.sampled_from(tails))])
    if draw(st.booleans()):
        # Some of these count from 0, and their last serial is one lower.
        first, last = draw(blocks(LAST_MAX - 1))
        form += f" from #{first} to #{last}"
    return Sample("EcoRegistry", form)


EACH = {
    "Verra": verra(),
    "Gold Standard": gold_standard(),
    "CDM": kyoto(),
    "ACR and ART": batches(),
    "CAR": car(),
    "S&P": sp_global(),
    "Puro": puro(),
    "Puro's products": puro_products(),
    "ITMO": itmos(),
    "UNDP": undp(),
    "CAD Trust": cad_trust(),
    "ICR": icr(),
    "EcoRegistry": ecoregistry(),
}
ANY = st.one_of(*EACH.values())

_STRANGE = st.sampled_from(
    [
        *("-", "_", " ", "0", "1", "9", "A", "E", "+", ".", ",", ":", "/", "#", "=", "\\", "\t"),
        *("\u0661", "\uff11", "\u00b2", "\u2010", "\u2212", "\u00a0", "\u200b", "\u0131", "\0"),
        *("NaN", "#REF!", "1_000", "1e3", " to ", " TO ", " from ", " - ", "\n", "\U0001f4a5"),
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Write a serial with one to three small changes."""
    text: str = draw(ANY).text
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        until = min(len(text), at + draw(st.integers(0, 2)))
        change = draw(st.sampled_from(["cut", "insert", "swap", "double", "case"]))
        if change == "cut":
            text = text[:at] + text[until:]
        elif change == "insert":
            text = text[:at] + draw(_STRANGE) + text[until:]
        elif change == "swap":
            text = text[:at] + text[at:until][::-1] + text[until:]
        elif change == "double":
            text = text[:until] + text[at:]
        else:
            text = text[:at] + text[at:until].swapcase() + text[until:]
    return text


@st.composite
def strung(draw: st.DrawFn) -> str:
    """Write what is made of the pieces of serials and is hardly ever one."""
    pieces = st.sampled_from(
        [
            *("ACR", "CAR", "ART", "FCPF", "GS1", "GS12", "VCS", "VCU", "VER", "MER", "ITMO"),
            *("PURO", "PR", "CA0012", "ICR", "CDC", "US", "KS", "ROC", "PIU", "WCU", "EU01"),
            *("1", "0", "12", "2023", "30022023", "31122017", "9223372036854", "9" * 19, "ABC7"),
            *(" to ", " from ", "40980B1A-CFF7-4C78-9CC5-A3A2F18C7E0D", "\u0661", "1e3", "NaN"),
        ]
    )
    joints = st.sampled_from(["-", "-", "-", "_", " - ", " to ", ""])
    parts = draw(st.lists(st.tuples(pieces, joints), min_size=1, max_size=14))
    return "".join(piece + joint for piece, joint in parts)


HOSTILE = st.one_of(mutated(), strung(), st.text(max_size=60))
