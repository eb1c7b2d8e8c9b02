"""How a world begins: what it is asked to be, and the ledger that carries it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from registry.chain import engines
from registry.errors import InputError, shown
from registry.kept.folder import Folder, Settings
from registry.ledger.interface import Ledger
from registry.ledger.keys import KeyRing
from registry.ledger.model import ModelLedger
from registry.ledger.state import Guard
from registry.records.action import CHAINS_MAX

GUARDS: tuple[Guard, ...] = ("interval", "exact", "none")
"""Serial guards, by what each refuses: serials that meet issued ones, serials that were issued just
so before, nothing."""

ENGINES = ("auto", "revm", "tester", "model")
"""Engines by name. A node's is "rpc:" and its address."""

_SEEDS = 2**256
_START = "2025-07-01"

LAST_MOMENT_S = 253_402_300_799
"""9999-12-31T23:59:59 UTC, the last second of Python's calendar."""

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""


class WorldError(InputError):
    """The world cannot be opened, or asked for this, in the way that was asked."""


def settings_of(
    seed: int | None,
    engine: str,
    start: str | date | datetime | None,
    database: str | None,
    guard: str | None = None,
    chains: int | None = None,
) -> Settings:
    """Return what a new world would be a function of.

    Raises:
        WorldError: an unknown engine or guard, a seed or number of chains that is no such int, a
            start that is no date, several chains at a node.
    """
    if seed is None:
        seed = 0
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < _SEEDS:
        raise WorldError(f"seed {shown(seed)}: expected an int from 0 on, below 2^256")
    known = next((each for each in GUARDS if guard in (None, each)), None)
    if known is None:
        raise WorldError(f"guard {shown(guard)}: expected one of {', '.join(GUARDS)}")
    chains = 1 if chains is None else chain_number(chains, CHAINS_MAX, "chains")
    engine = engine_named(engine)
    if chains > 1 and engine.startswith(engines.RPC):
        raise WorldError(f"chains {chains}: engine {engine} is one chain")
    return Settings(
        seed,
        engine,
        moment(_START if start is None else start),
        "sqlite" if database is None else "postgresql",
        known,
        chains,
    )


def chain_number(number: int, most: int, what: str = "chain") -> int:
    """Return the number of a chain, or of chains, if it is one. Raises WorldError: it is not."""
    if type(number) is not int or not 1 <= number <= most:
        raise WorldError(f"{what} {shown(number)}: expected an int from 1 to {most}")
    return number


def engine_named(engine: str) -> str:
    """Return the engine that a name stands for: "auto" is the fastest that runs here.

    A node's is shown and kept without user and password; `new_ledger` and `kept_ledger` know them.

    Raises:
        WorldError: no engine has that name.
    """
    if engine == "auto":
        return engines.best()
    if engine not in ENGINES and not (isinstance(engine, str) and engine.startswith(engines.RPC)):
        expected = f"{', '.join(ENGINES)} or {engines.RPC}URL"
        given = engines.public(engine) if isinstance(engine, str) else engine
        raise WorldError(f"engine {shown(given)}: expected one of {expected}")
    return engines.EngineName(engine)


def open_folder(
    path: Path,
    settings: Settings,
    named: Sequence[str],
    database: str | None,
    *,
    read_only: bool,
    is_there: bool,
) -> Folder:
    """Open the folder that keeps a world, or make one.

    Args:
        settings: Of a new world.
        named: Those of them that were asked for, and that a kept world must have. One whose node
            wants a password is opened again by naming the node again.
        is_there: Whether there must be one already.

    Raises:
        WorldError: a world is there, and is another one.
        StoreError, InputError: see `Folder`.
    """
    try:
        path = path.absolute()
        exists = Folder.exists(path)
    except (OSError, ValueError) as error:
        raise WorldError(f"{shown(str(path))}: expected a path ({error})") from error
    if not is_there and not exists:
        return Folder.make(path, settings, database)
    folder = Folder.find(path, database, mode="read" if read_only else "write")
    for name in named:
        here, wanted = getattr(folder.settings, name), getattr(settings, name)
        if here != wanted:
            folder.close()
            raise WorldError(f"{path}: the world there has {name} {here}, not {shown(wanted)}")
    if "engine" in named:
        # As it was asked for: the folder does not keep the password that a node may want.
        folder.settings = folder.settings._replace(engine=settings.engine)
    return folder


