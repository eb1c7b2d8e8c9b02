"""What each operation costs on chain, measured on the engine that charges as a real chain does.

Each figure is a whole transaction, cold: intrinsic gas, calldata, and every slot touched for the
first time in it. Nothing is estimated; it is what the receipts say.
"""

from __future__ import annotations

from collections.abc import Callable

from registry.chain.artifacts import artifact, names
from registry.chain.engine import Call
from registry.chain.ledger import ChainLedger
from registry.chain.voice import NO_HINT
from registry.kept.opening import WorldError
from registry.records import action as act
from registry.records.base import Record
from registry.records.identity import batch_id, imported_id
from registry.records.result import Batch
from registry.world import World

CODE_SIZE_LIMIT = 24_576
"""Bytes a contract may have on Ethereum (EIP-170)."""

_CROSSING_G = 100_000_000


class Cost(Record):
    """Gas of one operation.

    Attributes:
        operation: What was done.
        count: How many of it one transaction did.
        gas: Of the whole transaction.
    """

    operation: str
    count: int
    gas: int

    @property
    def gas_each(self) -> int:
        """Gas per item, rounded down."""
        return self.gas // self.count


def measure() -> tuple[Cost, ...]:
    """Carry out every operation once or more on a fresh chain and read its gas."""
    with World.open(engine="tester") as world:
        return tuple(_Meter(world).run())


def sizes() -> dict[str, int]:
    """Return the bytes of runtime code of each contract that is deployed, ascending by name."""
    found = {name: artifact(name).runtime_size for name in names() if "/" not in name}
    return {name: size for name, size in found.items() if size}


