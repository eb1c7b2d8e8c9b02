"""Every error this package raises on purpose.

    RegistryError                     everything below
    +- InputError                     what was given is malformed
    |  +- AmountError                 negative, fractional base unit, over the bound, wrong type
    |  +- IdentifierError             text that does not parse as the named identifier
    |  |  +- AmbiguousSerial          a serial that two registries of a world print alike
    |  +- TextError                   free text too long or with control characters
    |  +- PeriodError                 not a period of days, or an empty one
    |  +- ActionError                 a field of an action of the wrong type or out of range
    |  +- NotAlone                    an action in a block with others that must be alone in one
    |  +- UnknownRegistry             no registry of that name in this world
    |  +- FeedError                   file, row and column of the bad cell
    |  +- ExportError                 a book that says what an export's format cannot
    |  +- RuleError                   an audit rule whose header, SQL or result is not usable
    |  +- ProfileError                file, line and column of what is wrong in a profile
    |  +- NotOffered                  something that the registry does not do
    |  +- UnknownUse                  a use that the registry does not retire for
    |  +- NotEligible                 a use for which the serials are not eligible
    |  +- SubjectMissing              a use that needs a passive subject, and none is named
    +- LedgerError                    a registry refused an action; one class per Solidity error
    |  +- ...                         see the list at the end of this module
    +- DeclarationError               contradicts what a Party or an operator declared before
    |  +- NotHost                     a Party speaks of a project on another's territory
    |  +- UnknownAuthorisation, AuthorisationExists, AuthorisationUsed
    |  +- AboveAuthorised, PurposeNotAuthorised, VintageNotAuthorised, UnitsNotAuthorised
    |  +- AuthorisationNotValid, EntityNotAuthorised, NotYetUsed, UsedAlready
    |  +- AlreadyTransferred, AlreadyAdjusted
    |  +- UnknownDisposition, UnknownReversal, AboveIssued, AboveLoss
    +- ChainError                     the chain side failed, the rules did not
    |  +- UnrecognisedRevert          revert data that no known error explains
    |  +- UndecodableLog              a log that no known event explains
    |  +- StaleArtifact               a compiled artifact that is not what the sources say
    |  +- ContractText, ContractPanic  what `Error(string)` and `Panic(uint256)` say
    |  +- ForeignContract             code at an address is not the contract expected there
    |  +- EngineClosed                asked after its world was closed
    |  +- UnknownBlock                no block of that number, or not yet
    |  +- ChainDamaged                what was kept of a ledger does not make one again
    |  +- TransactionRejected         the engine did not take the transaction at all
    |  +- NodeError                   the node that a chain is at cannot be used
    |     +- NodeUnreachable          it is away, or went away before it answered
    |     +- NodeNonsense             its answer is no answer to what it was asked
    |     +- NodeRefused              it does not do what it was asked
    |     +- NodeUnfit                it cannot carry a world
    |     +- WrongChain               it is on another chain than the one expected
    +- StoreError                     a database cannot be used as it is; nothing was changed
    |  +- StoreMissing                no such file, folder or database
    |  +- StoreDamaged                truncated, altered, or no database of ours
    |  +- SchemaMismatch              made by an older or a newer version
    |  +- ForeignStore                of another world or registry
    |  +- StoreLocked                 another process writes into it
    |  +- StoreReadOnly, StoreFull    nothing can be written
    |  +- StoreAway                   the server cannot be reached, or dropped the connection
    +- MirrorError                    the mirror cannot follow what it is shown
       +- EntriesDisordered           entries lost, doubled or out of order
       +- BlockMissing                a block that does not continue the one before
       +- ReorganisationTooDeep       the common ancestor lies further back than allowed
    InvariantBroken(AssertionError)   outside the tree: always a bug, never caught

Each error carries its values as attributes and builds its own message: what was asked, what was
found, with units. Findings of an audit are never exceptions.
"""

from __future__ import annotations

import reprlib
from datetime import UTC, datetime


class _Short(reprlib.Repr):
    """Shows what was given, shortened; Python itself refuses to print very long integers."""

    def repr_int(self, x: int, level: int) -> str:
        """Show an integer, or how long it is."""
        return str(x) if abs(x) < 2**256 else f"an integer of {x.bit_length()} bits"


_SHORT = _Short()
_SHORT.maxstring = _SHORT.maxother = 80


def shown(given: object) -> str:
    """Write what was given, shortened, for a message."""
    return _SHORT.repr(given)


def _t(amount_g: int) -> str:
    # As units.tonnes_text does, which imports this module.
    whole, rest = divmod(amount_g, 1_000_000)
    decimals = f".{rest:06d}".rstrip("0") if rest else ""
    return f"{whole}{decimals} t"


_LAST_DAY = 2_932_896
"""9999-12-31, where Python's calendar ends; the contracts count up to 2^32 days."""


def _day(days: int) -> str:
    if days > _LAST_DAY:
        return f"day {days}"
    return datetime.fromtimestamp(days * 86_400, UTC).date().isoformat()


