"""Try to retire one tonne twice, in every way a script can; print what stops or finds each.

    .venv/bin/python scripts/double_retirement.py [--engine revm|tester|model]

Every attempt starts from the same world: Acme retired 100 t for good and still holds 100 t. It ends
with exit code 1 if one of them succeeds unseen. What only a contract can try, calling back while it
receives credits, is in tests/contracts/test_double_retirement.py.
"""

import argparse
import sys
from collections.abc import Callable

from registry import LedgerError, World
from registry.records.action import (
    FinaliseRetirement,
    Issue,
    IssueOrder,
    Release,
    Retire,
    RetireOrder,
)
from registry.records.claim import Claim
from registry.records.interval import Interval

options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
options.add_argument("--engine", default="auto", choices=["auto", "revm", "tester", "model"])
world = World.open(seed=7, engine=options.parse_args().engine)

icr = world.registry("ICR")
other = world.registry("Other registry")
forest = icr.register_project("Highland forest", "IS", "AR-ACM0003", "Skogur")
batch = icr.issue(forest, 2024, 1_000, "Skogur")
icr.transfer(batch, 200, "Skogur", "Acme")
world.account("Borealis Air")
world.account("Cedar Bank")
retired = icr.retire(batch, 100, "Acme", "Acme Corp", "voluntary")
print(retired)

CLAIM = Claim(beneficiary="Acme Corp", purpose="voluntary")
seen = []


def retire(tonnes: int = 100, holder: str = "Acme") -> object:
    return icr.retire(batch, tonnes, holder, "Acme Corp", "voluntary")


def order(id: int, tonnes: int = 100) -> RetireOrder:
    return RetireOrder(id=id, batch=batch.batch, amount_g=tonnes * 1_000_000, claim=CLAIM)


def refused(what: str, *steps: Callable[[], object]) -> None:
    """Take the steps, of which the last must be refused, and take all of them back."""
    *before, attempt = steps
    with world.checkpoint():
        for step in before:
            step()
        retired_g = icr.totals(batch).retired_g
        try:
            attempt()
        except LedgerError as error:
            print(f"{what}: refused, {type(error).__name__}: {error}")
            seen.append(icr.totals(batch).retired_g == retired_g)
        else:
            print(f"{what}: ACCEPTED")
            seen.append(False)


refused("the same call until nothing is left", retire, retire)
refused(
    "the same request again, word for word",
    lambda: world.apply(Retire(registry="ICR", by="Acme", orders=(order(retired.id),))),
)
refused(
    "one id twice in one transaction",
    lambda: world.apply(Retire(registry="ICR", by="Acme", orders=(order(5, 50), order(5, 50)))),
)
refused(
    "one tonne twice in one transaction",
    lambda: world.apply(Retire(registry="ICR", by="Acme", orders=(order(5), order(6)))),
)
refused(
    "two holders, after a sale",
    lambda: icr.transfer(batch, 100, "Acme", "Borealis Air"),
    lambda: retire(holder="Borealis Air"),
    retire,
)
refused(
    "sold, after it was retired",
    retire,
    lambda: icr.transfer(batch, 100, "Acme", "Borealis Air"),
)
refused("cancelled, after it was retired", retire, lambda: icr.cancel(batch, 1, "Acme", "loss"))
refused("locked", lambda: icr.lock(batch, 100, "Acme", "offered for sale"), retire)
refused("pledged", lambda: icr.pledge(batch, 100, "Acme", "Cedar Bank"), retire)
refused(
    "foreclosed",
    lambda: icr.foreclose(icr.pledge(batch, 100, "Acme", "Cedar Bank")),
    lambda: retire(holder="Cedar Bank"),
    retire,
)
refused("frozen", lambda: icr.freeze(batch, 100, "Acme"), retire)

# Two-phase retirement: while it waits, after it was finalised, after it was reverted.
request = FinaliseRetirement(registry="ICR", id=2)


def ask() -> object:
    return icr.request_retirement(batch, 100, "Acme", "Acme Corp", "voluntary")


def ask_and_revert() -> None:
    asked = icr.request_retirement(batch, 100, "Acme", "Acme Corp", "voluntary")
    icr.revert_retirement(asked, "the beneficiary withdrew")


refused("while a retirement is pending", ask, retire)
refused(
    "a pending retirement released like a lock",
    ask,
    lambda: world.apply(Release(registry="ICR", id=2, amount_g=100_000_000)),
)
refused(
    "one request finalised twice", ask, lambda: world.apply(request), lambda: world.apply(request)
)
refused("a reverted request finalised", ask_and_revert, lambda: world.apply(request))
refused(
    "a reverted request's id again",
    ask_and_revert,
    lambda: world.apply(Retire(registry="ICR", by="Acme", orders=(order(2),))),
)

# By order, and elsewhere.
refused(
    "after a forced transfer",
    lambda: icr.forced_transfer(batch, 100, "Acme", "Borealis Air", "court order"),
    lambda: retire(holder="Borealis Air"),
    retire,
)
refused(
    "retired credits moved by order",
    retire,
    lambda: icr.forced_transfer(batch, 100, "Acme", "Borealis Air", "court order"),
)
refused(
    "at another registry's contract",
    lambda: world.apply(Retire(registry="Other registry", by="Acme", orders=(order(1),))),
)


def issue_again() -> None:
    """Issue the retired serials once more, at another registry, to retire them there."""
    copy = other.register_project("Highland forest", "IS", "AR-ACM0003", "Skogur")
    statement = other.verify(copy, 2024, 1_000, "Another verifier", "report")
    again = IssueOrder(
        batch=batch.batch,
        to="Acme",
        amount_g=batch.amount_g,
        start_g=0,
        vintage=2024,
        statement=statement.id,
        scope=batch.scope,
    )
    world.apply(Issue(registry="Other registry", orders=(again,)))


refused("the same serials issued again elsewhere", issue_again)

# No contract can stop an operator from writing into its own book. The audit finds it.
with world.checkpoint():
    book = world.books["ICR"]
    line = book.lines[-1]
    half = Interval(line.intervals[0].start_g, line.intervals[0].end_g // 2)
    second = {"number": book.next_number, "at_s": world.now_s, "id": 99, "entry": None}
    book.append(line.model_copy(update={**second, "intervals": (half,), "amount_g": half.amount_g}))
    findings = world.audit()
    seen.append([finding.code for finding in findings] == ["DU-1"])
    for finding in findings:
        print(f"half of it again, in the operator's book: found, {finding}")

clean = not world.audit() and icr.totals(batch).retired_g == retired.amount_g
print(f"{len(seen)} attempts, {sum(seen)} refused or found; nothing else was retired: {clean}")
world.close()
sys.exit(0 if clean and all(seen) else 1)
