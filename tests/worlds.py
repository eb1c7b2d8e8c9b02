"""A small world that tests start from: two registries, holders, a verified project, batches."""

from __future__ import annotations

from registry.records import action as act
from registry.records.identity import batch_id
from registry.records.project import DocumentTree, period_days, report_hash
from registry.world import World
from tests import strategies as cast

SEED = 11


def prepared(engine: str) -> World:
    """Open a world in which every kind of action can succeed.

    Each registry has project 1 with a statement over 2024 for ten batches, two batches held by
    Acme and Borealis, an open bank, and a closed account that still holds credits.
    """
    world = World.open(seed=SEED, engine=engine)
    for registry in cast.REGISTRIES:
        world.registry(registry)
    for name in (*cast.HOLDERS, cast.CLOSED, cast.BANK, cast.DEVELOPER):
        world.account(name)
    start, end = period_days(2024)
    root = DocumentTree({"name": "Highland forest"}).root
    for registry in cast.REGISTRIES:
        world.apply(
            act.RegisterProject(registry=registry, project=1, developer=cast.DEVELOPER, root=root)
        )
        world.apply(act.Accredit(registry=registry, verifier=cast.VERIFIER))
        statement = world.apply(
            act.Verify(
                registry=registry,
                project=1,
                verifier=cast.VERIFIER,
                start=start,
                end=end,
                amount_g=10 * cast.BATCH_G,
                report=report_hash("base"),
            )
        )[0].statement
        assert statement is not None
        for number, holder in ((1, "Acme"), (2, "Borealis")):
            order = act.IssueOrder(
                batch=batch_id(1, number),
                to=holder,
                amount_g=cast.BATCH_G,
                start_g=(number - 1) * cast.BATCH_G,
                vintage=2024,
                statement=statement,
                scope=f"{registry}-a",
            )
            world.apply(act.Issue(registry=registry, orders=(order,)))
        gift = act.TransferOrder(batch=batch_id(1, 1), to=cast.CLOSED, amount_g=5_000)
        world.apply(act.Transfer(registry=registry, by="Acme", orders=(gift,)))
    world.close_account(cast.CLOSED)
    return world