def batch_text(batch: int) -> str:
    """Write a batch's token id as people read it: project number, a slash, batch number."""
    number = batch & (2**128 - 1)
    # As `registry.records.identity.is_ex_ante`, which imports this module.
    is_ex_ante, number = divmod(number, 2**127)
    return f"{batch >> 128}/{number}{' ex ante' if is_ex_ante else ''}"


def _several(numbers: tuple[int, ...]) -> str:
    """Write numbers, the first ten of them."""
    more = f" and {len(numbers) - 10} more" if len(numbers) > 10 else ""
    return ", ".join(map(str, numbers[:10])) + more


class RegistryError(Exception):
    """Root of everything this package raises on purpose.

    Attributes:
        index: Which of several actions it is about, from 0; None where `apply` was used.
    """

    index: int | None = None


class InvariantBroken(AssertionError):
    """One of the equations C1 to C7 failed where it holds by construction: a bug, never caught."""


class InputError(RegistryError):
    """What was given is malformed; nothing was changed."""


class AmountError(InputError):
    """An amount that is negative, too fine, too large, or of a type that amounts never have."""

    def __init__(self, given: object, expected: str) -> None:
        self.given = given
        self.expected = expected
        super().__init__(f"amount {_SHORT.repr(given)}: {expected}")


class IdentifierError(InputError):
    """Text that does not parse as the identifier it was given for."""

    def __init__(self, text: object, kind: str, expected: str) -> None:
        self.text = text
        self.kind = kind
        self.expected = expected
        super().__init__(f"{kind} {_SHORT.repr(text)}: {expected}")


class AmbiguousSerial(IdentifierError):
    """A serial's text that registries of one world print for different credits."""

    def __init__(self, text: object, scopes: tuple[str, ...]) -> None:
        self.scopes = scopes
        named = " and ".join(scopes)
        super().__init__(text, "serial", f"expected its scope besides, as it is printed in {named}")


class TextError(InputError):
    """Free text that is too long, empty where it must not be, or holds control characters."""

    def __init__(self, field: str, text: object, expected: str) -> None:
        self.field = field
        self.text = text
        self.expected = expected
        super().__init__(f"{field} {_SHORT.repr(text)}: {expected}")


class PeriodError(InputError):
    """Not a period of days, or an empty one."""

    def __init__(self, given: object, expected: str) -> None:
        self.given = given
        self.expected = expected
        super().__init__(f"period {_SHORT.repr(given)}: {expected}")


class ActionError(InputError):
    """A field of an action that is of the wrong type or out of its range."""

    def __init__(self, action: str, field: str, given: object, expected: str) -> None:
        self.action = action
        self.field = field
        self.given = given
        self.expected = expected
        super().__init__(f"{action}, field {field}: {_SHORT.repr(given)}: {expected}")


class NotAlone(InputError):
    """An action stands in one block with others, and must be alone in one."""

    def __init__(self, action: str, actions: int) -> None:
        self.action = action
        self.actions = actions
        super().__init__(f"{action} must be alone in its block, and is one of {actions} actions")


class UnknownRegistry(InputError):
    """No registry of that name is open in this world."""

    def __init__(self, registry: str, known: tuple[str, ...]) -> None:
        self.registry = registry
        self.known = known
        super().__init__(f"registry {registry!r} is not open; open are: {', '.join(known) or '-'}")


class FeedError(InputError):
    """A cell, row or file that is not what its format says."""

    def __init__(self, path: str, row: int | None, column: str | None, expected: str) -> None:
        self.path = path
        self.row = row
        self.column = column
        self.expected = expected
        place = path
        if row is not None:
            place += f", row {row}"
        if column is not None:
            place += f", column {column}"
        super().__init__(f"{place}: {expected}")


class ExportError(InputError):
    """A book that says what an export's format cannot; nothing is written."""

    def __init__(
        self,
        registry: str,
        expected: str,
        *,
        batch: int | None = None,
        serials: tuple[str, ...] = (),
    ) -> None:
        self.registry = registry
        self.batch = batch
        self.serials = serials
        self.expected = expected
        place = f"the book of {registry}"
        if batch is not None:
            place += f", batch {batch_text(batch)}"
        if serials:
            place += f", {', '.join(serials)}"
        super().__init__(f"{place}: {expected}")


class RuleError(InputError):
    """An audit rule whose file cannot be read, run, or turned into findings."""

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"rule {path}: {problem}")


class ProfileError(InputError):
    """A registry's profile that is not what its format says.

    Attributes:
        path: The file; None for a profile that came from none.
        place: Line and column in it, from 1; None where it is about the file.
        key: The way to the value, such as "uses.CORSIA.code"; "" for the whole.
    """

    def __init__(
        self, path: str | None, place: tuple[int, int] | None, key: str, expected: str
    ) -> None:
        self.path = path
        self.place = place
        self.key = key
        self.expected = expected
        where = "profile" if path is None else path
        if place is not None:
            where += f", line {place[0]}, column {place[1]}"
        if key:
            where += f", key {key}"
        super().__init__(f"{where}: {expected}")

    @property
    def line(self) -> int | None:
        """Line in the file, from 1."""
        return self.place and self.place[0]

    @property
    def column(self) -> int | None:
        """Column in that line, from 1."""
        return self.place and self.place[1]


