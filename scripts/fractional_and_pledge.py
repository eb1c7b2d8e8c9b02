"""Fractions of a tonne with their serials, and credits pledged to a lender.

.venv/bin/python scripts/fractional_and_pledge.py [--engine revm|tester|model]
"""

import argparse
from decimal import Decimal

from registry import LedgerError, World

options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
options.add_argument("--engine", default="auto", choices=["auto", "revm", "tester", "model"])

with World.open(seed=7, engine=options.parse_args().engine) as world:
    icr = world.registry("ICR")
    forest = icr.register_project("Highland forest", "IS", "AR-ACM0003", "Skogur")
    batch = icr.issue(forest, 2024, 100, "Acme")
    world.account("Cedar Bank")
    print(batch)

    # A tonne has a million grams, and each has its place: the next retirement goes on from there.
    for tonnes in ("0.4", "0.35", "2.000001"):
        retirement = icr.retire(batch, Decimal(tonnes), "Acme", "Acme Corp", "voluntary")
        piece = retirement.intervals[0]
        print(f"{retirement}, grams [{piece.start_g}, {piece.end_g})")

    # A pledge leaves the credits with their holder, who can neither move nor retire them.
    first = icr.pledge(batch, 60, "Acme", "Cedar Bank")
    second = icr.pledge(batch, Decimal("12.5"), "Acme", "Cedar Bank")
    print(first)
    print(second)
    print(f"Acme: {icr.holding(batch, 'Acme')}")
    try:
        icr.transfer(batch, 90, "Acme", "Borealis Air")
    except LedgerError as error:
        print(f"refused, {type(error).__name__}: {error}")

    # The loan is repaid: the lender lets go.
    icr.release_pledge(first)
    icr.transfer(batch, 80, "Acme", "Borealis Air")

    # The other is not: the lender takes the credits, and may retire them.
    taken = icr.foreclose(second)
    print(f"{taken.tonnes} t went from {taken.source} to {taken.to}")
    print(icr.retire(batch, taken.tonnes, "Cedar Bank", "Cedar Bank", "voluntary"))

    for holder in ("Acme", "Borealis Air", "Cedar Bank"):
        print(f"{holder}: {icr.holding(batch, holder)}")
    print(f"conserved: {icr.totals(batch).conserved}, findings: {len(world.audit())}")
