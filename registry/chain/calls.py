"""How actions are said to the contracts: which contract, which function, which values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain, repeat
from typing import Any

from registry.chain.bridging import BridgeVoice
from registry.chain.deployment import role_hash
from registry.chain.voice import NO_HINT, Said, digest_of, said, word
from registry.records import action as act
from registry.records.claim import Claim
from registry.records.identity import Role
from registry.records.project import statement_id


class Speaker(BridgeVoice):
    """Turns one registry's actions into calldata.

    Hints say where a guard should begin to look. The next serial or period is most often the last
    of its list, where no hint is a good hint; wrong ones cost gas or are refused as stale, never
    more.
    """

    def say(self, action: act.Action, hints: Sequence[int] = ()) -> Said:
        """Return the call that carries out `action`; `OpenRegistry` takes more than one.

        Args:
            hints: For an issue, one for each of its first orders; for another action that takes
                one, one or none.
        """
        hinted = _HINTED.get(type(action))
        if hinted is not None:
            return hinted(self, action, hints)
        return _SAYINGS[type(action)](self, action)

    def _directory(self, function: str, *args: Any) -> Said:
        return said(self.platform.directory, "AccountDirectory", function, *args)

    def open_account(self, action: act.OpenAccount) -> Said:
        """Say OpenAccount."""
        return self._directory(
            "openAccount",
            self.naming.hash(action.account),
            self.naming.address(action.account),
            action.account,
            action.jurisdiction.encode(),
        )

    def close_account(self, action: act.CloseAccount) -> Said:
        """Say CloseAccount."""
        return self._directory("closeAccount", self.naming.hash(action.account))

    def accredit(self, action: act.Accredit) -> Said:
        """Say Accredit."""
        verifier = self.naming.address(action.verifier)
        role = role_hash(Role.VERIFIER)
        return said(self.own.authority, "Authority", "grantRole", role, verifier)

    def register_project(self, action: act.RegisterProject) -> Said:
        """Say RegisterProject."""
        developer = self.naming.address(action.developer)
        return self._projects("registerProject", action.project, developer, word(action.root))

    def update_project(self, action: act.UpdateProject) -> Said:
        """Say UpdateProject."""
        return self._projects("updateProject", action.project, word(action.root))

    def verify(self, action: act.Verify, hints: Sequence[int] = ()) -> Said:
        """Say Verify, signed by its verifier."""
        hint = hints[0] if hints else NO_HINT
        return self._projects("verify", self.statement(action), self.signature(action), hint)

    def statement(self, action: act.Verify) -> tuple[Any, ...]:
        """Return the statement as the contract's struct."""
        return (
            action.project,
            action.start,
            action.end,
            action.amount_g,
            word(action.report),
            self.naming.address(action.verifier),
        )

    def signature(self, action: act.Verify) -> bytes:
        """Sign a statement as its verifier (EIP-712)."""
        statement = statement_id(
            action.project,
            action.start,
            action.end,
            action.amount_g,
            action.report,
            self.naming.address(action.verifier),
        )
        digest = digest_of("CarbonRegistry", self.chain_id, self.own.projects, word(statement))
        return self.naming.keys.sign(digest, action.verifier)

    def issue(self, action: act.Issue, hints: Sequence[int] = ()) -> Said:
        """Say Issue, with hints for its first orders, or none."""
        padded = chain(hints, repeat(NO_HINT))
        orders = [
            (
                order.batch,
                self.naming.address(order.to, self.registry),
                order.amount_g,
                order.start_g,
                order.vintage,
                word(order.statement),
                order.scope,
                hint,
            )
            for order, hint in zip(action.orders, padded, strict=False)
        ]
        for order in action.orders:
            self.naming.hash(order.scope)
        if len(orders) == 1:
            return self._credits("issue", orders[0])
        return self._credits("issueMany", orders)

    def transfer(self, action: act.Transfer) -> Said:
        """Say Transfer: the standard's own function where one order stands alone."""
        orders = [
            (order.batch, self.naming.address(order.to, self.registry), order.amount_g)
            for order in action.orders
        ]
        if len(orders) == 1:
            batch, to, amount_g = orders[0]
            source = self.naming.address(action.by, self.registry)
            return self._credits("safeTransferFrom", source, to, batch, amount_g, b"")
        return self._credits("transferMany", orders)

    def retire(self, action: act.Retire) -> Said:
        """Say Retire."""
        orders = [_retire_order(order) for order in action.orders]
        if len(orders) == 1:
            return self._credits("retire", orders[0])
        return self._credits("retireMany", orders)

    def request(self, action: act.RequestRetirement) -> Said:
        """Say RequestRetirement."""
        return self._credits("requestRetirement", _retire_order(action.order), action.deadline_s)

    def finalise(self, action: act.FinaliseRetirement) -> Said:
        """Say FinaliseRetirement."""
        return self._credits("finaliseRetirement", action.id)

    def revert(self, action: act.RevertRetirement) -> Said:
        """Say RevertRetirement."""
        return self._credits("revertRetirement", action.id, action.reason)

    def cancel(self, action: act.Cancel) -> Said:
        """Say Cancel."""
        return self._credits("cancel", action.id, action.batch, action.amount_g, action.reason)

    def lock(self, action: act.Lock) -> Said:
        """Say Lock."""
        holder = self.naming.address(action.holder, self.registry)
        return self._credits(
            "lock", action.id, action.batch, holder, action.amount_g, action.reason
        )

    def release(self, action: act.Release) -> Said:
        """Say Release."""
        if action.start_g is None:
            return self._credits("release", action.id, action.amount_g)
        return self._credits("releaseInterval", action.id, action.start_g, action.amount_g)

    def pledge(self, action: act.Pledge) -> Said:
        """Say Pledge."""
        lender = self.naming.address(action.lender, self.registry)
        return self._credits("pledge", action.id, action.batch, action.amount_g, lender)

    def release_pledge(self, action: act.ReleasePledge) -> Said:
        """Say ReleasePledge."""
        return self._credits("releasePledge", action.id)

    def foreclose(self, action: act.Foreclose) -> Said:
        """Say Foreclose."""
        return self._credits("foreclose", action.id)

    def end_pledge(self, action: act.EndPledge) -> Said:
        """Say EndPledge."""
        return self._credits("endPledge", action.id, action.reason)

    def freeze(self, action: act.Freeze) -> Said:
        """Say Freeze."""
        account = self.naming.address(action.account, self.registry)
        return self._credits("setFrozenTokens", account, action.batch, action.amount_g)

    def force_transfer(self, action: act.ForceTransfer) -> Said:
        """Say ForceTransfer."""
        return self._credits(
            "forcedTransfer(address,address,uint256,uint256,string)",
            self.naming.address(action.source, self.registry),
            self.naming.address(action.to, self.registry),
            action.batch,
            action.amount_g,
            action.reason,
        )

    def pause(self, _: act.Pause) -> Said:
        """Say Pause."""
        return self._credits("pause")

    def unpause(self, _: act.Unpause) -> Said:
        """Say Unpause."""
        return self._credits("unpause")