class NotOffered(InputError):
    """Asked of a registry what it does not do, as its profile says."""

    def __init__(self, registry: str, what: str) -> None:
        self.registry = registry
        self.what = what
        super().__init__(f"{registry} does not do this: {what}")


class UnknownUse(InputError):
    """A use that is not on the list of those for which the registry retires."""

    def __init__(self, registry: str, use: str, known: tuple[str, ...]) -> None:
        self.registry = registry
        self.use = use
        self.known = known
        super().__init__(f"{registry} retires for {', '.join(known)}; asked: {_SHORT.repr(use)}")


class NotEligible(InputError):
    """Serials that are to be retired for a use for which they are not eligible."""

    def __init__(self, batch: int, purpose: str, uses: tuple[str, ...]) -> None:
        self.batch = batch
        self.purpose = purpose
        self.uses = uses
        super().__init__(
            f"batch {batch_text(batch)} is eligible for {', '.join(uses) or 'no use'}, "
            f"not for {_SHORT.repr(purpose)}"
        )


class SubjectMissing(InputError):
    """A use whose claim must name a passive subject, in the name of whom a tax is met."""

    def __init__(self, purpose: str) -> None:
        self.purpose = purpose
        super().__init__(f"a retirement for {_SHORT.repr(purpose)} must name its passive subject")


class DeclarationError(RegistryError):
    """A declaration that contradicts what was declared before; nothing was recorded."""


class NotHost(DeclarationError):
    """A Party speaks of a project on another's territory, or of one without a host country."""

    def __init__(self, party: str, registry: str, project: int, host: str | None) -> None:
        self.party = party
        self.registry = registry
        self.project = project
        self.host = host
        super().__init__(
            f"{registry} project {project} is in {host or 'no country that is known'}, "
            f"and {party} speaks of it"
        )


class UnknownAuthorisation(DeclarationError):
    """The Party gave no authorisation of this id, or revoked it."""

    def __init__(self, party: str, authorisation: str) -> None:
        self.party = party
        self.authorisation = authorisation
        super().__init__(f"{party} has no authorisation {authorisation!r} in force")


class AuthorisationExists(DeclarationError):
    """An authorisation's id is used once."""

    def __init__(self, authorisation: str) -> None:
        self.authorisation = authorisation
        super().__init__(f"there is an authorisation {authorisation!r} already")


class AuthorisationUsed(DeclarationError):
    """Units were transferred under the authorisation, so that it cannot be revoked (g)."""

    def __init__(self, authorisation: str, transferred: int) -> None:
        self.authorisation = authorisation
        self.transferred = transferred
        super().__init__(f"{_t(transferred)} were transferred under {authorisation} already")


class AboveAuthorised(DeclarationError):
    """More would be transferred than was authorised (g)."""

    def __init__(self, authorisation: str, authorised: int, transferred: int, amount: int) -> None:
        self.authorisation = authorisation
        self.authorised = authorised
        self.transferred = transferred
        self.amount = amount
        super().__init__(
            f"{authorisation} is for {_t(authorised)}; {_t(transferred)} were transferred, and "
            f"{_t(amount)} more would be above it"
        )


class PurposeNotAuthorised(DeclarationError):
    """The authorisation is for other uses."""

    def __init__(self, authorisation: str, purpose: str, purposes: tuple[str, ...]) -> None:
        self.authorisation = authorisation
        self.purpose = purpose
        self.purposes = purposes
        super().__init__(f"{authorisation} is for {' and '.join(purposes)}, not for {purpose}")


class VintageNotAuthorised(DeclarationError):
    """The authorisation is for other vintages."""

    def __init__(self, authorisation: str, vintage: int, vintages: tuple[int, int]) -> None:
        self.authorisation = authorisation
        self.vintage = vintage
        self.vintages = vintages
        first, last = vintages
        super().__init__(f"{authorisation} is for vintages {first} to {last}, not for {vintage}")


class UnitsNotAuthorised(DeclarationError):
    """The authorisation is for another project's units, or for other batches."""

    def __init__(self, authorisation: str, registry: str, batch: int) -> None:
        self.authorisation = authorisation
        self.registry = registry
        self.batch = batch
        super().__init__(f"{authorisation} is not for batch {batch_text(batch)} of {registry}")


class AuthorisationNotValid(DeclarationError):
    """The authorisation is not in its period (days since 1970-01-01, half-open)."""

    def __init__(self, authorisation: str, day: int, period: tuple[int, int]) -> None:
        self.authorisation = authorisation
        self.day = day
        self.period = period
        first, end = map(_day, period)
        super().__init__(
            f"{authorisation} is valid from {first} until before {end}, not on {_day(day)}"
        )


class EntityNotAuthorised(DeclarationError):
    """The authorisation names who may use the units, and not this one."""

    def __init__(self, authorisation: str, entity: str, entities: tuple[str, ...]) -> None:
        self.authorisation = authorisation
        self.entity = entity
        self.entities = entities
        super().__init__(f"{authorisation} is for {', '.join(entities)}, not for {entity}")


class NotYetUsed(DeclarationError):
    """Under the authorisation units are transferred first by their use, so a use is needed."""

    def __init__(self, authorisation: str, batch: int) -> None:
        self.authorisation = authorisation
        self.batch = batch
        super().__init__(
            f"{authorisation} counts a use as the first transfer: name a retirement or "
            f"cancellation, not batch {batch_text(batch)}"
        )


