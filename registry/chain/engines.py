"""Engines by the names that `--engine` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Self

from registry.chain.engine import CHAIN_ID, Engine
from registry.chain.urls import shown_url
from registry.errors import ChainError, InvariantBroken

if TYPE_CHECKING:
    from registry.chain.revm.engine import RevmEngine

RPC: Final = "rpc:"
"""What stands before the address of a node."""


class EngineMissing(ChainError):
    """The engine cannot run here: the package that it stands on is not installed."""

    def __init__(self, name: str, package: str) -> None:
        self.name = name
        self.package = package
        super().__init__(
            f"engine {name} needs the package {package}, which is not installed here (it has "
            "wheels for the usual platforms only); engine tester does the same, slowly"
        )


class EngineName(str):
    """An engine's name as it is shown and kept, without user and password.

    Attributes:
        asked: The same with them, which is what a node is reached by.
    """

    __slots__ = ("asked",)
    asked: str

    def __new__(cls, asked: str) -> Self:
        """Make one of the name that was asked for."""
        name = super().__new__(cls, public(asked))
        name.asked = asked
        return name


def public(name: str) -> str:
    """Return an engine's name without user and password."""
    kind = RPC if name.startswith(RPC) else ""
    return kind + shown_url(name.removeprefix(RPC))


def best() -> str:
    """Return the fastest engine that runs here: "revm" where its wheel is installed."""
    return "tester" if find_spec("pyrevm") is None else "revm"


def new_engine(name: str, start_s: int, chain_id: int = CHAIN_ID) -> Engine:
    """Begin a chain.

    Args:
        name: "revm", "tester", or "rpc:" and the address of a node; an EngineName is that of
            the node as it was asked for.
        start_s: Timestamp of the genesis block, seconds since 1970. A node has its own, and none
            of its blocks may lie after this.
        chain_id: Id that transactions must be signed for. A node has its own.

    Raises:
        EngineMissing: what it stands on is not installed.
        InputError, NodeError: a node's address is none, or the node cannot carry a world.
    """
    name = _asked(name)
    if name.startswith(RPC):
        from registry.chain.rpc import RpcEngine

        return RpcEngine(name.removeprefix(RPC), by_s=start_s)
    if name == "tester":
        # py-evm takes a second to import; whoever does without need not wait for it.
        from registry.chain.tester import TesterEngine

        return TesterEngine(start_s=start_s, chain_id=chain_id)
    return _revm(name)(start_s=start_s, chain_id=chain_id)


def reopening(name: str) -> Callable[[Mapping[bytes, bytes]], Engine]:
    """Return what opens a chain again from all its changes.

    Raises:
        EngineMissing: what it stands on is not installed.
    """
    name = _asked(name)
    if name.startswith(RPC):
        from registry.chain.rpc import RpcEngine

        return partial(RpcEngine.resume, url=name.removeprefix(RPC))
    if name == "tester":
        from registry.chain.tester import TesterEngine

        return TesterEngine.resume
    return _revm(name).resume


def _asked(name: str) -> str:
    return name.asked if isinstance(name, EngineName) else name


def _revm(name: str) -> type[RevmEngine]:
    if name != "revm":
        raise InvariantBroken(f"no engine has the name {public(name)!r}")
    if find_spec("pyrevm") is None:
        raise EngineMissing("revm", "pyrevm")
    from registry.chain.revm.engine import RevmEngine

    return RevmEngine