def new_ledger(settings: Settings, keys: KeyRing, *, keep: bool) -> Ledger:
    """Begin a ledger.

    Args:
        keep: Whether it will be opened again.

    Raises:
        WorldError: what the engine stands on is not installed.
        InputError, NodeError: a node's address is none, or the node cannot carry a world.
    """
    if settings.engine == "model":
        return ModelLedger(keys, keep=keep, guard=settings.guard)
    from registry.chain.chains import ChainsLedger
    from registry.chain.ledger import ChainLedger

    start_s = settings.start_s
    begin = partial(engines.new_engine, settings.engine, start_s - 1)
    try:
        if settings.chains > 1:
            return ChainsLedger.begin(begin, keys, start_s, settings.guard, settings.chains)
        chain = begin()
    except engines.EngineMissing as error:
        raise WorldError(str(error)) from error
    try:
        return ChainLedger(chain, keys, start_s, guard=settings.guard)
    except BaseException:
        chain.close()
        raise


def kept_ledger(
    settings: Settings, keys: KeyRing, pairs: Mapping[bytes, bytes], progress: Progress
) -> Ledger:
    """Open a ledger again from what it handed out (`Ledger.changes`).

    Raises:
        ChainDamaged: the pairs are not what it handed out.
        WorldError: what the engine stands on is not installed.
        InputError, NodeError: a node's address is none, or the node cannot carry a world.
    """
    if settings.engine == "model":
        return ModelLedger.resume(keys, pairs, progress, guard=settings.guard)
    from registry.chain.chains import ChainsLedger
    from registry.chain.ledger import ChainLedger

    try:
        reopen = engines.reopening(settings.engine)
    except engines.EngineMissing as error:
        raise WorldError(str(error)) from error
    if settings.chains > 1:
        return ChainsLedger.resume(pairs, keys, reopen, settings.chains, progress)
    return ChainLedger.resume(pairs, keys, reopen, progress)


def moment(when: str | date | datetime) -> int:
    """Return seconds since 1970-01-01 UTC; text is a date or a date with time, UTC if unmarked.

    Raises:
        WorldError: no such moment, or one before 1971.
    """
    if isinstance(when, str):
        try:
            when = datetime.fromisoformat(when)
        except ValueError as error:
            raise WorldError(f"{shown(when)}: expected a date such as 2025-07-01") from error
    if not isinstance(when, datetime):
        if not isinstance(when, date):
            raise WorldError(f"{shown(when)}: expected a date such as 2025-07-01")
        when = datetime(when.year, when.month, when.day)
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    if when.year < 1971:
        raise WorldError(f"{when.isoformat()}: expected a moment from 1971 on")
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


def later(now_s: int, days: int | None, until: str | date | datetime | None) -> int:
    """Return a moment `days` after now, or `until`; now, where that has passed.

    Raises:
        WorldError: neither or both given, days that are no int from 0 on, or a moment after the
            year 9999.
    """
    if (days is None) == (until is None):
        raise WorldError("advance takes either days or until")
    if until is not None:
        return max(now_s, moment(until))
    if isinstance(days, bool) or not isinstance(days, int) or days < 0:
        raise WorldError(f"days {shown(days)}: expected an int from 0 on")
    if days > (LAST_MOMENT_S - now_s) // 86_400:
        raise WorldError(f"days {shown(days)}: expected a moment up to the year 9999")
    return now_s + days * 86_400