class UsedAlready(DeclarationError):
    """Serials of a batch were retired or cancelled, so that it does not stand for them any more."""

    def __init__(self, batch: int, serials: tuple[str, ...]) -> None:
        self.batch = batch
        self.serials = serials
        super().__init__(
            f"batch {batch_text(batch)}: retired or cancelled already are {'; '.join(serials)}"
        )


class AlreadyTransferred(DeclarationError):
    """Part of the interval was transferred before (bounds of that transfer, g, half-open)."""

    def __init__(self, scope: str, start: int, end: int) -> None:
        self.scope = scope
        self.start = start
        self.end = end
        super().__init__(f"scope {scope}: {start} g until before {end} g is transferred already")


class AlreadyAdjusted(DeclarationError):
    """The adjustment for part of the interval is completed (bounds of that part, g)."""

    def __init__(self, scope: str, start: int, end: int) -> None:
        self.scope = scope
        self.start = start
        self.end = end
        super().__init__(f"scope {scope}: {start} g until before {end} g is adjusted already")


class UnknownDisposition(DeclarationError):
    """The registry's ledger has no such retirement or cancellation."""

    def __init__(self, registry: str, id: int) -> None:
        self.registry = registry
        self.id = id
        super().__init__(f"{registry} has no retirement or cancellation {id} as it is said here")


class UnknownReversal(DeclarationError):
    """The registry recorded no reversal of this id."""

    def __init__(self, registry: str, reversal: int) -> None:
        self.registry = registry
        self.reversal = reversal
        super().__init__(f"{registry} recorded no reversal {reversal}")


class AboveIssued(DeclarationError):
    """More would be lost of a project than was issued for it (g)."""

    def __init__(self, project: int, issued: int, lost: int, amount: int) -> None:
        self.project = project
        self.issued = issued
        self.lost = lost
        self.amount = amount
        super().__init__(
            f"project {project} was issued {_t(issued)} and lost {_t(lost)}: it cannot lose "
            f"{_t(amount)} more"
        )


class AboveLoss(DeclarationError):
    """More would be cancelled for a reversal than is left of it to cover (g)."""

    def __init__(self, reversal: int, deficit: int, amount: int) -> None:
        self.reversal = reversal
        self.deficit = deficit
        self.amount = amount
        super().__init__(
            f"{_t(deficit)} of reversal {reversal} are left to cover, not {_t(amount)}"
        )


class ChainError(RegistryError):
    """The chain side failed, the rules did not."""


class UnrecognisedRevert(ChainError):
    """Revert data that no error of our contracts, `Error` or `Panic` explains."""

    def __init__(self, data: bytes, reason: str = "") -> None:
        self.data = data
        self.reason = reason
        shown = "0x" + data[:68].hex() if data else "no data"
        super().__init__(f"the chain refused for a reason unknown here: {reason or shown}")


class UndecodableLog(ChainError):
    """A log of one of our contracts that no event in its ABI explains."""

    def __init__(self, address: str, topic: str) -> None:
        self.address = address
        self.topic = topic
        super().__init__(f"log of {address} with topic {topic} is no event known here")


class StaleArtifact(ChainError):
    """A compiled artifact that is missing, damaged, or not compiled from these sources."""

    def __init__(self, artifact: str, found: str) -> None:
        self.artifact = artifact
        self.found = found
        super().__init__(f"artifact {artifact}: {found}; run scripts/compile-contracts")


class ForeignContract(ChainError):
    """The code at an address is not the contract that was expected there."""

    def __init__(self, address: str, expected: str, found: str) -> None:
        self.address = address
        self.expected = expected
        self.found = found
        super().__init__(f"at {address} stands {found}, expected the contract {expected}")


class EngineClosed(ChainError):
    """The chain was asked after its world was closed."""

    def __init__(self) -> None:
        super().__init__("the world is closed, and its chain is gone")


class UnknownBlock(ChainError):
    """No block of that number is there; the last one is `head`."""

    def __init__(self, number: int, head: int) -> None:
        self.number = number
        self.head = head
        super().__init__(f"there is no block {number}: the blocks are 0 to {head}")


