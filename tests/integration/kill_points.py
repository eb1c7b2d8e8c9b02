"""A busy world that is ended at chosen statements, opened again, and carried on.

    python -m tests.integration.kill_points FOLDER --engine model --points 50

Children are forked from a process that has imported everything and has one thread; each kills
itself when its databases are asked for the n-th time. What it acknowledged before must be there,
and the world, carried on, must end as one that nobody killed. Prints one object of JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from registry.books.documents import document_text
from registry.errors import LedgerError, RegistryError
from registry.kept.inspection import verify_folder
from registry.records.entry import digest
from registry.world import World

SEED = 23
Results = dict[str, Any]
Step = Callable[[World, Results], None]
State = tuple[int, int]
"""How many entries there are, and the world's clock: after each step another, or the same."""


# The busy world. Each step is one action, or can be done again without harm.


def open_registries(world: World, _: Results) -> None:
    world.registry("ICR", lag_s=60)


def open_mirrored(world: World, _: Results) -> None:
    world.registry("EcoRegistry")


def register(world: World, found: Results) -> None:
    found["forest"] = world.registry("ICR").register_project(
        "Highland forest",
        "IS",
        "AR-ACM0003",
        "Skogur",
        hectares=Decimal("12.50"),
        begun=date(2020, 2, 29),
        surveyed=datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
        places=[{"name": "Norður", "parts": [1, 2]}, {"name": "Suður", "parts": []}],
        note="Two\nlines",
    )


def issue(world: World, found: Results) -> None:
    found["batch"] = world.registry("ICR").issue(found["forest"], 2024, 1_000, "Skogur")


def transfer(world: World, found: Results) -> None:
    world.registry("ICR").transfer(found["batch"], "400.25", "Skogur", "Acme")


def register_mirrored(world: World, found: Results) -> None:
    found["sierra"] = world.registry("EcoRegistry").register_project(
        "Sierra", "CO", "AR-ACM0003", "Bosque"
    )


def issue_mirrored(world: World, found: Results) -> None:
    found["mirrored"] = world.registry("EcoRegistry").issue(found["sierra"], 2023, 500, "Bosque")


def try_and_take_back(world: World, found: Results) -> None:
    with world.checkpoint():
        world.registry("ICR").retire(found["batch"], 5, "Acme", "Ghost", "voluntary")
        world.registry("Never").register_project("Ghost", "IS", "none", "Ghost")
        # The mirror has now seen what never happened.
        assert world.mirror.cursor().seq == len(world.entries())


def update(world: World, found: Results) -> None:
    found["updated"] = world.registry("ICR").update_project(
        found["forest"], hectares=Decimal("13"), note="one"
    )


def retire(world: World, found: Results) -> None:
    world.registry("ICR").retire(found["batch"], "150.5", "Acme", "Acme Corp", "voluntary", "why")


def request(world: World, found: Results) -> None:
    found["request"] = world.registry("EcoRegistry").request_retirement(
        found["mirrored"], 30, "Bosque", "Öko", "CORSIA"
    )


def advance(world: World, _: Results) -> None:
    world.advance(days=3)


def hold(world: World, _: Results) -> None:
    world.registry("ICR").hold_book()


def draw(world: World, found: Results) -> None:
    tonnes = world.rng.randrange(1, 50)
    world.registry("ICR").transfer(found["batch"], tonnes, "Skogur", world.rng.choice("XYZ"))


def refused(world: World, found: Results) -> None:
    with contextlib.suppress(LedgerError):
        world.registry("ICR").retire(found["batch"], 9_999, "Acme", "Acme", "voluntary")
        raise AssertionError("nobody has that much")


def lock(world: World, found: Results) -> None:
    found["lock"] = world.registry("ICR").lock(found["batch"], 10, "Acme", "an order")


def resume(world: World, _: Results) -> None:
    world.registry("ICR").resume_book()


