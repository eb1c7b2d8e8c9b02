"""Around the steps of a world: marks to return to, and quiet while many things are made."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from registry.books.book import Mark as BookMark
from registry.kept.knowledge import Mark as KnowledgeMark

if TYPE_CHECKING:
    from registry.world import World


class Mark(NamedTuple):
    """A state of a world.

    Attributes:
        ledger: The ledger's own mark.
        known: What was known.
        now_s: What the clock said.
        rng: The state of chance.
        books: Registry's name -> the state of its book.
    """

    ledger: int
    known: KnowledgeMark
    now_s: int
    rng: tuple[Any, ...]
    books: dict[str, BookMark]


def remember(world: World) -> Mark:
    """Mark the present state; each mark is returned to or given up, the last one first."""
    ledger = world.ledger.snapshot()
    try:
        return Mark(
            ledger=ledger,
            now_s=world.now_s,
            rng=world.rng.getstate(),
            books=world.archive.mark(),
            known=world.knowledge.mark(),
        )
    except BaseException:
        world.ledger.forget(ledger)
        raise


def restore(world: World, mark: Mark) -> None:
    """Return to a mark, and give it up."""
    # Books first: whatever comes in between, they never say what the ledger has taken back.
    try:
        world.archive.back_to(mark.books)
        world.knowledge.back_to(mark.known)
        world.now_s = mark.now_s
        world.rng.setstate(mark.rng)
    finally:
        world.ledger.revert(mark.ledger)
        world.archive.roll_back(world.ledger)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Python from searching for garbage meanwhile.

    Nearly all that actions make stays: entries, lines, places. Going through it again and again as
    it grows took a quarter of the time of blocks of 500 actions, and found nothing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