class ChainDamaged(ChainError):
    """What was kept of a ledger does not make one again."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"the ledger cannot be opened again: {what}")


class TransactionRejected(ChainError):
    """The engine did not take the transaction at all: nonce, gas, chain id, clock."""


class NodeError(ChainError):
    """The node that a chain is at cannot be used."""

    def __init__(self, url: str, message: str) -> None:
        self.url = url
        super().__init__(message)


class NodeUnreachable(NodeError):
    """A node is away, or went away before it answered; what it has done is found out later."""

    def __init__(self, url: str, reason: str) -> None:
        self.reason = reason
        super().__init__(url, f"no answer from the node at {url}: {reason}")


class NodeNonsense(NodeError):
    """What is at an address answers, and not as a node does."""

    def __init__(self, url: str, asked: str, answer: object) -> None:
        self.asked = asked
        self.answer = answer
        found = shown(answer)
        super().__init__(url, f"what is at {url} answers {asked} as no node does: {found}")


class NodeRefused(NodeError):
    """A node says that it does not do what it was asked."""

    def __init__(self, url: str, asked: str, reason: str) -> None:
        self.asked = asked
        self.reason = reason
        super().__init__(url, f"the node at {url} refuses {asked}: {reason}")


class NodeUnfit(NodeError):
    """A node that cannot keep what all engines promise: exact timestamps, all or nothing."""

    def __init__(self, url: str, problem: str) -> None:
        self.problem = problem
        super().__init__(url, f"the node at {url} cannot carry a world: {problem}")


class WrongChain(NodeError):
    """A node is on another chain than the one expected."""

    def __init__(self, url: str, found: int, expected: int) -> None:
        self.found = found
        self.expected = expected
        super().__init__(url, f"the node at {url} is on chain {found}, expected chain {expected}")


class ContractText(ChainError):
    """A contract refused with plain text (`Error(string)`); ours never do."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"the contract refused: {_SHORT.repr(text)}")


class ContractPanic(ChainError):
    """A contract failed an internal check (`Panic(uint256)`): a bug in it."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"the contract failed an internal check, Panic(0x{code:02x})")


class StoreError(RegistryError):
    """A database of a world that cannot be used as it is; nothing in it was changed.

    Attributes:
        store: Where it is: a path, or an address without its password.
        problem: What was found.
        remedy: What to do.
    """

    def __init__(self, store: str, problem: str, remedy: str) -> None:
        self.store = store
        self.problem = problem
        self.remedy = remedy
        super().__init__(f"{store}: {problem}; {remedy}")


class StoreMissing(StoreError):
    """There is no such file, folder or database."""


class StoreDamaged(StoreError):
    """Truncated, altered by other hands, or no database of ours."""


class SchemaMismatch(StoreError):
    """Written by an older or a newer version of this package."""


class ForeignStore(StoreError):
    """It belongs to another world, or to another registry's book."""


class StoreLocked(StoreError):
    """Another process is writing into it."""


class StoreReadOnly(StoreError):
    """It can be read and not written."""


class StoreFull(StoreError):
    """The disk has no room left."""


class StoreAway(StoreError):
    """The database server cannot be reached, or dropped the connection."""


class MirrorError(RegistryError):
    """The mirror cannot follow what it is shown; it stays as it was."""


class EntriesDisordered(MirrorError):
    """Entries lost, doubled or out of order on their way to the mirror.

    Attributes:
        missing, doubled, misplaced: Their seq, ascending. An entry is misplaced if one with a
            higher seq came before it.
    """

    def __init__(
        self, missing: tuple[int, ...], doubled: tuple[int, ...], misplaced: tuple[int, ...]
    ) -> None:
        self.missing = missing
        self.doubled = doubled
        self.misplaced = misplaced
        found = {"missing": missing, "doubled": doubled, "out of order": misplaced}
        parts = [f"{what} {_several(seqs)}" for what, seqs in found.items() if seqs]
        super().__init__(
            f"entries came {'; '.join(parts)}; read them again from a sound source (books rebuild)"
        )


class BlockMissing(MirrorError):
    """A block that is not the next one, or whose parent is not the one before.

    Attributes:
        number: Height of the block that is missing.
        found: Height of the block that came in its place.
    """

    def __init__(self, number: int, found: int) -> None:
        self.number = number
        self.found = found
        said = f"block {found} came" if found != number else f"this block {found} does not follow"
        super().__init__(f"expected block {number} after the one before it, {said}")


class ReorganisationTooDeep(MirrorError):
    """The chain and the mirror part further back than the mirror may be rolled back.

    Attributes:
        depth: How many blocks the mirror may be rolled back.
        block: The mirror's last block.
    """

    def __init__(self, depth: int, block: int) -> None:
        self.depth = depth
        self.block = block
        super().__init__(
            f"none of the mirror's last {depth} blocks up to block {block} is on the chain; "
            "if the chain is the right one, rebuild the mirror (books rebuild)"
        )


class LedgerError(RegistryError):
    """A registry refused an action; chain and model refuse with the same class and values."""


class NotAuthorised(LedgerError):
    """`caller` lacks the role that the action needs."""

    def __init__(self, caller: str, role: str) -> None:
        self.caller = caller
        self.role = role
        super().__init__(f"{caller} may not do this: it needs the role {role}")


class UnknownAccount(LedgerError):
    """No account in the directory belongs to this holder."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(f"{holder} has no account")


class UnknownAccountId(LedgerError):
    """No account of that name was ever opened."""

    def __init__(self, account: str) -> None:
        self.account = account
        super().__init__(f"account {account} was never opened")


class ClosedAccount(LedgerError):
    """The holder's account is closed; only the regulator moves what it holds."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(f"the account of {holder} is closed")


class AccountAlreadyOpened(LedgerError):
    """An account of that name was opened before."""

    def __init__(self, account: str) -> None:
        self.account = account
        super().__init__(f"account {account} was already opened")


class AccountAlreadyClosed(LedgerError):
    """The account is closed already."""

    def __init__(self, account: str) -> None:
        self.account = account
        super().__init__(f"account {account} is already closed")