def finalise(world: World, found: Results) -> None:
    world.registry("EcoRegistry").finalise_retirement(found["request"])


def release(world: World, found: Results) -> None:
    world.registry("ICR").release(found["lock"], 4)


def lose_line(world: World, _: Results) -> None:
    book = world.books["ICR"]
    book.rewrite([line for line in book.lines if line.number != 2])
    world.settle()


def rebuild(world: World, _: Results) -> None:
    if world.archive.folder is not None:
        world.archive.rebuild(world.ledger)


def cancel(world: World, found: Results) -> None:
    world.registry("ICR").cancel(found["batch"], 7, "Acme", "lost in a fire")


def pledge(world: World, found: Results) -> None:
    found["pledge"] = world.registry("ICR").pledge(found["batch"], 8, "Acme", "Skogur")


def foreclose(world: World, found: Results) -> None:
    world.registry("ICR").foreclose(found["pledge"])


def close_account(world: World, _: Results) -> None:
    world.close_account("X")


STEPS: tuple[Step, ...] = (
    open_registries, open_mirrored, register, issue, transfer, register_mirrored, issue_mirrored,
    try_and_take_back, update, retire, request, advance, hold, draw, refused, lock, transfer,
    resume, finalise, release, lose_line, draw, rebuild, draw, cancel, pledge, foreclose,
    close_account, draw, try_and_take_back, retire,
)  # fmt: skip


# What there is at the end.


def state(world: World) -> State:
    return len(world.entries()), world.now_s


def told(world: World) -> dict[str, str]:
    """Say everything that a world keeps, part by part."""
    found: dict[str, Any] = {
        "entries": digest(world.entries()),
        "mirror": world.mirror.digest(),
        "blocks": world.ledger.block_hash(world.ledger.head()),
        "cursor": world.mirror.cursor(),
        "clock": world.now_s,
        "chance": world.rng.getstate(),
        "registries": [profile.model_dump(mode="json") for profile in world.registries],
        "addresses": world.addresses(),
        "projects": {
            str(key): [repr(project), {at: document_text(each) for at, each in documents.items()}]
            for key, (project, documents) in world.index.projects.items()
        },
    }
    for name, book in world.books.items():
        for part in ("lines", "accounts", "certificates", "documents"):
            records = [record.model_dump_json() for record in getattr(book, part)]
            found[f"{name} {part}"] = records
        found[f"{name} standing"] = [book.heard, book.is_held, book.back_s, book.lag_s]
    return {
        part: hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()[:16]
        for part, value in found.items()
    }


def resumed(states: list[State], now: State) -> int:
    """Return the step to go on with; the first of those that may have been done already."""
    return states.index(now)


# Counting, and ending.


class Meter:
    """Counts what databases are asked for, and does something at some of those moments.

    Attributes:
        moments: Counts at which it does so, ascending; those that have come are gone.
    """

    def __init__(self, dialect: str | None = None) -> None:
        self.count = 0
        self.step = "open"
        self.log: list[str] = []
        self.moments: list[int] = []
        self.then: Callable[[], None] = lambda: None
        self._dialect = dialect

    def tick(self, dialect: str, what: str) -> None:
        if self._dialect in (None, dialect):
            self.count += 1
            self.log.append(f"{self.step}: {what}")
            if self.moments and self.count >= self.moments[0]:
                self.moments.pop(0)
                self.then()

    def before(self, connection: Any, _: object, statement: str, *rest: object) -> None:
        self.tick(connection.dialect.name, f"before {statement[:40]}")

    def after(self, connection: Any, _: object, statement: str, *rest: object) -> None:
        self.tick(connection.dialect.name, f"after {statement[:40]}")

    def commit(self, connection: Any) -> None:
        self.tick(connection.dialect.name, "commit")

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        events = {
            "before_cursor_execute": self.before,
            "after_cursor_execute": self.after,
            "commit": self.commit,
        }
        for name, listener in events.items():
            sa.event.listen(sa.Engine, name, listener)
        try:
            yield
        finally:
            for name, listener in events.items():
                sa.event.remove(sa.Engine, name, listener)


