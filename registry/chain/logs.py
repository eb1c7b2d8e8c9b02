"""The one place where the contracts' logs become entries.

Credits that move without our client (a holder calling `safeTransferFrom`) are decoded just the
same: what counts is what was logged. A transfer is a TransferSingle or TransferBatch between two
accounts; our own event that follows one says when it was more than that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from typing import Any, NamedTuple

from registry.chain.abi import Event
from registry.chain.artifacts import artifact
from registry.chain.deployment import GUARDS
from registry.chain.engine import Log
from registry.chain.names import Naming
from registry.chain.words import NotDecodable
from registry.errors import UndecodableLog
from registry.records.claim import Claim
from registry.records.entry import MIRROR, Kind
from registry.records.identity import PLATFORM, Role, project_of
from registry.records.interval import Interval

"""Marks the entries of what moves on operators' word."""

_NOBODY = bytes(20)
_SILENT = frozenset(
    {
        # What tokens, roles and guards log beside the fact itself.
        ("RetirementCertificate", "Transfer"),
        ("RetirementCertificate", "Locked"),
        ("CarbonRegistry", "ApprovalForAll"),
        ("AccountDirectory", "AddressLinked"),
    }
)
_SILENT_CONTRACTS = {*GUARDS.values(), "Authority"}
"""Of these, only what somebody reads is no silence."""


class Fact(NamedTuple):
    """An entry before it has its place: registry, kind, fields, and the log it came from."""

    registry: str
    kind: Kind
    fields: dict[str, Any]
    log: Log


Values = Mapping[str, Any]


def _pieces(values: Values) -> tuple[Interval, ...]:
    return tuple(Interval.unpack(packed) for packed in values["intervals"])


def _hex(word: bytes) -> str:
    return "0x" + word.hex()


def _claim(values: Values) -> Claim:
    # A direct caller of the contract may have claimed with texts that Claim refuses; what was
    # logged is a fact all the same and is kept as it stands.
    beneficiary, purpose, reason, period, jurisdiction = values["claim"]
    return Claim.model_construct(
        beneficiary=beneficiary,
        purpose=purpose,
        reason=reason,
        period=period,
        jurisdiction=jurisdiction,
    )


def _disposed(values: Values, naming: Naming) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "id": values["id"],
        "batch": values["batch"],
        "account": naming.name(values["holder"]),
        "amount_g": values["amount"],
        "intervals": _pieces(values),
    }
    if "claim" in values:
        fields["claim"] = _claim(values)
    if "deadline" in values:
        fields["deadline_s"] = values["deadline"]
    if "reason" in values:
        fields["text"] = values["reason"]
    return fields


def _pledged(values: Values, naming: Naming) -> dict[str, Any]:
    fields = {
        "id": values["id"],
        "batch": values["batch"],
        "account": naming.name(values["holder"]),
        "counterparty": naming.name(values["lender"]),
        "amount_g": values["amount"],
    }
    if "reason" in values:
        fields["text"] = values["reason"]
    return fields


def _issued(values: Values, naming: Naming) -> dict[str, Any]:
    start = values["start"]
    return {
        "project": project_of(values["batch"]),
        "batch": values["batch"],
        "account": naming.name(values["to"]),
        "amount_g": values["amount"],
        "intervals": (Interval(start, start + values["amount"]),),
        "scope": values["scope"],
        "vintage": values["vintage"],
        "statement": _hex(values["statement"]),
    }


def _moved(values: Values, naming: Naming) -> dict[str, Any]:
    return {
        "batch": values["tokenId"],
        "account": naming.name(values["from"]),
        "counterparty": naming.name(values["to"]),
        "amount_g": values["amount"],
        "text": "",
    }


def _arrived(values: Values, naming: Naming) -> dict[str, Any]:
    piece = Interval(values["start"], values["end"])
    return {
        "batch": values["batch"],
        "account": naming.name(values["to"]),
        "amount_g": piece.amount_g,
        "intervals": (piece,),
        "peer": naming.text(values["source"]),
        "export": values["exportId"],
        "number": values["number"] or None,
    }


