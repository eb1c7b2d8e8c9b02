from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import IdentifierError, ProfileError
from registry.operators import reading
from registry.operators.numbering import base_of, check_scope, describe, scope_for, serial_text
from registry.operators.profiles import (
    PROFILES,
    STATUSES,
    Delay,
    Delays,
    Form,
    Forms,
    Profile,
    Serials,
    Use,
    buffer_account,
    load_profile,
    profile_of,
)
from registry.records.interval import Interval
from registry.serials.grammar import parse

ROOT = Path(__file__).parents[3]
T = 1_000_000
EACH = pytest.mark.parametrize("name", PROFILES)
SMALL = "name: Fjord\nmode: native\n"


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "profile.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def scope(name: str, **changed: Any) -> str:
    given: dict[str, Any] = {"country": "GB", "project": 7, "verification": 2, "vintage": 2024}
    return scope_for(profile_of(name), **{**given, "batch": 3, **changed})


# The profiles of the package.


def test_profiles_are_those_of_the_pilot_and_two_models() -> None:
    assert list(PROFILES) == ["ICR", "EcoRegistry", "S&P", "Verra-like", "Gold Standard-like"]
    modes = [PROFILES[name].mode for name in PROFILES]
    assert modes == ["native", *["mirrored"] * 4]
    assert len(PROFILES) == 5 and "Verra" not in PROFILES


@EACH
def test_profile_is_named_as_it_is_asked_for_and_says_what_it_models(name: str) -> None:
    profile = PROFILES[name]
    assert profile.name == name
    assert profile.about != Profile(name="A", mode="native").about
    assert set(profile.statuses) == set(STATUSES)


def delays() -> Iterator[tuple[str, str, Delay]]:
    for name in PROFILES:
        for step in Delays.model_fields:
            yield name, step, getattr(PROFILES[name].delays, step)


@pytest.mark.parametrize(("name", "step", "delay"), list(delays()))
def test_delay_names_its_source(name: str, step: str, delay: Delay) -> None:
    assert delay.source.strip()
    if not delay.is_assumption:
        assert (name, step) == ("ICR", "finalise")


def test_profiles_have_their_registries_words() -> None:
    eco = PROFILES["EcoRegistry"]
    assert [eco.word(kind) for kind in ("retirement", "release", "return", "issuance")] == [
        *("Withdrawn", "Unlocked", "Transferred back", "Issued")
    ]
    assert eco.retires_kilograms and not PROFILES["ICR"].retires_kilograms
    assert {purpose: use.code for purpose, use in eco.uses.items()} == {
        "voluntary": "CV",
        "CORSIA": "CORSIA",
        "Colombian carbon tax": "ICC",
        "Queretaro tax": "ICQ",
        "Colima tax": "MXCCT",
    }
    assert [purpose for purpose, use in eco.uses.items() if use.needs_subject] == [
        "Colombian carbon tax"
    ]
    assert eco.use("corsia") == Use(code="CORSIA") and eco.use("heat") is None
    forms = PROFILES["S&P"].forms
    assert forms.ex_ante is not None
    assert (forms.ex_ante.unit, forms.ex_post.unit) == ("PIU", "WCU")
    assert [name for name in PROFILES if PROFILES[name].regulator] == ["ICR", "S&P"]


def test_profile_of_another_name_is_native_and_plain() -> None:
    plain = profile_of("Nordic Peat")
    assert (plain.name, plain.mode, plain.lag_s, plain.statuses) == (
        *("Nordic Peat", "native", 0),
        STATUSES,
    )
    assert plain == Profile(name="Nordic Peat", mode="native")
    assert profile_of("Nordic Peat", "mirrored").mode == "mirrored"
    assert profile_of("ICR", "mirrored").serials == PROFILES["ICR"].serials
    assert buffer_account("ICR") == "Buffer of ICR"


def test_profiles_are_alike_whatever_a_world_sets() -> None:
    told = profile_of("ICR", "mirrored").model_copy(update={"lag_s": 5, "chain": 2})
    assert told.is_alike(PROFILES["ICR"])
    assert not told.is_alike(profile_of("S&P"))


# Serials.


