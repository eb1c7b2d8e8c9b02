"""Credits issued anew at another registry for what leaves its books: conversion, not import.

The target registers the project as one of its own and has the source's verification stated again
there, with the same period and the same cap; every conversion then draws on that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.errors import UnknownStatement
from registry.records import result as res
from registry.records.identity import NO_STATEMENT
from registry.records.project import Document, period_text
from registry.transfer.steps import Order
from registry.units import tonnes

if TYPE_CHECKING:
    from registry.world import World

ORIGIN_REGISTRY, ORIGIN_PROJECT = "origin_registry", "origin_project"
"""Fields of a converted project's document, which name what it was converted from."""


def reissue(world: World, order: Order, *, is_linked: bool) -> res.Batch:
    """Issue at the order's target what leaves its source.

    Args:
        order: Of credits whose home is the source.
        is_linked: Whether the new project's document names where it comes from.

    Raises:
        LedgerError: the target refuses; nothing has happened then.
    """
    target = world.registry(order.target)
    batch = world.batch(order.source, order.batch)
    if batch.statement is None:
        raise UnknownStatement(NO_STATEMENT)
    known, documents = world.index.projects[order.source, batch.project]
    with world.all_or_nothing():
        project = _project(world, order, known, documents[known.version], is_linked=is_linked)
        statement = _statement(world, project, batch.statement)
        amount_t = tonnes(order.amount_g)
        return target.issue(project, batch.vintage, amount_t, order.to, statement)


def _project(
    world: World, order: Order, known: res.Project, document: Document, *, is_linked: bool
) -> res.Project:
    """Return the target's project for the source's, registered when it is first needed."""
    origin: dict[str, Any] = {ORIGIN_REGISTRY: known.registry, ORIGIN_PROJECT: str(known.number)}
    wanted = {"name": known.name, "developer": known.developer, **(origin if is_linked else {})}
    for project, documents in tuple(world.index.projects.values()):
        there = documents.get(project.version, {})
        is_same = all(there.get(field) == text for field, text in wanted.items())
        if project.registry == order.target and is_same and is_linked == (ORIGIN_PROJECT in there):
            return project
    data: dict[str, Any] = {
        field: value
        for field, value in document.items()
        if field not in {"name", "country", "methodology", "developer", *origin}
    }
    return world.registry(order.target).register_project(
        known.name,
        known.country,
        str(document["methodology"]),
        known.developer,
        **data,
        **(origin if is_linked else {}),
    )


def _statement(world: World, project: res.Project, source: res.Statement) -> res.Statement:
    """Return the target's statement for the source's, recorded when it is first needed."""
    for (registry, id), entry in world.index.channels.statements.items():
        is_same = entry.project == project.number and entry.period == source.period
        if registry == project.registry and is_same:
            return world.statement(registry, id)
    return world.registry(project.registry).verify(
        project,
        period_text(source.period),
        tonnes(source.amount_g),
        f"Independent verifier of {project.registry}",
        f"{source.registry} statement {source.id}, project {project.number}",
    )