def _imported(values: Values, naming: Naming) -> dict[str, Any]:
    return {
        **_arrived(values, naming),
        "scope": values["scope"],
        "vintage": values["vintage"],
        "home": naming.text(values["home"]),
        "text": MIRROR if values["mirrored"] else None,
    }


def _exported(values: Values, naming: Naming) -> dict[str, Any]:
    is_mirrored = values["mirrored"]
    return {
        "id": values["id"],
        "batch": values["batch"],
        "account": naming.name(values["holder"]),
        "counterparty": None if is_mirrored else naming.name(values["to"]),
        "amount_g": values["amount"],
        "intervals": (Interval(values["start"], values["end"]),),
        "deadline_s": values["deadline"] or None,
        "peer": naming.text(values["target"]),
        "home": naming.text(values["home"]),
        "export": values["exportId"],
        "number": values["number"] or None,
        "text": MIRROR if is_mirrored else None,
    }


def _voided(values: Values, naming: Naming) -> dict[str, Any]:
    piece = Interval(values["start"], values["end"])
    return {
        "amount_g": piece.amount_g,
        "intervals": (piece,),
        "peer": naming.text(values["source"]),
        "home": naming.text(values["home"]),
        "export": values["exportId"],
        "number": values["number"],
    }


def _acknowledged(values: Values, naming: Naming) -> dict[str, Any]:
    return {
        "id": values["id"],
        "batch": values["batch"],
        "account": naming.name(values["holder"]),
        "amount_g": values["amount"],
        "peer": naming.text(values["target"]),
        "number": values["number"],
    }


def _statement(values: Values, naming: Naming) -> dict[str, Any]:
    return {
        "project": values["project"],
        "account": naming.name(values["verifier"]),
        "amount_g": values["amount"],
        "statement": _hex(values["statement"]),
        "report": _hex(values["report"]),
        "period": (values["start"], values["end"]),
    }


Decoder = Callable[[Values, Naming], dict[str, Any]]

_FACTS: dict[tuple[str, str], tuple[Kind, Decoder]] = {
    ("AccountDirectory", "AccountOpened"): (
        Kind.ACCOUNT_OPENED,
        lambda v, _: {
            "account": v["name"],
            "text": v["jurisdiction"].rstrip(b"\0").decode("ascii", "replace"),
        },
    ),
    ("AccountDirectory", "AccountClosed"): (
        Kind.ACCOUNT_CLOSED,
        lambda v, naming: {"account": naming.text(v["account"])},
    ),
    ("ProjectRegistry", "ProjectRegistered"): (
        Kind.PROJECT_REGISTERED,
        lambda v, naming: {
            "project": v["project"],
            "account": naming.name(v["developer"]),
            "root": _hex(v["root"]),
            "version": 1,
        },
    ),
    ("ProjectRegistry", "ProjectUpdated"): (
        Kind.PROJECT_UPDATED,
        lambda v, _: {"project": v["project"], "root": _hex(v["root"]), "version": v["version"]},
    ),
    ("ProjectRegistry", "StatementRecorded"): (Kind.STATEMENT_RECORDED, _statement),
    ("CarbonRegistry", "BatchIssued"): (Kind.ISSUED, _issued),
    ("CarbonRegistry", "CreditsRetired"): (Kind.RETIRED, _disposed),
    ("CarbonRegistry", "RetirementRequested"): (Kind.RETIREMENT_REQUESTED, _disposed),
    ("CarbonRegistry", "RetirementFinalised"): (Kind.RETIREMENT_FINALISED, _disposed),
    ("CarbonRegistry", "RetirementReverted"): (Kind.RETIREMENT_REVERTED, _disposed),
    ("CarbonRegistry", "CreditsCancelled"): (Kind.CANCELLED, _disposed),
    ("CarbonRegistry", "CreditsLocked"): (Kind.LOCKED, _disposed),
    ("CarbonRegistry", "CreditsReleased"): (Kind.RELEASED, _disposed),
    ("CarbonRegistry", "CreditsPledged"): (Kind.PLEDGED, _pledged),
    ("CarbonRegistry", "PledgeReleased"): (Kind.PLEDGE_RELEASED, _pledged),
    ("CarbonRegistry", "PledgeForeclosed"): (Kind.FORECLOSED, _pledged),
    ("CarbonRegistry", "PledgeEnded"): (Kind.PLEDGE_ENDED, _pledged),
    ("CarbonRegistry", "Frozen"): (
        Kind.FROZEN,
        lambda v, naming: {
            "batch": v["tokenId"],
            "account": naming.name(v["account"]),
            "amount_g": v["amount"],
        },
    ),
    ("CarbonRegistry", "ForcedTransfer"): (Kind.FORCED_TRANSFER, _moved),
    ("RegistryBridge", "CreditsExported"): (Kind.EXPORTED, _exported),
    ("RegistryBridge", "CreditsImported"): (Kind.IMPORTED, _imported),
    ("RegistryBridge", "MessageVoided"): (Kind.IMPORT_VOIDED, _voided),
    ("RegistryBridge", "ExportAcknowledged"): (Kind.EXPORT_ACKNOWLEDGED, _acknowledged),
    ("CarbonRegistry", "Paused"): (Kind.PAUSED, lambda _v, _b: {}),
    ("CarbonRegistry", "Unpaused"): (Kind.UNPAUSED, lambda _v, _b: {}),
}