@pytest.mark.parametrize(
    ("name", "kept", "printed"),
    [
        (
            "S&P",
            "S&P:WCC-WCU-GB-7-01012024-31122024-#-MER-0-P",
            "WCC-WCU-GB-7-01012024-31122024-1-250-MER-0-P",
        ),
        (
            "Verra-like",
            "Verra-like:3-#-VCS-VCU-1-VER-GB-14-7-01012024-31122024-0",
            "3-1-250-VCS-VCU-1-VER-GB-14-7-01012024-31122024-0",
        ),
        (
            "Gold Standard-like",
            "Gold Standard-like:GS1-1-GB-GS7-16-2024-3-#",
            "GS1-1-GB-GS7-16-2024-3-1-250",
        ),
        (
            "EcoRegistry",
            "CDC_7_1_1_321_14_XX_XA_GB_1_2_2024",
            "CDC_7_1_1_321_14_XX_XA_GB_1_2_2024 from 1 to 250",
        ),
    ],
)
def test_serials_are_printed_as_a_grammar_reads_them(name: str, kept: str, printed: str) -> None:
    assert scope(name) == kept
    assert describe(kept, [Interval(0, 250 * T)]) == (printed,)
    serial = parse(printed)
    assert str(serial) == printed
    assert (serial.first, serial.last, serial.project, serial.vintage) == (1, 250, 7, 2024)
    assert base_of(kept) == serial.base == parse(serial_text(kept)).base
    assert check_scope(kept, PROFILES[name]) == kept


