"""The life of a credit at a native registry, from its project's data to its certificate.

    .venv/bin/python scripts/lifecycle.py [--engine revm|tester|model]

Copy it and change it. Amounts are tonnes; the participants are invented.
"""

import argparse
from decimal import Decimal

from registry import World

options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
options.add_argument("--engine", default="auto", choices=["auto", "revm", "tester", "model"])

with World.open(seed=7, engine=options.parse_args().engine) as world:
    icr = world.registry("ICR")

    # A project: its document becomes a Merkle tree, whose root stands on the ledger.
    forest = icr.register_project(
        "Highland forest", "IS", "AR-ACM0003", "Skogur", hectares=120, location={"region": "North"}
    )
    print(forest)

    # Any datum of the document can be proved against that root; a changed one cannot.
    proof = icr.prove(forest, "hectares")
    print(f"{proof.path} = {proof.value}: {icr.accepts(forest, proof)}")
    proof = proof.model_copy(update={"value": "121"})
    print(f"{proof.path} = {proof.value}: {icr.accepts(forest, proof)}")

    # A verifier's signed statement caps what may ever be issued for the period.
    statement = icr.verify(forest, 2024, 1_000, "Verifier Ltd", "report-2024.pdf")
    print(statement)

    batch = icr.issue(forest, 2024, 1_000, "Skogur", statement)
    print(batch)

    world.advance(days=30)
    icr.transfer(batch, 400, "Skogur", "Acme")
    retirement = icr.retire(
        batch, Decimal("150.5"), "Acme", "Acme Corp", "voluntary", "flights of 2024", period="2024"
    )
    print(retirement)

    # The certificate keeps a digest of the whole claim; a changed claim does not match it.
    print(f"certificate {retirement.id} says so: {icr.certifies(retirement)}")
    claim = retirement.claim.model_copy(update={"beneficiary": "Borealis Air"})
    boast = retirement.model_copy(update={"claim": claim})
    print(f"certificate {retirement.id} says Borealis Air: {icr.certifies(boast)}")

    # C1: issued = active + locked + retired + cancelled + exported.
    totals = icr.totals(batch)
    print(totals)
    print(f"conserved: {totals.conserved}")

    # The audit compares the ledger with the operator's book.
    print(f"findings: {len(world.audit())}")