class AddressTaken(LedgerError):
    """The address belongs to another account."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(f"the address of {holder} belongs to another account")


class UnknownProject(LedgerError):
    """No project of that number is registered here."""

    def __init__(self, project: int) -> None:
        self.project = project
        super().__init__(f"project {project} is not registered here")


class UnknownVersion(LedgerError):
    """The project has no such version of its data."""

    def __init__(self, project: int, version: int) -> None:
        self.project = project
        self.version = version
        super().__init__(f"project {project} has no data version {version}")


class ProjectAlreadyRegistered(LedgerError):
    """The project number is taken."""

    def __init__(self, project: int) -> None:
        self.project = project
        super().__init__(f"project {project} is already registered here")


class EmptyPeriod(LedgerError):
    """A period that ends at or before its start (days since 1970-01-01, half-open)."""

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        super().__init__(f"period from {_day(start)} ends at {_day(end)}: it holds no day")


class VerifierNotIndependent(LedgerError):
    """The verifier is the project's own developer."""

    def __init__(self, verifier: str, project: int) -> None:
        self.verifier = verifier
        self.project = project
        super().__init__(f"{verifier} develops project {project} and cannot verify it")


class InvalidSignature(LedgerError):
    """The statement was not signed by the verifier it names."""

    def __init__(self, verifier: str) -> None:
        self.verifier = verifier
        super().__init__(f"the statement does not carry the signature of {verifier}")


class ReportAlreadyUsed(LedgerError):
    """A verification report serves one statement, once."""

    def __init__(self, report: str) -> None:
        self.report = report
        super().__init__(f"verification report {report} was used before")


class PeriodAlreadyVerified(LedgerError):
    """Part of the period was verified before (bounds of that earlier period, days, half-open)."""

    def __init__(self, project: int, start: int, end: int) -> None:
        self.project = project
        self.start = start
        self.end = end
        super().__init__(
            f"project {project} is already verified from {_day(start)} until before {_day(end)}"
        )


class UnknownStatement(LedgerError):
    """No such verifier's statement is recorded here."""

    def __init__(self, statement: str) -> None:
        self.statement = statement
        super().__init__(f"verifier's statement {statement} is not recorded here")


class StatementOfAnotherProject(LedgerError):
    """The statement verifies another project."""

    def __init__(self, statement: str, project: int) -> None:
        self.statement = statement
        self.project = project
        super().__init__(f"verifier's statement {statement} is not about project {project}")


class VintageOutsidePeriod(LedgerError):
    """The vintage year does not meet the verified period (days, half-open)."""

    def __init__(self, vintage: int, start: int, end: int) -> None:
        self.vintage = vintage
        self.start = start
        self.end = end
        super().__init__(
            f"vintage {vintage} lies outside the period verified, "
            f"{_day(start)} until before {_day(end)}"
        )


class AboveVerifiedAmount(LedgerError):
    """Issuing this would exceed what the statement verified, over its life (g)."""

    def __init__(self, statement: str, verified: int, drawn: int, requested: int) -> None:
        self.statement = statement
        self.verified = verified
        self.drawn = drawn
        self.requested = requested
        super().__init__(
            f"asked to issue {_t(requested)}, but of {_t(verified)} verified "
            f"{_t(drawn)} are issued already (statement {statement})"
        )


class ZeroAmount(LedgerError):
    """An action on nothing."""

    def __init__(self) -> None:
        super().__init__("the amount is zero")


class AmountTooLarge(LedgerError):
    """An amount or a serial position above 2^63 - 1 g."""

    def __init__(self, amount: int) -> None:
        self.amount = amount
        super().__init__(f"{amount} g is above the bound of {2**63 - 1} g")


class UnknownBatch(LedgerError):
    """No batch of that id was issued here."""

    def __init__(self, batch: int) -> None:
        self.batch = batch
        super().__init__(f"batch {batch_text(batch)} was not issued here")


class BatchAlreadyIssued(LedgerError):
    """A batch is one issuance and is never topped up."""

    def __init__(self, batch: int) -> None:
        self.batch = batch
        super().__init__(f"batch {batch_text(batch)} was already issued")


class InsufficientCredits(LedgerError):
    """The holding is smaller than the amount (g)."""

    def __init__(self, batch: int, holder: str, balance: int, amount: int) -> None:
        self.batch = batch
        self.holder = holder
        self.balance = balance
        self.amount = amount
        super().__init__(
            f"{holder} holds {_t(balance)} of batch {batch_text(batch)}, needed {_t(amount)}"
        )


class CreditsEncumbered(LedgerError):
    """The holding is large enough, but pledged or frozen credits cannot move (g)."""

    def __init__(
        self, batch: int, holder: str, balance: int, pledged: int, frozen: int, amount: int
    ) -> None:
        self.batch = batch
        self.holder = holder
        self.balance = balance
        self.pledged = pledged
        self.frozen = frozen
        self.amount = amount
        super().__init__(
            f"{holder} holds {_t(balance)} of batch {batch_text(batch)}, of which "
            f"{_t(pledged)} pledged and {_t(frozen)} frozen; needed {_t(amount)}"
        )


class IdAlreadyUsed(LedgerError):
    """One id has one effect: this one was used before (or is 0)."""

    def __init__(self, id: int) -> None:
        self.id = id
        super().__init__(f"id {id} was already used here")