def claim_struct(claim: Claim) -> tuple[str, ...]:
    """Return a claim as the contracts' struct."""
    return (claim.beneficiary, claim.purpose, claim.reason, claim.period, claim.jurisdiction)


def _retire_order(order: act.RetireOrder) -> tuple[Any, ...]:
    return (order.id, order.batch, order.amount_g, claim_struct(order.claim))


_SAYINGS: dict[type[act.Action], Callable[[Speaker, Any], Said]] = {
    act.OpenAccount: Speaker.open_account,
    act.CloseAccount: Speaker.close_account,
    act.Accredit: Speaker.accredit,
    act.RegisterProject: Speaker.register_project,
    act.UpdateProject: Speaker.update_project,
    act.Transfer: Speaker.transfer,
    act.Retire: Speaker.retire,
    act.RequestRetirement: Speaker.request,
    act.FinaliseRetirement: Speaker.finalise,
    act.RevertRetirement: Speaker.revert,
    act.Cancel: Speaker.cancel,
    act.Lock: Speaker.lock,
    act.Release: Speaker.release,
    act.Pledge: Speaker.pledge,
    act.ReleasePledge: Speaker.release_pledge,
    act.Foreclose: Speaker.foreclose,
    act.EndPledge: Speaker.end_pledge,
    act.Freeze: Speaker.freeze,
    act.ForceTransfer: Speaker.force_transfer,
    act.Pause: Speaker.pause,
    act.Unpause: Speaker.unpause,
    act.AdmitPeer: Speaker.admit_peer,
    act.VoidImport: Speaker.void_import,
    act.Acknowledge: Speaker.acknowledge,
}

_HINTED: dict[type[act.Action], Callable[[Speaker, Any, Sequence[int]], Said]] = {
    act.Verify: Speaker.verify,
    act.Issue: Speaker.issue,
    act.Export: Speaker.export,
    act.Move: Speaker.move,
    act.Import: Speaker.import_,
    act.Compensate: Speaker.compensate,
    act.Mirror: Speaker.mirror,
    act.Unmirror: Speaker.unmirror,
}
"""Those that take hints."""
