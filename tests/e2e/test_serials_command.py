"""`serials parse`: a serial explained field by field."""

from __future__ import annotations

import pytest

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
