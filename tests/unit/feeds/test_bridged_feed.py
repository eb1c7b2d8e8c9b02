from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from registry.feeds import bridged
from registry.feeds.rows import Held
from tests.unit.feeds.exports import made, of, only, real, refusal

(TOKENS,) = bridged.FORMATS

CONTRACT = "0x" + "0123456789ABCDEFabcd" * 2
TOKEN = {
    "tokenAddress": CONTRACT,
    "registryProjectId": "VCS-875",
    "vintage": "2015",
    "projectName": "A project",
    "methodology": "ACM0002",
    "category": "Renewable Energy",
    "country": "India",
    "region": "",
    "tokenId": "7",
    "isExAnte": "false",
}
HELD = Held(
    registry="Verra",
    batch=f"{CONTRACT.lower()}/7",
    contract=CONTRACT.lower(),
    form="ex-post",
    project="875",
    vintage=2015,
)


def test_read_token_makes_a_token_that_nobody_is_said_to_hold() -> None:
    assert made(TOKENS, TOKEN) == [HELD]
    assert made(TOKENS, TOKEN | {"isExAnte": "TRUE"}) == [HELD._replace(form="ex-ante")]


def test_read_token_does_without_optional_columns() -> None:
    unsaid = {"batch": f"{CONTRACT.lower()}/0", "form": None, "vintage": None}
    assert made(TOKENS, only(TOKENS, TOKEN)) == [HELD._replace(**unsaid)]


@pytest.mark.parametrize(
    ("text", "vintage"),
    [("", None), ("2015-2016", None), ("2015 - 2015", 2015), ("1970", 1970), ("9999", 9999)],
)
def test_read_token_has_the_one_vintage_that_is_named(text: str, vintage: int | None) -> None:
    assert made(TOKENS, TOKEN | {"vintage": text}) == [HELD._replace(vintage=vintage)]


@pytest.mark.parametrize(
    ("text", "registry", "project"),
    [
        ("ICR-55", "ICR", "55"),
        ("PUR-133206", "Puro", "133206"),
        ("ECO-22", "EcoRegistry", "22"),
        ("GS-2446", "Gold Standard", "2446"),
        ("vcs-0875", "Verra", "875"),
        ("VCU-92", "VCU", "92"),
        ("CMARK-0", "CMARK", "0"),
        ("TVER-40", "TVER", "40"),
    ],
)
def test_read_token_names_the_registry_by_the_prefix(
    text: str, registry: str, project: str
) -> None:
    (row,) = made(TOKENS, TOKEN | {"registryProjectId": text})
    assert isinstance(row, Held)
    assert (row.registry, row.project) == (registry, project)


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [
        ("tokenAddress", "", "expected an address"),
        ("tokenAddress", CONTRACT[:-1], "expected an address"),
        ("tokenAddress", CONTRACT[:-1] + "g", "expected an address"),
        ("tokenId", "", "expected a token id"),
        ("tokenId", "1e3", "expected a token id"),
        ("tokenId", "1_000", "expected a token id"),
        ("tokenId", "\u0661", "expected a token id"),
        ("tokenId", "9" * 79, "expected a token id"),
        ("registryProjectId", "", "such as VCS-875, got ''"),
        ("registryProjectId", "875", "such as VCS-875, got '875'"),
        ("registryProjectId", "VCS-", "such as VCS-875"),
        ("vintage", "20x5", "expected a whole number in plain digits"),
        ("vintage", "10000", "expected at most 9999"),
        ("isExAnte", "perhaps", "expected true or false"),
    ],
)
def test_read_token_refuses_a_bad_cell(column: str, cell: str, expected: str) -> None:
    at, reason = refusal(TOKENS, TOKEN | {column: cell})
    assert at == column
    assert expected in reason


def test_read_token_takes_ids_as_large_as_a_contract_has() -> None:
    (row,) = made(TOKENS, TOKEN | {"tokenId": str(2**256 - 1)})
    assert isinstance(row, Held)
    assert row.batch == f"{CONTRACT.lower()}/{2**256 - 1}"


def test_the_real_list_reads_whole() -> None:
    rows = of(Held, real(TOKENS, "../bridged", "tokens.csv"))
    assert len(rows) == 1_072
    registries = Counter(row.registry for row in rows)
    assert (registries["ICR"], registries["Verra"], registries["Puro"]) == (636, 388, 35)
    contracts = defaultdict(set)
    for row in rows:
        contracts[row.registry, row.project, row.vintage].add(row.contract)
    shared = Counter(key[0] for key, several in contracts.items() if len(several) > 1)
    assert shared == {"Verra": 14, "Puro": 2}
