"""The side of a registry that is about its bridge: peers, exports, mirrors."""

from __future__ import annotations

from registry import errors
from registry.desk.credits import CreditDesk
from registry.operators.numbering import describe
from registry.records import action as act
from registry.records import result as res
from registry.records.identity import check_name, is_ex_ante
from registry.units import AMOUNT_MAX_G, DAY_S, Tonnes, grams

EXPORT_DAYS = 1
"""How long a message may take, unless told otherwise. An assumption of ours."""


class BridgeDesk(CreditDesk):
    """What a registry does about credits that leave it or come from elsewhere, step by step.

    `World.transfer_between` does whole transfers.
    """

    def admit(self, peer: str, tonnes: Tonnes | None = None) -> None:
        """Let the bridge exchange credits with another registry's, as the operator.

        Args:
            tonnes: Most of the peer's own credits that may be outstanding here; any amount if
                absent.
        """
        allowance_g = AMOUNT_MAX_G if tonnes is None else grams(tonnes)
        action = act.AdmitPeer(
            registry=self.name, peer=check_name("registry", peer), allowance_g=allowance_g
        )
        self._do(action)

    def export(
        self,
        batch: res.Batch,
        tonnes: Tonnes,
        holder: str,
        target: str,
        to: str,
        *,
        days: int = EXPORT_DAYS,
    ) -> res.Export:
        """Send credits to another registry by message; `World.relay` carries it.

        Args:
            batch: Of this registry; an imported one can only go back to its home.
            target: Registry that is to get them, for the account `to`.
            to: Opened if it has none: what is sent for nobody cannot arrive.
            days: How long the message may take.
        """
        if type(days) is not int:
            raise errors.ActionError("Export", "days", days, "expected an int")
        by, known, amount_g = self._account(holder), self._batch(batch), grams(tonnes)
        with self._world.all_or_nothing():
            self._world.account(to)
            action = act.Export(
                registry=self.name,
                by=by,
                id=self._world.index.next_id(self.name),
                batch=known,
                amount_g=amount_g,
                target=check_name("registry", target),
                to=self._account(to),
                # To open an account takes a moment, which the message must not lose.
                deadline_s=self._world.now_s + days * DAY_S,
            )
            entry = self._do(action)
        return res.Export(
            **self._disposed(entry),
            target=action.target,
            to=action.to,
            deadline_s=action.deadline_s,
        )

    def mirror(self, lock: res.Lock, to: str) -> tuple[res.Batch, ...]:
        """Issue what stands for credits that another registry holds locked, as the operator.

        Nothing but the operators' word ties the two together.

        Returns:
            A batch for each interval of the lock.

        Raises:
            ExAnteNotRetirable, NotHome: the lock holds expected credits, or those of another home.
        """
        if not isinstance(lock, res.Lock):
            raise errors.IdentifierError(lock, "lock", "expected what `lock` returned")
        locked = self._world.batch(lock.registry, lock.batch)
        if is_ex_ante(lock.batch):
            raise errors.ExAnteNotRetirable(lock.batch)
        if locked.home is not None:
            raise errors.NotHome(lock.batch, locked.home)
        with self._world.all_or_nothing():
            self._world.account(to)
            entries = [
                self._do(
                    act.Mirror(
                        registry=self.name,
                        source=lock.registry,
                        lock=lock.id,
                        scope=locked.scope,
                        start_g=piece.start_g,
                        amount_g=piece.amount_g,
                        vintage=locked.vintage,
                        to=self._account(to),
                    )
                )
                for piece in lock.intervals
            ]
        return tuple(self._world.batch(self.name, entry.batch or 0) for entry in entries)

    def unmirror(self, batch: res.Batch, tonnes: Tonnes, holder: str) -> res.GivenUp:
        """Give up what stands for credits locked elsewhere.

        Their home then releases just these: `release_given_up` there.
        """
        action = act.Unmirror(
            registry=self.name,
            by=self._account(holder),
            id=self._world.index.next_id(self.name),
            batch=self._batch(batch),
            amount_g=grams(tonnes),
        )
        entry = self._do(action)
        return res.GivenUp(**self._disposed(entry), home=entry.home or "", lock=entry.export or 0)

    def release_given_up(self, given_up: res.GivenUp) -> tuple[str, ...]:
        """Release the credits whose mirror was given up; say which serials came back.

        They go to whoever had them locked. Nothing but the operators' word ties the two together.
        """
        if not isinstance(given_up, res.GivenUp):
            raise errors.IdentifierError(given_up, "record", "expected what `unmirror` returned")
        if given_up.home != self.name:
            raise errors.NotHome(given_up.batch, given_up.home)
        (interval,) = given_up.intervals
        action = act.Release(
            registry=self.name,
            id=given_up.lock,
            amount_g=interval.amount_g,
            start_g=interval.start_g,
        )
        entry = self._do(action)
        return describe(self._world.index.scope(self.name, entry.batch or 0), entry.intervals)
