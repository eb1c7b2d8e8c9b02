"""One transfer between two registries on two chains, message by message.

    .venv/bin/python scripts/cross_registry_transfer.py [--engine revm|tester|model]

Copy it and change it. Amounts are tonnes; the participants are invented.
"""

import argparse

from registry import LedgerError, World
from registry.records.action import Import

options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
options.add_argument("--engine", default="auto", choices=["auto", "revm", "tester", "model"])

with World.open(seed=7, engine=options.parse_args().engine, chains=2) as world:
    eco = world.registry("EcoRegistry")
    icr = world.registry("ICR", chain=2)
    world.account("Acme")

    # The bridges are introduced; ICR takes at most 500 t of EcoRegistry's credits.
    eco.admit("ICR")
    icr.admit("EcoRegistry", 500)

    sierra = eco.register_project("Sierra reforestation", "CO", "AR-ACM0003", "Bosques")
    batch = eco.issue(sierra, 2024, 1_000, "Bosques")
    print(batch)

    # Export: the credits leave EcoRegistry's balances at once, and its bridge signs a message.
    sent = eco.export(batch, 200, "Bosques", "ICR", "Acme")
    print(sent)
    (message,) = world.pending()
    print(f"message {message.number} from {message.source} to {message.target}: {sent.tonnes} t")
    print(f"EcoRegistry: {eco.totals(batch)}")

    # Import: anybody may carry the message; the same one a second time has no effect.
    world.relay()
    there = world.batch("ICR", 1)
    print(there)
    try:
        world.apply(Import(registry="ICR", message=message))
    except LedgerError as error:
        print(f"refused: {error}")

    # Acknowledge: ICR's bridge signs that it has them, and EcoRegistry's takes note.
    world.relay()
    print(f"waiting for an answer: {len(world.pending())}")

    # Above the allowance the import is refused. Late, the message is voided there for ever, and
    # only then does EcoRegistry give the credits back.
    eco.export(batch, 400, "Bosques", "ICR", "Acme")
    world.relay()
    print(f"waiting for an answer: {len(world.pending())}")
    world.advance(days=2)
    for entry in (*world.relay(), *world.relay()):
        print(f"{entry.registry}: {entry.kind.value}")
    print(f"EcoRegistry: {eco.totals(batch)}")

    print(f"findings: {len(world.audit())}")