def facts_of(logs: Iterable[Log], naming: Naming) -> list[Fact]:
    """Turn the logs of one transaction into facts, in order.

    Args:
        logs: Of our contracts only, in order.
        naming: Knows which contract stands at which address, and who has which.

    Raises:
        UndecodableLog: an event that none of our contracts has, that this module forgot, or whose
            topics or data are not what it has.
    """
    facts: list[Fact] = []
    for log in logs:
        registry, contract = naming.contracts.get(log.address, ("", ""))
        event, add = _readings(contract).get(log.topics[0] if log.topics else b"", _UNKNOWN)
        if add is None:
            continue
        try:
            values = event.decode(log) if event else {}
        except NotDecodable as error:
            raise _undecodable(log) from error
        add(facts, Said(registry, log, values), naming)
    return facts


class Said(NamedTuple):
    """What a contract of a registry said: a log, and the values of its event."""

    registry: str
    log: Log
    values: Values


Add = Callable[[list[Fact], Said, Naming], None]
"""Adds what was said to the facts so far; it may explain what was said before."""


@cache
def _readings(contract: str) -> dict[bytes, tuple[Event | None, Add | None]]:
    """Return for each topic of a contract its event, and who reads it; None where it is silent."""
    found: dict[bytes, tuple[Event | None, Add | None]] = {}
    for topic, event in artifact(contract).interface.events.items() if contract else ():
        place = (contract, event.name)
        if place in _FACTS:
            found[topic] = event, partial(_add_fact, *_FACTS[place])
        elif place in _ADDS:
            found[topic] = event, _ADDS[place]
        elif place in _SILENT or contract in _SILENT_CONTRACTS:
            found[topic] = event, None
    return found


def _undecodable(log: Log) -> UndecodableLog:
    topic = "0x" + log.topics[0].hex() if log.topics else "-"
    return UndecodableLog("0x" + log.address.hex(), topic)


def _refuse(_facts: list[Fact], said: Said, _naming: Naming) -> None:
    raise _undecodable(said.log)


_UNKNOWN: tuple[Event | None, Add | None] = (None, _refuse)


def _add_fact(kind: Kind, decoder: Decoder, facts: list[Fact], said: Said, naming: Naming) -> None:
    if kind in {Kind.FORCED_TRANSFER, Kind.FORECLOSED}:
        _absorb(facts, kind, said.log)
    facts.append(Fact(said.registry, kind, decoder(said.values, naming), said.log))


def _absorb(facts: list[Fact], kind: Kind, log: Log) -> None:
    """Drop what the event at hand explains: the transfer before it, and a lowered freeze."""
    moved = facts.pop() if facts else None
    if moved is None or moved.kind is not Kind.TRANSFERRED:
        raise UndecodableLog("0x" + log.address.hex(), kind.value)
    if kind is Kind.FORCED_TRANSFER and facts and facts[-1].kind is Kind.FROZEN:
        lowered, taken = facts[-1].fields, moved.fields
        if (lowered["batch"], lowered["account"]) == (taken["batch"], taken["account"]):
            facts.pop()


