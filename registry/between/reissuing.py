"""Credits issued anew at another registry for what leaves its books: conversion, not import.

The target registers the project as one of its own and has the source's verification stated again
there, with the same period and the same cap; every conversion then draws on that. A project that it
has of the same name by the same developer it takes for the same one, unless either names another
origin: what comes home by letter draws on what was verified there first, if anything is left of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from registry.errors import AboveVerifiedAmount, UnknownStatement
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
    batch, verified = _converted(world, order)
    known, documents = world.index.projects[order.source, batch.project]
    with world.all_or_nothing():
        project = _found_project(world, order, known, is_linked=is_linked)
        if project is None:
            document = documents[known.version]
            project = _registered(world, order, known, document, is_linked=is_linked)
        statement = _found_statement(world, project, verified)
        if statement is None:
            statement = _stated(world, project, verified)
        amount_t = tonnes(order.amount_g)
        return target.issue(project, batch.vintage, amount_t, order.to, statement)


def require_reissuable(world: World, order: Order, *, is_linked: bool) -> None:
    """Refuse what `reissue` would be refused for, as things stand; nothing is done.

    Args: as for `reissue`.

    Raises:
        UnknownStatement: the source has no verification that could be stated again.
        AboveVerifiedAmount: of what is verified at the target already, too little is left.
    """
    batch, verified = _converted(world, order)
    known, _ = world.index.projects[order.source, batch.project]
    project = _found_project(world, order, known, is_linked=is_linked)
    statement = None if project is None else _found_statement(world, project, verified)
    if statement is None:
        return
    drawn_g = sum(
        entry.amount_g or 0
        for (registry, _), entry in world.index.channels.issued.items()
        if (registry, entry.statement) == (order.target, statement.id)
    )
    if drawn_g + order.amount_g > statement.amount_g:
        raise AboveVerifiedAmount(statement.id, statement.amount_g, drawn_g, order.amount_g)


def _converted(world: World, order: Order) -> tuple[res.Batch, res.Statement]:
    """Return what is to be converted, and its verification."""
    batch = world.batch(order.source, order.batch)
    if batch.statement is None:
        raise UnknownStatement(NO_STATEMENT)
    return batch, batch.statement


def _origin(known: res.Project) -> dict[str, Any]:
    return {ORIGIN_REGISTRY: known.registry, ORIGIN_PROJECT: str(known.number)}


def _found_project(
    world: World, order: Order, known: res.Project, *, is_linked: bool
) -> res.Project | None:
    """Return what the target has for the source's project already."""
    origin = _origin(known) if is_linked else {}
    wanted = {"name": known.name, "developer": known.developer, **origin}
    for project, documents in world.index.projects.values():
        there = documents.get(project.version, {})
        is_same = all(there.get(field) == text for field, text in wanted.items())
        if project.registry == order.target and is_same and is_linked == (ORIGIN_PROJECT in there):
            return project
    return None


def _registered(
    world: World, order: Order, known: res.Project, document: Document, *, is_linked: bool
) -> res.Project:
    """Register the source's project at the target."""
    origin = _origin(known)
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


def _found_statement(
    world: World, project: res.Project, source: res.Statement
) -> res.Statement | None:
    """Return what the target has for the source's statement already."""
    for (registry, id), entry in world.index.channels.statements.items():
        is_same = entry.project == project.number and entry.period == source.period
        if registry == project.registry and is_same:
            return world.statement(registry, id)
    return None


def _stated(world: World, project: res.Project, source: res.Statement) -> res.Statement:
    """State the source's verification again at the target."""
    return world.registry(project.registry).verify(
        project,
        period_text(source.period),
        tonnes(source.amount_g),
        f"Independent verifier of {project.registry}",
        f"{source.registry} statement {source.id}, project {project.number}",
    )