class NotLocked(LedgerError):
    """No lock has this id."""

    def __init__(self, id: int) -> None:
        self.id = id
        super().__init__(f"nothing is locked under id {id}")


class AboveLockedAmount(LedgerError):
    """Asked to release more than the lock holds (g)."""

    def __init__(self, id: int, locked: int, needed: int) -> None:
        self.id = id
        self.locked = locked
        self.needed = needed
        super().__init__(f"lock {id} holds {_t(locked)}, asked to release {_t(needed)}")


class NoPendingRetirement(LedgerError):
    """No retirement request waits under this id."""

    def __init__(self, id: int) -> None:
        self.id = id
        super().__init__(f"no retirement waits under id {id}")


class RetirementNeedsRequest(LedgerError):
    """A mirrored registry retires in two steps: request, then finalise."""

    def __init__(self) -> None:
        super().__init__("this registry retires in two steps: request, then finalise")


class DeadlineTooEarly(LedgerError):
    """The deadline is not after now (seconds of the world clock)."""

    def __init__(self, deadline: int, now: int) -> None:
        self.deadline = deadline
        self.now = now
        super().__init__(f"deadline {deadline} s is not after now, {now} s")


class DeadlineTooLate(LedgerError):
    """A message's deadline is further off than one may be (seconds of the world clock)."""

    def __init__(self, deadline: int, latest: int) -> None:
        self.deadline = deadline
        self.latest = latest
        super().__init__(f"deadline {deadline} s is after the latest allowed, {latest} s")


class DeadlinePassed(LedgerError):
    """The request's deadline has passed; it can only be reverted."""

    def __init__(self, id: int, deadline: int) -> None:
        self.id = id
        self.deadline = deadline
        super().__init__(f"the deadline of request {id}, {deadline} s, has passed")


class HolderFrozen(LedgerError):
    """The holder is frozen for this batch, so the request waits (g)."""

    def __init__(self, batch: int, holder: str, frozen: int) -> None:
        self.batch = batch
        self.holder = holder
        self.frozen = frozen
        super().__init__(f"{_t(frozen)} of batch {batch_text(batch)} are frozen at {holder}")


class NotPledged(LedgerError):
    """No pledge has this id."""

    def __init__(self, id: int) -> None:
        self.id = id
        super().__init__(f"nothing is pledged under id {id}")


class NotLender(LedgerError):
    """Only the pledge's lender may do this."""

    def __init__(self, id: int, caller: str) -> None:
        self.id = id
        self.caller = caller
        super().__init__(f"{caller} is not the lender of pledge {id}")


class TooFragmented(LedgerError):
    """The amount would take more than 16 intervals; `available` grams can be had at once."""

    def __init__(self, batch: int, available: int) -> None:
        self.batch = batch
        self.available = available
        super().__init__(
            f"batch {batch_text(batch)} gives at most {_t(available)} in 16 intervals; split it"
        )


class TextTooLong(LedgerError):
    """A text above the bound (bytes of UTF-8)."""

    def __init__(self, length: int, max: int) -> None:
        self.length = length
        self.max = max
        super().__init__(f"a text of {length} bytes, at most {max} are kept")


class RegistryPaused(LedgerError):
    """Nothing moves while the registry is paused (OpenZeppelin: EnforcedPause)."""

    def __init__(self) -> None:
        super().__init__("the registry is paused")


class RegistryNotPaused(LedgerError):
    """The registry is not paused (OpenZeppelin: ExpectedPause)."""

    def __init__(self) -> None:
        super().__init__("the registry is not paused")


class ReentrantCall(LedgerError):
    """A receiver called back into the registry (OpenZeppelin: ReentrancyGuardReentrantCall)."""

    def __init__(self) -> None:
        super().__init__("a receiver called back while credits were moving")


class ReceiverRefused(LedgerError):
    """A receiving contract did not accept the credits (OpenZeppelin: ERC1155InvalidReceiver)."""

    def __init__(self, receiver: str) -> None:
        self.receiver = receiver
        super().__init__(f"{receiver} does not accept credits")


class NotAdmitted(LedgerError):
    """The contract may not claim serials: it was not admitted to the guard."""

    def __init__(self, caller: str) -> None:
        self.caller = caller
        super().__init__(f"{caller} was not admitted to the serial guard")


class EmptyInterval(LedgerError):
    """An interval that ends at or before its start (g)."""

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end
        super().__init__(f"interval from {start} g ends at {end} g: it holds nothing")


class SerialAlreadyClaimed(LedgerError):
    """Part of the interval was issued before (bounds of the earlier claim, g, half-open)."""

    def __init__(self, scope: str, start: int, end: int) -> None:
        self.scope = scope
        self.start = start
        self.end = end
        super().__init__(f"scope {scope}: {start} g until before {end} g is already claimed")


class StaleHint(LedgerError):
    """The hint is no claimed interval, or lies more than 32 steps before the place wanted."""

    def __init__(self, hint: int) -> None:
        self.hint = hint
        super().__init__(f"hint {hint} is stale")