class Clean(NamedTuple):
    """How it goes when nobody is killed.

    Attributes:
        states: Before the first step, and after each.
        results: What the steps returned.
        told: Of the world at its end.
        log: Every moment at which the databases were asked for something.
    """

    states: list[State]
    results: Results
    told: dict[str, str]
    log: list[str]


class Place(NamedTuple):
    """Where a world is kept."""

    engine: str
    path: Path
    database: str | None

    def open(self) -> World:
        return World.open(self.path, seed=SEED, engine=self.engine, database=self.database)


def clean_run(place: Place, dialect: str | None = None) -> Clean:
    meter, results = Meter(dialect), Results()
    with meter.listening(), place.open() as world:
        states = [state(world)]
        for step in STEPS:
            meter.step = step.__name__
            step(world, results)
            states.append(state(world))
        log = list(meter.log)
        return Clean(states, results, told(world), log)


def chosen(count: int, points: int, seed: int) -> list[int]:
    """Choose moments from all over the run, one in each part of it."""
    rng = random.Random(seed)
    bounds = [at * count // points for at in range(points + 1)]
    return [rng.randrange(start, end) + 1 for start, end in pairwise(bounds)]


def forked(at: int, run: Callable[[Meter, Callable[[int], None]], None]) -> tuple[int, int]:
    """Run a child that kills itself, and return its last acknowledgement and how it ended.

    Args:
        at: At which moment.
        run: Does the work, given what counts moments and what acknowledges a step.
    """
    reading, writing = os.pipe()

    def acknowledge(number: int) -> None:
        os.write(writing, bytes([number]))

    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            meter = Meter()
            meter.moments, meter.then = [at], lambda: os.kill(os.getpid(), signal.SIGKILL)
            run(meter, acknowledge)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        acknowledged = pipe.read()
    _, status = os.waitpid(child, 0)
    return (acknowledged[-1] if acknowledged else 0), status


def is_killed(status: int) -> bool:
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def carried_on(place: Place, clean: Clean, acknowledged: int) -> list[str]:
    """Open a world that was killed, do the rest, and say what is not as it should be."""
    wrong = []
    with place.open() as world:
        now = state(world)
        if now not in clean.states:
            return [f"opened between steps, at {now}"]
        if now < clean.states[acknowledged]:
            wrong.append(f"step {acknowledged} was acknowledged, and it is {now}")
        results = dict(clean.results)
        for step in STEPS[max(resumed(clean.states, now), acknowledged) :]:
            step(world, results)
        found = told(world)
    wrong += [part for part in clean.told if found.get(part) != clean.told[part]]
    wrong += [part for part in found if part not in clean.told]
    with place.open() as world:
        found = told(world)
    wrong += [f"{part}, reopened" for part in clean.told if found.get(part) != clean.told[part]]
    for checked in verify_folder(place.path, database=place.database):
        wrong += [str(problem) for problem in checked.problems]
    return wrong


def killed_anywhere(given: argparse.Namespace) -> Report:
    """Kill the busy world at moments from all over its run."""
    clean = clean_run(Place(given.engine, given.folder / "clean", given.database))
    report = Report(len(clean.log))
    for at in chosen(len(clean.log), given.points, given.seed):
        emptied(given.database)
        place = Place(given.engine, given.folder / str(at), given.database)

        def run(meter: Meter, acknowledge: Callable[[int], None], place: Place = place) -> None:
            with meter.listening(), place.open() as world:
                results = dict(clean.results)
                for number, step in enumerate(STEPS, start=1):
                    step(world, results)
                    acknowledge(number)

        acknowledged, status = forked(at, run)
        moment = clean.log[at - 1]
        report.add(moment, status, lambda: carried_on(place, clean, acknowledged))  # noqa: B023
        shutil.rmtree(place.path)
    return report


# A chain that takes back what it had accepted, and a world that is killed while it unlearns that.

BEFORE = STEPS.index(lose_line)


def prepared(world: World, results: Results) -> int:
    """Go on until there is something to take back, and return the mark to return to."""
    for step in STEPS[:BEFORE]:
        step(world, results)
    mark = world.ledger.snapshot()
    for step in (draw, lock, request, hold, update, cancel):
        step(world, results)
    late = world.registry("Late")
    forest = late.register_project("Late forest", "IS", "AR-ACM0003", "Latecomer")
    late.transfer(late.issue(forest, 2024, 10, "Latecomer"), 1, "Latecomer", "Acme")
    resume(world, results)
    return mark


def taken_back(world: World, mark: int) -> None:
    world.ledger.revert(mark)
    world.settle()


def reorganised(place: Place) -> tuple[list[dict[str, str]], list[str]]:
    """Say what a world is before and after a reorganisation, and every moment between."""
    meter = Meter()
    with place.open() as world:
        mark = prepared(world, Results())
        before = told(world)
        with meter.listening():
            taken_back(world, mark)
        log = list(meter.log)
        return [before, told(world)], log


def killed_unlearning(given: argparse.Namespace) -> Report:
    """Kill the world while it writes down that the chain took back what it had accepted."""
    ends, log = reorganised(Place(given.engine, given.folder / "clean", given.database))
    report = Report(len(log))
    for at in chosen(len(log), min(given.points, len(log)), given.seed):
        emptied(given.database)
        place = Place(given.engine, given.folder / str(at), given.database)

        def run(meter: Meter, acknowledge: Callable[[int], None], place: Place = place) -> None:
            with place.open() as world:
                mark = prepared(world, Results())
                with meter.listening():
                    taken_back(world, mark)

        _, status = forked(at, run)
        report.add(log[at - 1], status, lambda: one_of(place, ends))  # noqa: B023
        shutil.rmtree(place.path)
    return report


def one_of(place: Place, ends: list[dict[str, str]]) -> list[str]:
    """Open a world twice, and say what is neither as it was before nor as it was after."""
    wrong = []
    for _ in range(2):
        with place.open() as world:
            found = told(world)
        if found not in ends:
            near = ends[found["entries"] == ends[1]["entries"]]
            wrong += [part for part in {**near, **found} if found.get(part) != near.get(part)]
    for checked in verify_folder(place.path, database=place.database):
        wrong += [str(problem) for problem in checked.problems]
    return wrong


class Report:
    """What came of all points.

    Attributes:
        statements: Moments that there were.
        moments: Step -> how many points were in it.
        failures: What was not as it should be.
    """

    def __init__(self, statements: int) -> None:
        self.statements = statements
        self.moments = Counter[str]()
        self.failures: list[str] = []

    def add(self, moment: str, status: int, judge: Callable[[], list[str]]) -> None:
        self.moments[moment.split(":")[0]] += 1
        if not is_killed(status):
            self.failures.append(f"{moment}: ended with {status} and was to be killed")
            return
        try:
            self.failures += [f"{moment}: {wrong}" for wrong in judge()]
        except RegistryError as error:
            self.failures.append(f"{moment}: {type(error).__name__}: {error}")


def emptied(database: str | None) -> None:
    """Remove what a world keeps on a server."""
    if database is None:
        return
    engine = sa.create_engine(database)
    with engine.begin() as connection:
        for name in sa.inspect(connection).get_schema_names():
            if name == "mirror" or name.startswith(("book_", "mirror_aside")):
                connection.exec_driver_sql(f'DROP SCHEMA "{name}" CASCADE')
    engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", default="model")
    parser.add_argument("--points", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database")
    parser.add_argument("--reorganise", action="store_true")
    given = parser.parse_args()
    kill = killed_unlearning if given.reorganise else killed_anywhere
    print(json.dumps(vars(kill(given)), indent=1))


if __name__ == "__main__":
    main()
