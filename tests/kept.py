"""A busy life to lead in worlds that are kept, what they look like, and what can be done to them.

The life's steps use nothing but the world and what earlier steps returned, so they can be led in
one sitting or with the world closed and opened again between any two.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from registry.world import World

START = "2025-07-01"
SEED = 23
LAG_S = 7_200
Known = dict[str, Any]
Step = Callable[[World, Known], object]


def _open_registries(world: World, known: Known) -> None:
    known["icr"] = world.registry("ICR").profile
    known["eco"] = world.registry("EcoRegistry", lag_s=LAG_S).profile


def _tonnes(world: World, most: int) -> Decimal:
    return Decimal(world.rng.randrange(1, most * 1_000)) / 1_000


def _register(world: World, known: Known) -> None:
    details = {"from": date(2020, 1, 1), "area": {"hectares": Decimal("12.50")}, "sites": ["a", 2]}
    known["forest"] = world.registry("ICR").register_project(
        "Höfn forest", "IS", "AR-ACM0003", "Skogur", **details
    )
    known["stoves"] = world.registry("EcoRegistry").register_project(
        "Andean cookstoves", "PE", "CDM AMS-II.G", "Fogones", number=4
    )


def _issue(world: World, known: Known) -> None:
    icr, eco = world.registry("ICR"), world.registry("EcoRegistry")
    tonnes = world.rng.randrange(100, 200)
    known["f"] = icr.issue(known["forest"], 2024, tonnes, "Acme")
    known["s"] = eco.issue(known["stoves"], 2023, tonnes + 1, "Acme")


def _update(world: World, known: Known) -> None:
    icr = world.registry("ICR")
    known["forest"] = icr.update_project(known["forest"], area={"hectares": Decimal("13.75")})


def _prove(world: World, known: Known) -> None:
    icr = world.registry("ICR")
    known["proof"] = icr.prove(known["forest"], "area/hectares")
    assert icr.accepts(known["forest"], known["proof"])


def _trade(world: World, known: Known) -> None:
    world.registry("ICR").transfer(known["f"], _tonnes(world, 40), "Acme", "Borealis")
    world.registry("EcoRegistry").transfer(known["s"], _tonnes(world, 40), "Acme", "Cedar")


def _retire(world: World, known: Known) -> None:
    for name, batch in (("ICR", "f"), ("EcoRegistry", "s")):
        where = world.registry(name)
        tonnes = _tonnes(world, 9)
        retired = where.retire(known[batch], tonnes, "Acme", "Acme Corp", "CORSIA", period=2024)
        assert where.certifies(retired)


def _request(world: World, known: Known) -> None:
    eco = world.registry("EcoRegistry")
    known["request"] = eco.request_retirement(known["s"], 3, "Acme", "Öl AG", "voluntary")
    known["waiting"] = eco.request_retirement(known["s"], 2, "Acme", "Öl AG", "voluntary", days=99)


def _lock(world: World, known: Known) -> None:
    known["lock"] = world.registry("ICR").lock(known["f"], 5, "Acme", "an order")


def _wait(world: World, known: Known) -> None:
    world.advance(days=world.rng.randrange(1, 9))


def _give_back(world: World, known: Known) -> None:
    world.registry("EcoRegistry").revert_retirement(known["request"], "withdrawn")
    world.registry("ICR").release(known["lock"], Decimal("1.5"))


def _pledge(world: World, known: Known) -> None:
    bank = world.account("Bank", "IS")
    known["pledge"] = world.registry("ICR").pledge(known["f"], 2, "Acme", bank.name)


def _foreclose(world: World, known: Known) -> None:
    world.registry("ICR").foreclose(known["pledge"])


def _cancel(world: World, known: Known) -> None:
    world.registry("ICR").cancel(known["f"], _tonnes(world, 4), "Acme", "a storm")


def _regulate(world: World, known: Known) -> None:
    icr = world.registry("ICR")
    icr.freeze(known["f"], 1, "Acme")
    icr.forced_transfer(known["f"], 3, "Acme", "Delta", "by order")


def _close_account(world: World, known: Known) -> None:
    world.close_account("Delta")


def _finalise(world: World, known: Known) -> None:
    world.registry("EcoRegistry").finalise_retirement(known["waiting"])


STEPS: tuple[Step, ...] = (
    _open_registries,
    _register,
    _issue,
    _update,
    _prove,
    _trade,
    _retire,
    _request,
    _lock,
    _wait,
    _give_back,
    _pledge,
    _foreclose,
    _cancel,
    _regulate,
    _close_account,
    _finalise,
)


def lead(world: World, known: Known | None = None, steps: Sequence[Step] = STEPS) -> Known:
    """Lead a life, or some steps of it, and return what it came to know."""
    known = {} if known is None else known
    for step in steps:
        step(world, known)
    return known


def led(path: Path, engine: str) -> Path:
    """Make a kept world that has lived its whole life, and return its folder."""
    with World.open(path, seed=SEED, engine=engine, start=START) as world:
        lead(world)
    return path


def picture(world: World) -> dict[str, Any]:
    """Say everything that can be asked of a world, in a form that can be compared."""
    index = {
        name: value
        for name, value in vars(world.index).items()
        if name not in _FLEETING_OF_AN_INDEX
    }
    channels = {
        name: table for name, table in vars(index.pop("channels")).items() if name != "_put"
    }
    places = [(e.registry, e.batch) for e in world.entries() if e.kind == "issued"]
    accounts = sorted(world.addresses())
    digest = world.mirror.digest()
    return {
        "settings": (world.seed, world.engine, world.now_s),
        "entries": world.entries(),
        "run": world.run_hash("life", ()),
        "tables": {name: table.to_pylist() for name, table in world.tables().items()},
        "mirror": digest,
        "blocks": [world.ledger.block_hash(at) for at in range(world.ledger.head() + 1)],
        "index": index | channels,
        "next": [
            (world.index.next_id(name), world.index.next_project(name)) for name in world.books
        ],
        "chance": world.rng.getstate(),
        "registries": world.registries,
        "accounts": [world.account(name) for name in accounts],
        "addresses": world.addresses(),
        "totals": [world.ledger.totals(*place) for place in places],
        "holdings": [
            world.ledger.holding(*place, account) for place in places for account in accounts
        ],
        "books": {
            name: (book.lines, book.accounts, book.certificates, book.documents, book._standing)
            for name, book in world.books.items()
        },
    }


# `_ids` remembers only where to look for the lowest free id; "next" says which one that is.
_FLEETING_OF_AN_INDEX = {"_journal", "_marks", "_ids"}


def differences_of(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Name the parts in which two pictures differ."""
    return [name for name in one if one[name] != other[name]]


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return what is in a folder: each file's time of change and bytes, by its name there.

    What SQLite keeps beside a file that somebody reads says nothing, and is left out if empty.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        is_beside = path.name.endswith("-shm") or (
            path.name.endswith("-wal") and path.stat().st_size == 0
        )
        if path.is_file() and not is_beside:
            found[str(path.relative_to(folder))] = (path.stat().st_mtime_ns, path.read_bytes())
    return found


def change(path: Path, *statements: str) -> int:
    """Carry out SQL on a store whose rows nothing protects any more, and leave it protected.

    Returns:
        How many rows the statements changed.
    """
    connection = sqlite3.connect(path)
    guards = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    ).fetchall()
    with connection:
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        changed = sum(connection.execute(statement).rowcount for statement in statements)
        for _, sql in guards:
            connection.execute(sql)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return changed
