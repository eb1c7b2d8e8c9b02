"""Registering projects, changing their data, and proving one datum."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from registry import errors
from registry.chain.artifacts import artifact
from registry.records import action as act
from registry.records.entry import Kind
from registry.records.project import DocumentTree, leaf_hash, report_hash
from registry.records.result import Project, Proof
from tests.contracts.stage import (
    ECO,
    ICR,
    Rule,
    Stage,
    broken,
    check,
    not_allowed,
    not_open,
)

ROOT = report_hash("a root")
DATA: dict[str, Any] = {
    "location": {"region": "South", "points": [[64, 20], [65, 21]]},
    "hectares": Decimal("12.50"),
    "began": date(2015, 6, 1),
    "buffered": True,
    "note": None,
}


def register(_: Stage, **changes: Any) -> act.RegisterProject:
    asked = {"project": 2, "developer": "Skogur", "root": ROOT}
    return act.RegisterProject(registry=ICR, **{**asked, **changes})


def update(_: Stage, **changes: Any) -> act.UpdateProject:
    return act.UpdateProject(registry=ICR, **{"project": 1, "root": ROOT, **changes})


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            not_allowed("OPERATOR"),
            Rule("number 0", lambda _: errors.UnknownProject(0), {"project": 0}),
            Rule("number 1", lambda _: errors.ProjectAlreadyRegistered(1), {"project": 1}),
            not_open("developer"),
        )
    ),
)
def test_register_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, register)


def test_register_puts_the_root_on_the_ledger(stage: Stage) -> None:
    document = {
        **DATA,
        "name": "Peat",
        "country": "IS",
        "methodology": "M",
        "developer": "Newcomer",
    }
    root = DocumentTree(document).root
    opened = stage.next_entry(Kind.ACCOUNT_OPENED, registry="platform", account="Newcomer", text="")
    registered = stage.next_entry(
        Kind.PROJECT_REGISTERED, later=1, project=2, account="Newcomer", root=root, version=1
    )
    project = stage.icr.register_project("Peat", "IS", "M", "Newcomer", **DATA)
    assert project == Project(
        registry=ICR,
        number=2,
        name="Peat",
        country="IS",
        developer="Newcomer",
        version=1,
        root=root,
    )
    assert stage.new_entries() == [opened, registered]
    stage.logged(("ProjectRegistered", {"project": 2, "developer": "Newcomer", "root": root}))


def test_register_takes_the_registry_s_own_number_and_counts_on(stage: Stage) -> None:
    assert stage.icr.register_project("A", "IS", "M", "Skogur", number=70).number == 70
    assert stage.icr.register_project("B", "IS", "M", "Skogur").number == 71
    assert stage.eco.register_project("B", "IS", "M", "Skogur").number == 2


@pytest.mark.parametrize(
    "rules",
    broken(
        (
            not_allowed("OPERATOR"),
            tuple(
                Rule(f"number {n}", lambda _, n=n: errors.UnknownProject(n), {"project": n})
                for n in (0, 2)
            ),
        )
    ),
)
def test_update_refuses_for_the_first_reason(stage: Stage, rules: tuple[Rule, ...]) -> None:
    check(stage, rules, update)


def test_update_adds_a_version_and_keeps_the_first(stage: Stage) -> None:
    document = {
        "location": {"region": "North"},
        "name": "Highland forest",
        "country": "IS",
        "methodology": "AR-ACM0003",
        "developer": "Skogur",
    }
    root = DocumentTree(document).root
    old = stage.icr.prove(stage.forest, "location/region")
    expected = stage.next_entry(Kind.PROJECT_UPDATED, project=1, root=root, version=2)
    changed = stage.icr.update_project(stage.forest, location={"region": "North"})
    assert changed == stage.forest.model_copy(update={"version": 2, "root": root})
    assert stage.new_entries() == [expected]
    stage.logged(("ProjectUpdated", {"project": 1, "version": 2, "root": root}))
    new = stage.icr.prove(changed, "location/region")
    assert (old.version, old.value) == (1, '"South"')
    assert (new.version, new.value) == (2, '"North"')
    assert stage.icr.accepts(changed, old) and stage.icr.accepts(changed, new)
    assert stage.icr.prove(stage.forest, "location/region").value == '"South"'


@pytest.mark.parametrize(
    ("datum", "value"),
    [
        ("location/region", '"South"'),
        ("location/points/1/0", "65"),
        ("hectares", '"12.5"'),
        ("began", '"2015-06-01"'),
        ("buffered", "true"),
        ("note", "null"),
        ("name", '"Peat"'),
        ("country", '"IS"'),
    ],
)
def test_prove_shows_any_datum(stage: Stage, datum: str, value: str) -> None:
    project = stage.icr.register_project("Peat", "IS", "M", "Skogur", **DATA)
    proof = stage.icr.prove(project, datum)
    assert (proof.path, proof.value, proof.version) == (datum, value, 1)
    assert stage.icr.accepts(project, proof)


def test_prove_fails_for_what_was_tampered_with(stage: Stage) -> None:
    project = stage.icr.register_project("Peat", "IS", "M", "Skogur", **DATA)
    other = stage.icr.register_project("Bog", "IS", "M", "Skogur", **DATA)
    proof = stage.icr.prove(project, "location/region")
    siblings = proof.siblings
    flipped = siblings[0][:-1] + ("1" if siblings[0][-1] == "0" else "0")
    for path, value, version, way in (
        ("location/region", '"North"', 1, siblings),
        ("location/region", "South", 1, siblings),
        ("location/regio", '"South"', 1, siblings),
        ("location", '"South"', 1, siblings),
        ("location/region", '"South"', 1, siblings[:-1]),
        ("location/region", '"South"', 1, (*siblings, siblings[0])),
        ("location/region", '"South"', 1, siblings[::-1]),
        ("location/region", '"South"', 1, (flipped, *siblings[1:])),
        ("location/region", '"South"', 1, ()),
    ):
        assert not stage.icr.accepts(
            project, Proof(path=path, value=value, version=version, siblings=way)
        ), (path, value)
    assert not stage.icr.accepts(other, proof)
    for version in (0, 2, 2**32 - 1):
        stage.refuses(
            errors.UnknownVersion(2, version),
            lambda version=version: stage.icr.accepts(
                project,
                Proof(path="location/region", value='"South"', version=version, siblings=siblings),
            ),
        )


def test_prove_takes_no_inner_node_for_a_datum(stage: Stage) -> None:
    tree = DocumentTree({"a": 1, "b": 2})
    stage.apply(register(stage, root=tree.root))
    ledger = stage.world.ledger
    leaf = leaf_hash("a", "1")
    assert ledger.proves(ICR, 2, 1, leaf, tree.proof("a"))
    # The root itself needs no sibling; it stands for no datum, whose leaf is hashed twice.
    assert ledger.proves(ICR, 2, 1, bytes.fromhex(tree.root[2:]), ())
    assert leaf_hash("a", "1") != bytes.fromhex(tree.root[2:])


def test_prove_refuses_an_unknown_project_and_datum(stage: Stage) -> None:
    ghost = stage.forest.model_copy(update={"number": 9})
    stage.refuses(errors.UnknownProject(9), lambda: stage.icr.prove(ghost, "name"))
    foreign = stage.forest.model_copy(update={"registry": ECO})
    stage.refuses(errors.UnknownProject(1), lambda: stage.icr.prove(foreign, "name"))
    error = stage.rejects(errors.IdentifierError, lambda: stage.icr.prove(stage.forest, "location"))
    assert "location/region" in str(error)
    proof = stage.icr.prove(stage.forest, "name")
    stage.refuses(errors.UnknownProject(9), lambda: stage.icr.accepts(ghost, proof))


def test_leaf_is_hashed_as_the_contract_hashes_it(chain: Stage) -> None:
    ledger = chain.world._chain
    leaf = artifact("ProjectRegistry").interface.functions["leaf"]
    for path, value in (("location/region", '"South"'), ("", ""), ("é", '"日本"')):
        to = ledger.contracts(ICR).projects
        (found,) = leaf.decode(ledger.engine.call(to, leaf.encode(path, value)))
        assert found == leaf_hash(path, value)