class _Meter:
    def __init__(self, world: World) -> None:
        if not isinstance(world.ledger, ChainLedger):
            raise WorldError("gas is measured on a chain")
        self._world = world
        self._ledger = world.ledger
        self._costs: list[Cost] = []
        self._icr = world.registry("ICR")
        for name in ("Acme", "Borealis", "Cedar Bank", "Delta"):
            world.account(name)

    def _note(self, operation: str, step: Callable[[], object], count: int = 1) -> None:
        before = len(self._ledger.coordinates)
        step()
        gas = {at.tx_hash: at.gas_used for at in self._ledger.coordinates[before:]}
        self._costs.append(Cost(operation=operation, count=count, gas=sum(gas.values())))

    def run(self) -> list[Cost]:
        batches = self._set_up()
        self._move(batches)
        self._retire(batches)
        self._encumber(batches)
        self._order(batches)
        self._cross(batches[3])
        self._claim()
        return self._costs

    def _set_up(self) -> list[Batch]:
        icr = self._icr
        self._note("open account", lambda: self._world.account("Skogur", "IS"))
        forest = icr.register_project("Highland forest", "IS", "AR-ACM0003", "Skogur")
        self._note(
            "register project",
            lambda: icr.register_project("Lowland forest", "IS", "AR-ACM0003", "Skogur"),
        )
        self._note("update project", lambda: icr.update_project(forest, hectares=120))
        icr.verify(forest, 2022, 1_000_000, "Verifier", "first")
        self._note("verify", lambda: icr.verify(forest, 2023, 1_000_000, "Verifier", "second"))
        statement = icr.verify(forest, 2024, 10_000_000, "Verifier", "third")
        batches: list[Batch] = []

        def issue(vintage: int = 2024) -> None:
            batches.append(icr.issue(forest, vintage, 10_000, "Skogur", statement))

        self._note("issue, first in its serial", issue)
        self._note("issue, next in its serial", issue)
        self._issue_many(statement.id, forest.number)
        for _ in range(60):
            issue()
        return batches

    def _issue_many(self, statement: str, project: int) -> None:
        orders = tuple(
            act.IssueOrder(
                batch=batch_id(project, 10_000 + at),
                to="Skogur",
                amount_g=10**9,
                start_g=at * 10**9,
                vintage=2024,
                statement=statement,
                scope="ICR-ISL-354-1-14-R-0-2024",
            )
            for at in range(20)
        )
        action = act.Issue(registry="ICR", orders=orders)
        self._note("issueMany, 20 batches", lambda: self._world.apply(action), 20)

    def _move(self, batches: list[Batch]) -> None:
        icr, first = self._icr, batches[0]
        self._note("transfer, to a new holder", lambda: icr.transfer(first, 100, "Skogur", "Acme"))
        self._note("transfer, again", lambda: icr.transfer(first, 100, "Skogur", "Acme"))

    def _retire(self, batches: list[Batch]) -> None:
        icr, first = self._icr, batches[0]

        def retire() -> None:
            icr.retire(first, 10, "Acme", "Acme Corp", "voluntary")

        self._note("retire, holder's first", retire)
        self._note("retire, again", retire)
        self._note(
            "retireMany, 50 from one batch",
            lambda: icr.retire_many(
                [(first, 1)] * 50, "Acme", beneficiary="Acme Corp", purpose="voluntary"
            ),
            50,
        )
        self._note(
            "retireMany, one from each of 50 batches",
            lambda: icr.retire_many(
                [(batch, 10) for batch in batches[10:60]],
                "Skogur",
                beneficiary="Acme Corp",
                purpose="voluntary",
            ),
            50,
        )
        request = icr.request_retirement(first, 10, "Acme", "Acme Corp", "voluntary")
        self._note("finalise retirement", lambda: icr.finalise_retirement(request))
        waiting: list[object] = []
        self._note(
            "request retirement",
            lambda: waiting.append(
                icr.request_retirement(first, 10, "Acme", "Acme Corp", "voluntary")
            ),
        )
        second = icr.request_retirement(first, 5, "Acme", "Acme Corp", "voluntary")
        self._note("revert retirement", lambda: icr.revert_retirement(second, "withdrawn"))

    def _encumber(self, batches: list[Batch]) -> None:
        icr, batch = self._icr, batches[2]
        icr.transfer(batch, 1_000, "Skogur", "Acme")
        self._note("cancel", lambda: icr.cancel(batch, 10, "Acme", "lost"))
        self._note("lock", lambda: icr.lock(batch, 10, "Acme", "for sale"))
        lock = icr.lock(batch, 10, "Acme", "for sale")
        self._note("release", lambda: icr.release(lock))
        self._note("pledge", lambda: icr.pledge(batch, 10, "Acme", "Cedar Bank"))
        pledge = icr.pledge(batch, 10, "Acme", "Cedar Bank")
        self._note("release pledge", lambda: icr.release_pledge(pledge))
        taken = icr.pledge(batch, 10, "Acme", "Cedar Bank")
        self._note("foreclose", lambda: icr.foreclose(taken))

    def _order(self, batches: list[Batch]) -> None:
        icr, batch = self._icr, batches[2]
        self._note("freeze", lambda: icr.freeze(batch, 10, "Acme"))
        self._note(
            "forced transfer",
            lambda: icr.forced_transfer(batch, 10, "Acme", "Delta", "court order"),
        )
        self._note("pause", icr.pause)
        self._note("unpause", icr.unpause)

    def _cross(self, batch: Batch) -> None:
        """Let credits pass to another registry and back, after some that have done so before."""
        icr, eco, apply = self._icr, self._world.registry("EcoRegistry"), self._world.apply
        self._note("admit peer", lambda: icr.admit("EcoRegistry"))
        eco.admit("ICR")

        def way(home: bool, batch: int, amount_g: int) -> dict[str, object]:
            source, target = ("EcoRegistry", "ICR") if home else ("ICR", "EcoRegistry")
            id = self._world.index.next_id(source)
            said = {"registry": source, "target": target, "id": id, "batch": batch}
            return {**said, "by": "Skogur", "to": "Skogur", "amount_g": amount_g}

        def send(home: bool, batch: int, amount_g: int) -> act.Export:
            deadline_s = self._world.now_s + 1_000
            return act.Export.model_validate(
                {**way(home, batch, amount_g), "deadline_s": deadline_s}
            )

        def carry(operation: str, sent: act.Export) -> None:
            message = self._world.index.channels.sent[sent.registry, sent.id].message
            arrival = act.Import(registry=sent.target, message=message)
            self._note(operation, lambda: apply(arrival))

        apply(act.Move.model_validate(way(False, batch.batch, _CROSSING_G)))
        out = send(False, batch.batch, _CROSSING_G)
        self._note("export", lambda: apply(out))
        carry("import", out)
        answer = act.Acknowledge(registry="ICR", id=out.id)
        self._note("acknowledge", lambda: apply(answer))
        arrived = imported_id(2)
        home = send(True, arrived, _CROSSING_G // 2)
        self._note("export, on the way home", lambda: apply(home))
        carry("return", home)
        move = act.Move.model_validate(way(False, batch.batch, _CROSSING_G))
        self._note("move", lambda: apply(move))
        back = act.Move.model_validate(way(True, arrived, _CROSSING_G // 4))
        self._note("move, on the way home", lambda: apply(back))
        lock = icr.lock(batch, 10, "Skogur", "to be mirrored")
        self._note("mirror", lambda: eco.mirror(lock, "Skogur"))
        mirrored = self._world.batch("EcoRegistry", imported_id(4))
        self._note("unmirror", lambda: eco.unmirror(mirrored, 10, "Skogur"))

    def _claim(self) -> None:
        """Claim an interval straight at the guard, as a registry that was admitted for it."""
        guard = artifact("SerialIndex").interface
        naming, platform = self._ledger.naming, self._ledger.platform
        stranger = naming.address("Delta")
        admit = guard.functions["admit"].encode(stranger)
        claim = guard.functions["claim"].encode(naming.hash("a scope"), 0, 10**9, NO_HINT)
        engine = self._ledger.engine
        _, now_s = engine.head()
        engine.send([Call(naming.key("@platform", ""), platform.guard, admit)], now_s + 1)
        receipt = engine.send([Call(naming.key("Delta", ""), platform.guard, claim)], now_s + 2)[0]
        self._costs.append(
            Cost(operation="interval claim at the guard", count=1, gas=receipt.gas_used)
        )