def _add_transfer(facts: list[Fact], said: Said, naming: Naming) -> None:
    values = said.values
    _add_moves(facts, said, naming, ((values["id"], values["value"]),))


def _add_transfers(facts: list[Fact], said: Said, naming: Naming) -> None:
    moves = zip(said.values["ids"], said.values["values"], strict=True)
    _add_moves(facts, said, naming, moves)


def _add_moves(
    facts: list[Fact], said: Said, naming: Naming, moves: Iterable[tuple[int, int]]
) -> None:
    source, to = said.values["from"], said.values["to"]
    if _NOBODY in (source, to):
        return  # The event that follows says why credits came into being or went.
    for batch, amount_g in moves:
        fields = {
            "batch": batch,
            "account": naming.name(source),
            "counterparty": naming.name(to),
            "amount_g": amount_g,
        }
        facts.append(Fact(said.registry, Kind.TRANSFERRED, fields, said.log))


def _explain(facts: list[Fact], said: Said, naming: Naming) -> None:
    if not facts:
        _refuse(facts, said, naming)
    facts[-1].fields["text"] = said.values["reason"]


def _add_accredited(facts: list[Fact], said: Said, naming: Naming) -> None:
    is_verifier = naming.role(said.values["role"]) == Role.VERIFIER.value
    if is_verifier and said.registry != PLATFORM:
        fields = {"account": naming.name(said.values["account"])}
        facts.append(Fact(said.registry, Kind.VERIFIER_ACCREDITED, fields, said.log))


def _add_opened(facts: list[Fact], said: Said, naming: Naming) -> None:
    naming.hash(said.registry)  # From here on bridges may name it by its hash.
    fields = {"text": "native" if said.values["native"] else "mirrored"}
    facts.append(Fact(said.registry, Kind.REGISTRY_OPENED, fields, said.log))


def _add_admitted(facts: list[Fact], said: Said, naming: Naming) -> None:
    peer = said.values["name"]
    naming.hash(peer)
    fields = {"peer": peer, "amount_g": said.values["allowance"]}
    facts.append(Fact(said.registry, Kind.PEER_ADMITTED, fields, said.log))


def _add_returned(facts: list[Fact], said: Said, naming: Naming) -> None:
    home = said.registry
    fields = {**_arrived(said.values, naming), "id": said.values["exportId"], "home": home}
    facts.append(Fact(home, Kind.RETURNED, fields, said.log))


def _add_compensated(facts: list[Fact], said: Said, naming: Naming) -> None:
    values = said.values
    piece = Interval(values["start"], values["end"])
    last = facts[-1] if facts else None
    place = (said.registry, Kind.EXPORT_COMPENSATED, values["id"])
    if last is not None and (last.registry, last.kind, last.fields.get("id")) == place:
        # One more piece of the same export, which is compensated once.
        last.fields["amount_g"] += piece.amount_g
        last.fields["intervals"] += (piece,)
        return
    fields = {
        **_acknowledged({**values, "amount": piece.amount_g}, naming),
        "intervals": (piece,),
        "home": naming.text(values["home"]),
        "export": values["exportId"],
    }
    facts.append(Fact(said.registry, Kind.EXPORT_COMPENSATED, fields, said.log))


_ADDS: dict[tuple[str, str], Add] = {
    ("CarbonRegistry", "TransferSingle"): _add_transfer,
    ("CarbonRegistry", "TransferBatch"): _add_transfers,
    ("CarbonRegistry", "ForcedTransferExplained"): _explain,
    ("Authority", "RoleGranted"): _add_accredited,
    ("CarbonRegistry", "RegistryOpened"): _add_opened,
    ("RegistryBridge", "PeerAdmitted"): _add_admitted,
    ("RegistryBridge", "CreditsReturned"): _add_returned,
    ("RegistryBridge", "ExportCompensated"): _add_compensated,
}
