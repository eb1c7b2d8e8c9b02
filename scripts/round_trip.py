"""Credits travel, are retired in part abroad and come home, traced from project to certificate.

    .venv/bin/python scripts/round_trip.py [--engine revm|tester|model]

Copy it and change it. Amounts are tonnes; the participants are invented.
"""

import argparse

from registry import World

options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
options.add_argument("--engine", default="auto", choices=["auto", "revm", "tester", "model"])

with World.open(seed=7, engine=options.parse_args().engine) as world:
    eco = world.registry("EcoRegistry")
    icr = world.registry("ICR")
    sierra = eco.register_project("Sierra reforestation", "CO", "AR-ACM0003", "Bosques")
    batch = eco.issue(sierra, 2024, 1_000, "Bosques")

    # Out in one transaction, with the serials that EcoRegistry gave them.
    out = world.transfer_between(batch, 100, "Bosques", "Acme", icr)
    print(out)
    (there,) = out.batches
    print(there)

    # Split, and retired in part, at a registry that did not issue them.
    icr.transfer(there, 40, "Acme", "Borealis")
    retirement = icr.retire(there, "12.5", "Borealis", "Borealis Air", "voluntary")
    print(retirement)

    # The rest of Acme's goes home, by message this time.
    back = world.transfer_between(there, 60, "Acme", "Bosques", eco, "relayed")
    print(back)
    print(f"ICR: {icr.totals(there)}")
    print(f"EcoRegistry: {eco.totals(batch)}")

    # Where the first hundred serials came from, went, and are.
    print(world.trace(there))
    print(f"findings: {len(world.audit())}")