def test_serials_of_expected_credits_are_never_those_of_verified_ones() -> None:
    assert scope("S&P", ex_ante=True) == "S&P:WCC-PIU-GB-7-01012024-31122024-#-MER-0-P"
    assert scope("ICR", ex_ante=True) == "ICR:ICR-GB-7-2024-ex-ante"
    assert scope("Plain", ex_ante=True) == "Plain:Plain-GB-7-2024-ex-ante"
    for name in ("S&P", "ICR", "Plain"):
        profile = profile_of(name)
        expected, verified = scope(name, ex_ante=True), scope(name)
        assert check_scope(expected, profile, ex_ante=True) == expected
        with pytest.raises(IdentifierError, match="expected a scope of verified credits"):
            check_scope(expected, profile)
        with pytest.raises(IdentifierError, match="expected a scope of expected credits"):
            check_scope(verified, profile, ex_ante=True)


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(0, 250_500_000), "W-1-250-P + 0.5 t of 251"),
        (Interval(250_500_000, 500 * T), "0.5 t of 251 + W-252-500-P"),
        (Interval(T // 2, 2 * T + T // 4), "0.5 t of 1 + W-2-2-P + 0.25 t of 3"),
        (Interval(6 * T, 7 * T), "W-7-7-P"),
        (Interval(6 * T, 6 * T + 1), "W-#-P 0.000001 t of 7"),
        (Interval(T // 2, T + T // 2), "W-#-P 0.5 t of 1 + 0.5 t of 2"),
    ],
)
def test_describe_prints_a_block_inside_its_serial(interval: Interval, text: str) -> None:
    assert describe("A registry:W-#-P", [interval]) == (text,)


def test_scopes_of_two_registries_with_one_template_differ() -> None:
    serials = Serials(scope="ICR-{country3}-{project}-{vintage}-{block}")
    names = ("ICR", "A:0", "A%3A0", "icr2")
    scopes = {
        scope_for(
            Profile(name=name, mode="native", serials=serials),
            country="IS",
            project=1,
            verification=1,
            vintage=2024,
        )
        for name in names
    }
    assert len(scopes) == len(names)
    assert {describe(text, [Interval(0, T)]) for text in scopes} == {("ICR-ISL-1-2024-1-1",)}


def test_scopes_count_from_zero_where_the_profile_says_so() -> None:
    profile = Profile(
        name="Zero",
        mode="native",
        serials=Serials(
            scope="{country}-{project}-{block}", ex_ante="{country}-{project}-X", base=0
        ),
    )
    text = scope_for(profile, country="IS", project=1, verification=1, vintage=2024)
    assert (text, base_of(text)) == ("Zero:0:IS-1-#", 0)
    assert describe(text, [Interval(0, 3 * T)]) == ("IS-1-0-2",)
    assert serial_text(text) == "IS-1-0-0"
    assert check_scope(text, profile) == text


@pytest.mark.parametrize(
    "text",
    [
        *("Verra-like:3-#-VCS-VCU-1-VER-GB-14-7-01012024-31122024-1", "Verra-like:#", "A:B-#"),
        *("S&P:3-#-VCS-VCU-1-VER-GB-14-7-01012024-31122024-0", "Verra-like:0:3-#"),
        "Verra-like:03-#-VCS-VCU-1-VER-GB-14-7-01012024-31122024-0",
        "Verra-like:3-1-1-VCS-VCU-1-VER-GB-14-7-01012024-31122024-0",
        "ICR-ISL-354-7-14-A-0-2024",
        *("", "VCS", None, 7, "x" * 10_000),
    ],
)
def test_check_scope_refuses_what_the_profile_does_not_write(text: Any) -> None:
    with pytest.raises(IdentifierError):
        check_scope(text, PROFILES["Verra-like"])


# Files.


@EACH
def test_profile_file_has_the_keys_of_the_schema_only(name: str) -> None:
    schema = json.loads((ROOT / "docs" / "profile.schema.json").read_text("utf-8"))
    path = ROOT / "registry" / "operators" / "profiles" / f"{slug(name)}.yaml"
    said = reading.read_document(path).value
    assert set(said) <= set(schema["properties"])
    assert set(schema["required"]) == {"name", "mode"} <= set(said)
    assert load_profile(path) == load_profile(str(path)) == PROFILES[name]


def slug(name: str) -> str:
    files = {"S&P": "sp_global"}
    return files.get(name, re.sub("[ -]", "_", name.lower()))


@pytest.mark.parametrize(
    ("page", "options"), [("profile.schema.json", []), ("profiles.md", ["--page"])]
)
def test_schema_and_page_are_fresh(page: str, options: list[str]) -> None:
    """To write them anew: python -m registry.operators.schema > docs/profile.schema.json
    python -m registry.operators.schema --page > docs/profiles.md"""
    command = [sys.executable, "-m", "registry.operators.schema", *options]
    made = subprocess.run(command, capture_output=True, check=True, cwd=ROOT).stdout
    assert made == (ROOT / "docs" / page).read_bytes()


def test_schema_refuses_unknown_keys_everywhere() -> None:
    schema = json.loads((ROOT / "docs" / "profile.schema.json").read_text("utf-8"))
    assert schema["additionalProperties"] is False
    assert all(part["additionalProperties"] is False for part in schema["$defs"].values())


def test_load_profile_reads_what_it_is_told_and_no_more(tmp_path: Path) -> None:
    text = (
        "\ufeff# A registry.\nname: 'Fjord: 2'\nmode: mirrored\nlag_s: 60\n"
        'statuses: {lock: "no"}\nuses:\n  "off": {code: "1"}\nretires_kilograms: true\n'
        "forms:\n  ex_post: {word: >-\n      two\n      words}\n  ex_ante: null\n"
    )
    with pytest.raises(ProfileError):
        load_profile(written(tmp_path, text))
    text = text.replace("{word: >-\n      two\n      words}", "{word: two words}")
    profile = load_profile(written(tmp_path, text))
    assert profile == Profile(
        name="Fjord: 2",
        mode="mirrored",
        lag_s=60,
        statuses={"lock": "no"},
        uses={"off": Use(code="1")},
        retires_kilograms=True,
        forms=Forms(ex_post=Form(word="two words"), ex_ante=None),
    )
    assert profile.word("lock") == "no" and profile.word("release") == "Active"


@pytest.mark.parametrize(
    ("text", "place", "key", "expected"),
    [
        (SMALL + "colour: blue\n", (3, 1), "colour", "no such key"),
        (SMALL + "serials:\n  scop: x\n", (4, 3), "serials.scop", "no such key"),
        (SMALL + "delays: {lock: {seconds: 1}}", (3, 10), "delays.lock.source", "this key"),
        ("mode: native\n", (1, 1), "name", "this key"),
        ("name: A\n", (1, 1), "mode", "this key"),
        (SMALL.replace("native", "both"), (2, 1), "mode", "'native' or 'mirrored'"),
        (SMALL.replace("native", "true"), (2, 1), "mode", "'native' or 'mirrored'"),
        (SMALL.replace("Fjord", "12"), (1, 1), "name", "valid string"),
        (SMALL.replace("Fjord", "' A'"), (1, 1), "name", "without spaces"),
        (SMALL.replace("Fjord", "'@A'"), (1, 1), "name", "does not begin with @"),
        (SMALL + 'lag_s: "60"\n', (3, 1), "lag_s", "valid integer"),
        (SMALL + "lag_s: true\n", (3, 1), "lag_s", "valid integer"),
        (SMALL + "lag_s: -1\n", (3, 1), "lag_s", "greater than or equal to 0"),
        (SMALL + "lag_s: 4000000000\n", (3, 1), "lag_s", "less than or equal"),
        (SMALL + "regulator: 1\n", (3, 1), "regulator", "valid boolean"),
        (SMALL + "chain: 9\n", (3, 1), "chain", "less than or equal to 8"),
        (SMALL + "retires_kilograms: 1\n", (3, 1), "retires_kilograms", "valid boolean"),
        (SMALL + "uses: [A]\n", (3, 1), "uses", "valid dictionary"),
        (SMALL + "statuses: {sale: Sold}\n", (3, 1), "statuses", "expected kinds of lines"),
        (SMALL + "statuses: {lock: ' '}\n", (3, 12), "statuses.lock", "not blank"),
        (SMALL + "uses: {A: {code: a}, a: {code: b}}\n", (3, 1), "uses", "more than their case"),
        (SMALL + "uses: {A: {code: a, of: b}}\n", (3, 21), "uses.A.of", "no such key"),
        (SMALL + "only_these_uses: true\n", (3, 1), "only_these_uses", "expected uses"),
        (
            SMALL + "regulator: false\napproves_issues: true\n",
            (4, 1),
            "approves_issues",
            "expected a regulator",
        ),
        (SMALL + "buffer_mark: BF\n", (3, 1), "buffer_mark", "expected {buffer} in the scope"),
        (SMALL + "buffer_mark: 'b f'\n", (3, 1), "buffer_mark", "pattern"),
        (SMALL + "forms: {ex_post: {word: a, unit: a}}", (3, 28), "forms.ex_post.unit", "pattern"),
        (SMALL + "serials: {base: 2}\n", (3, 11), "serials.base", "0 or 1"),
        (SMALL + "serials: {base: 0}\n", (3, 11), "serials.base", "expected 1, from which"),
        (SMALL + "serials: {scope: '{nam}'}\n", (3, 11), "serials.scope", "expected one of name"),
        (SMALL + "serials: {scope: '{name'}\n", (3, 11), "serials.scope", "places in braces"),
        (SMALL + "serials: {scope: ''}\n", (3, 11), "serials.scope", "1 to 120 letters"),
        (SMALL + "serials: {scope: 'a:b'}\n", (3, 11), "serials.scope", "ASCII letters"),
        (SMALL + "serials: {scope: 'a#b'}\n", (3, 11), "serials.scope", "ASCII letters"),
        (SMALL + "serials: {scope: 'a '}\n", (3, 11), "serials.scope", "no spaces around"),
        (
            SMALL + "serials: {scope: '{project}{batch}'}\n",
            *((3, 11), "serials.scope", "text between {project} and {batch}"),
        ),
        (
            SMALL + "serials: {scope: '{block}-{block}'}\n",
            *((3, 11), "serials.scope", "one {block} at most"),
        ),
        (
            SMALL + "serials: {scope: 'X-{project}', ex_ante: 'X-{project}'}\n",
            *((3, 33), "serials.ex_ante", "another scope than that of verified"),
        ),
        (
            SMALL + "serials: {ex_ante: '{name}-{country}-{vintage}-{project}'}\n",
            *((3, 11), "serials.ex_ante", "cannot be those of verified"),
        ),
        (SMALL + "uses: {A: {code: x}, B: {code: X}}\n", (3, 1), "uses", "purposes and codes"),
        (SMALL + "uses: {A: {code: b}, B: {code: x}}\n", (3, 1), "uses", "purposes and codes"),
        # What is no such YAML.
        ("", (1, 1), "", "a mapping, got nothing"),
        ("- a\n", (1, 1), "", "a mapping of keys"),
        ("a\n", (1, 1), "", "a mapping of keys"),
        (SMALL + "name: B\n", (3, 1), "name", "each key once"),
        (SMALL + "uses: {A: {code: a}, A: {code: b}}", (3, 22), "uses.A", "each key once"),
        (SMALL + "about: *x\n", (3, 8), "", "no alias"),
        (SMALL + "about: &x y\n", (3, 8), "", "no anchor"),
        (SMALL + "about: !!str y\n", (3, 8), "", "no tag"),
        (SMALL + "about: !!python/object/apply:os.system [ls]\n", (3, 8), "", "no tag"),
        (SMALL + "about: no\n", (3, 8), "", "text in quotes: 'no'"),
        (SMALL + "lag_s: 1000\n---\n", (4, 1), "", "one document"),
        (SMALL + "lag_s: 1e3\n", (3, 8), "", "text in quotes: '1e3'"),
        (SMALL + "about: 0o17\n", (3, 8), "", "text in quotes: '0o17'"),
        (SMALL + "lag_s: 010\n", (3, 8), "", "text in quotes: '010'"),
        (SMALL + "lag_s: 1_000\n", (3, 8), "", "text in quotes"),
        (SMALL + "lag_s: 1:30\n", (3, 8), "", "text in quotes"),
        (SMALL + "lag_s: 1.5\n", (3, 8), "", "text in quotes"),
        (SMALL + "about: 2024-01-01\n", (3, 8), "", "text in quotes"),
        (SMALL + f"lag_s: {'9' * 5000}\n", (3, 8), "", "text in quotes"),
        (SMALL + "<<: {a: b}\n", (3, 1), "", "text in quotes"),
        (SMALL + "1: b\n", (3, 1), "", "text for a key"),
        (SMALL + "? [a]\n: b\n", (3, 3), "", "text for a key"),
        (SMALL + "a: b: c\n", (3, 5), "", "expected YAML: mapping values"),
        (SMALL + "\ta: b\n", (3, 1), "", "expected YAML"),
        (SMALL + "about: 'a\n", (4, 1), "", "expected YAML"),
        (SMALL + "about: a\x07\n", (3, 9), "", "expected text"),
        (SMALL + "about: {a: " + "[" * 50 + "\n", (3, 18), "", "at most 8 levels"),
        (SMALL + "about: " + "[" * 50_000 + "\n", (3, 15), "", "at most 8 levels"),
        (SMALL + '"\\UFFFFFFFF": 1\n', (3, 4), "", "expected YAML"),
        (SMALL.encode() + b"about: caf\xe9\n", (3, 11), "", "expected UTF-8"),
        ("#" * reading.SIZE_MAX + "\n", None, "", "at most 65536 bytes"),
    ],
)
def test_load_profile_says_where_and_what_is_wrong(
    tmp_path: Path,
    text: str | bytes,
    place: tuple[int, int] | None,
    key: str,
    expected: str,
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    error = caught.value
    assert (error.path, error.key) == (str(path), key)
    assert expected in error.expected
    assert error.place == place
    assert (error.line, error.column) == (place or (None, None))
    assert str(path) in str(error) and error.expected in str(error)
    assert not place or f"line {place[0]}, column {place[1]}" in str(error)


def test_load_profile_refuses_an_alias_bomb_at_once(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    with pytest.raises(ProfileError, match="line 1, column 5: expected no anchor"):
        load_profile(written(tmp_path, "\n".join(rows)))


@pytest.mark.parametrize("path", ["none.yaml", ".", "a\0b"])
def test_load_profile_refuses_what_is_no_file(tmp_path: Path, path: str) -> None:
    with pytest.raises(ProfileError, match="expected"):
        load_profile(tmp_path / path)


@pytest.mark.parametrize("path", [None, True, 5, b"x", []])
def test_load_profile_refuses_what_is_no_path(path: Any) -> None:
    with pytest.raises(ProfileError, match="expected the path of a file, not"):
        load_profile(path)


def test_load_profile_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ProfileError, match="not a pipe"):
        load_profile(tmp_path / "pipe")


def test_profile_refuses_in_python_what_it_refuses_in_a_file() -> None:
    with pytest.raises(ProfileError, match="profile, key colour: expected no such key") as caught:
        Profile(name="A", mode="native", colour="blue")  # type: ignore[call-arg]
    assert (caught.value.path, caught.value.place) == (None, None)
    assert (caught.value.line, caught.value.column) == (None, None)


KEYS = st.sampled_from([*Profile.model_fields, "lock", "code", "scope", "ex_ante", "word", "x"])
VALUES = st.recursive(
    st.sampled_from(["native", "mirrored", "{project}-{block}", "a b", "'", "#", "{", "no"])
    | st.integers(-5, 10**20).map(str)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda found: f"[{', '.join(found)}]")
        | st.dictionaries(KEYS, inner, max_size=3).map(
            lambda found: "{" + ", ".join(f"{key}: {value}" for key, value in found.items()) + "}"
        )
    ),
    max_leaves=6,
)
LINES = st.lists(st.tuples(KEYS, VALUES).map(lambda pair: f"{pair[0]}: {pair[1]}"), max_size=4)


@given(
    st.one_of(
        st.text(),
        st.binary(),
        LINES.map("\n".join),
        LINES.map(lambda lines: SMALL + "\n".join(lines)),
    )
)
def test_law_any_file_is_a_profile_or_refused(
    tmp_path_factory: pytest.TempPathFactory, text: str | bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    try:
        profile = load_profile(path)
    except ProfileError as error:
        assert error.path == str(path)
        assert error.expected
    else:
        assert Profile.model_validate_json(profile.model_dump_json()) == profile
