"""`serials parse`: a serial explained field by field."""

from __future__ import annotations

import pytest

from registry.serials.grammar import parse
from tests.e2e.command import run

ICR = "ICR-ISL-354-87-15-A-0-2023"
CDC = "CDC_18_5_11_321_14_XX_XA_CO_1_1_2021"


@pytest.mark.parametrize(("text", "registry"), [(ICR, "ICR"), (CDC, "EcoRegistry")])
def test_serials_parse_explains_each_field(text: str, registry: str) -> None:
    found = run("serials", "parse", text, "--json")
    assert found.code == 0
    body = found.body
    assert (body["schema"], body["registry"], body["scope"], body["base"]) == (1, registry, text, 1)
    assert all(set(field) == {"name", "value", "meaning"} for field in body["fields"])
    assert all(field["name"] and field["meaning"] for field in body["fields"])
    separator = text[3]
    assert [field["value"] for field in body["fields"]] == text.split(separator)


@pytest.mark.parametrize("text", [ICR, CDC])
def test_serials_parse_prints_what_json_says(text: str) -> None:
    found, body = run("serials", "parse", text), run("serials", "parse", text, "--json").body
    assert found.code == 0
    assert found.err == ""
    assert found.lines[0] == f"{body['registry']} serial, scope {text}, counts from 1"
    for field, line in zip(body["fields"], found.lines[3:], strict=True):
        assert line.split(maxsplit=2) == [field["name"], field["value"], field["meaning"]]


BLOCKS = {
    "Verra": "9344-82392553-82392562-VCS-VCU-262-VER-BR-14-1686-01012017-31122017-1",
    "Gold Standard": "GS1-1-UG-GS11236-16-2024-30307-1-19149",
    "CDM": "RW-5-1463953-2-2-0-7014 - RW-5-1467609-2-2-0-7014",
    "ACR": "ACR-US-1185-2025-3078-1 to 85847",
    "CAR": "CAR-ROC-US-1317-105-276-CA-2025-9389-1 to 32624",
    "ART": "FCPF-CI-130-2023-20-1 to 46404",
    "EcoRegistry": "CDC_1_1_1_321_14_1_2009 from 4426 to 4971",
    "S&P": "WCC-PIU-GB-103000000000198-01042020-31032030-1-250-MER-0-P",
    "Puro": "PURO_PR_CORC100+_FI_577166_2020_40980B1A-CFF7-4C78-9CC5-A3A2F18C7E0D_1-100",
    "ITMO": "CA0012-EU01-SP-1234500-2023",
    "UNDP": "VU-ITMO-11-356-2022-0-27-35",
    "CAD Trust": "ABC1000-ABC1010",
}


@pytest.mark.parametrize("registry", BLOCKS)
def test_serials_parse_explains_blocks_of_every_grammar(registry: str) -> None:
    text = BLOCKS[registry]
    body = run("serials", "parse", text, "--json").body
    serial = parse(text)
    assert (body["registry"], body["scope"], body["base"]) == (registry, serial.scope, serial.base)
    assert body["fields"] == [field._asdict() for field in serial.fields]
    found = run("serials", "parse", text)
    assert (found.code, found.err) == (0, "")
    counted = f"counts from {serial.base}"
    assert " ".join(found.out.split()).startswith(f"{registry} serial, scope {serial.scope}, ")
    assert counted in " ".join(found.out.split())
    cells = [line.split()[:2] for line in found.lines]
    for field in serial.fields:
        assert [field.name, field.value] in cells


def test_serials_parse_prints_one_text_for_all_spellings() -> None:
    old = BLOCKS["Verra"].replace("VCS-VCU-262-VER", "VCU-0262-VER")
    new = BLOCKS["Verra"]
    ours, theirs = run("serials", "parse", old, "--json"), run("serials", "parse", new, "--json")
    assert ours.body["scope"] == theirs.body["scope"] == "VCS"
    assert run("serials", "parse", BLOCKS["ACR"].lower()) == run("serials", "parse", BLOCKS["ACR"])


@pytest.mark.parametrize("registry", BLOCKS)
def test_serials_parse_refuses_a_truncated_serial(registry: str) -> None:
    found = run("serials", "parse", "--", BLOCKS[registry].rpartition("-")[0] or "CDC_1")
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith("error: ") and found.err.count("\n") == 1


def test_serials_parse_normalises_the_spelling() -> None:
    small = run("serials", "parse", ICR.lower())
    assert small.code == 0
    assert small == run("serials", "parse", ICR)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", "ICR", "ICR-ISL-354-87-15-A-0", f"{ICR}-1", f"{ICR} 1-", "nonsense"),
        *("[bold]ICR[/bold]", "ICR-ISL-354-87-15-A-0-23", "CDC_1", "\x00", "ICR\n", "💥" * 400),
    ],
)
def test_serials_parse_refuses_what_is_no_serial(text: str) -> None:
    found = run("serials", "parse", "--", text)
    assert found.code == 2
    assert found.out == ""
    assert found.err.startswith("error: ")
    assert " serial '" in found.err
    assert found.err.count("\n") == 1
    as_json = run("serials", "parse", "--json", "--", text)
    assert as_json.code == 2
    assert as_json.body["error"]["type"] == "IdentifierError"