class CertificateBound(LedgerError):
    """A retirement certificate never moves."""

    def __init__(self, id: int) -> None:
        self.id = id
        super().__init__(f"certificate {id} stays with its holder")


class UnknownCertificate(LedgerError):
    """No certificate has this id."""

    def __init__(self, id: int) -> None:
        self.id = id
        super().__init__(f"there is no certificate {id}")


class UnknownPeer(LedgerError):
    """The registry's bridge does not exchange credits with this one."""

    def __init__(self, peer: str) -> None:
        self.peer = peer
        super().__init__(f"the bridge knows no peer {peer}")


class PeerOnAnotherChain(LedgerError):
    """Credits move in one step between registries of one chain only."""

    def __init__(self, peer: str) -> None:
        self.peer = peer
        super().__init__(f"{peer} is on another chain: send credits there by message")


class NotHome(LedgerError):
    """Credits of another home go back there, and nowhere else."""

    def __init__(self, batch: int, home: str) -> None:
        self.batch = batch
        self.home = home
        super().__init__(f"batch {batch_text(batch)} came from {home}, and can only return there")


class MirrorOnly(LedgerError):
    """The batch stands for credits locked elsewhere: it can be given up, not sent."""

    def __init__(self, batch: int) -> None:
        self.batch = batch
        super().__init__(f"batch {batch_text(batch)} mirrors locked credits and cannot be sent")


class NotMirrored(LedgerError):
    """The batch does not stand for credits locked elsewhere."""

    def __init__(self, batch: int) -> None:
        self.batch = batch
        super().__init__(f"batch {batch_text(batch)} mirrors nothing")


class MessageForAnotherRegistry(LedgerError):
    """The message's target is another registry."""

    def __init__(self, target: str) -> None:
        self.target = target
        super().__init__(f"the message is for {target}")


class MessageForAnotherChain(LedgerError):
    """The message is for a bridge on another chain."""

    def __init__(self, chain: int) -> None:
        self.chain = chain
        super().__init__(f"the message is for chain {chain}")


class MessageForAnotherBridge(LedgerError):
    """The message is for another contract."""

    def __init__(self, bridge: str) -> None:
        self.bridge = bridge
        super().__init__(f"the message is for the contract {bridge}")


class NotAttested(LedgerError):
    """The peer's bridge did not sign this about the export."""

    def __init__(self, peer: str, id: int) -> None:
        self.peer = peer
        self.id = id
        super().__init__(f"{peer} did not attest this about export {id}")


class MessageAlreadyUsed(LedgerError):
    """The message was imported or voided before; it has one effect, once for ever (C5)."""

    def __init__(self, peer: str, number: int) -> None:
        self.peer = peer
        self.number = number
        super().__init__(f"message {number} of {peer} was used before")


class MessageOutOfOrder(LedgerError):
    """Messages of a peer are taken in their order."""

    def __init__(self, peer: str, expected: int, number: int) -> None:
        self.peer = peer
        self.expected = expected
        self.number = number
        super().__init__(f"message {number} of {peer} before its message {expected}")


class MessageExpired(LedgerError):
    """The message is past its deadline: it can only be voided."""

    def __init__(self, peer: str, number: int, deadline: int) -> None:
        self.peer = peer
        self.number = number
        self.deadline = deadline
        super().__init__(f"message {number} of {peer} was to arrive by {deadline} s")


class MessageNotExpired(LedgerError):
    """The message can still arrive, so it cannot be voided."""

    def __init__(self, peer: str, number: int, deadline: int) -> None:
        self.peer = peer
        self.number = number
        self.deadline = deadline
        super().__init__(f"message {number} of {peer} can arrive until {deadline} s")


class AboveAllowance(LedgerError):
    """More of the home's credits would be outstanding here than the registry allows (g)."""

    def __init__(self, home: str, allowance: int, outstanding: int, amount: int) -> None:
        self.home = home
        self.allowance = allowance
        self.outstanding = outstanding
        self.amount = amount
        super().__init__(
            f"{_t(outstanding)} of {home} are outstanding here and {_t(amount)} more would be "
            f"above the allowance of {_t(allowance)}"
        )


class IntervalAlreadyHere(LedgerError):
    """Part of the interval is outstanding here already (bounds of that part's claim, g)."""

    def __init__(self, scope: str, start: int, end: int) -> None:
        self.scope = scope
        self.start = start
        self.end = end
        super().__init__(f"scope {scope}: {start} g until before {end} g is here already")


class NotOutstanding(LedgerError):
    """The id does not hold this interval as one piece (g)."""

    def __init__(self, id: int, start: int, end: int) -> None:
        self.id = id
        self.start = start
        self.end = end
        super().__init__(f"{start} g until before {end} g is not outstanding under id {id}")


class NoPendingExport(LedgerError):
    """No export under this id waits for its target's answer."""

    def __init__(self, id: int) -> None:
        self.id = id
        super().__init__(f"no export {id} is pending")


class ExAnteNotRetirable(LedgerError):
    """Credits that are expected only can be neither retired nor moved to another registry."""

    def __init__(self, batch: int) -> None:
        self.batch = batch
        what = "it can be neither retired nor moved to another registry"
        super().__init__(f"batch {batch_text(batch)} is ex ante: {what}")
