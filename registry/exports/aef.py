"""The agreed electronic format (AEF) of Article 6.2: what a world's host Parties declared, as CSV.

Five tables: submissions, authorizations, actions, holdings, authorized entities. Columns, words and
the form of dates and identifiers are those that a public prototype of the format's consistency
check expects; what a world does not know is left empty. Real submissions are workbooks; each file
here is the table of one sheet, of all Parties together. An action is a first transfer; the event
that made it one is its subtype.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from registry.feeds import writing
from registry.operators.numbering import base_of
from registry.records.article6 import (
    Authorisation,
    FirstTransfer,
    Joined,
    Purpose,
    Revocation,
    Trigger,
)
from registry.records.project import EPOCH
from registry.units import GRAMS_PER_TONNE, tonnes_text

if TYPE_CHECKING:
    from registry.world import World

FIRST_TRANSFER = "First transfer"
GHG = "GHG"
NONE = "NA"


def files(world: World) -> dict[str, str]:
    """Return the five files' texts by name, in the order of the format's tables."""
    return {
        "submissions.csv": writing.aef(writing.AEF_SUBMISSION_COLUMNS, _submissions(world)),
        "authorizations.csv": writing.aef(writing.AEF_AUTHORIZATION_COLUMNS, _authorised(world)),
        "actions.csv": writing.aef(writing.AEF_ACTION_COLUMNS, _actions(world)),
        "holdings.csv": writing.aef(writing.AEF_HOLDING_COLUMNS, _holdings(world)),
        "authorized-entities.csv": writing.aef(writing.AEF_ENTITY_COLUMNS, _entities(world)),
    }


def alpha_3(code: str) -> str:
    """Return a Party as the format names it, ISO 3166-1 alpha-3."""
    # Imported on first use: it reads its tables from disk.
    import pycountry

    found = pycountry.countries.get(alpha_2=code)
    assert found is not None, code
    return str(found.alpha_3)


def itmo(transfer: FirstTransfer, serial: int) -> str:
    """Return the identifier of one outcome, such as CA0001-COL01-COL-17-2023."""
    party = alpha_3(transfer.party)
    return f"{transfer.approach}-{party}01-{party}-{serial}-{transfer.vintage}"


def _submissions(world: World) -> Iterator[dict[str, object]]:
    """Yield one submission per Party and year in which it declared something that is reported."""
    declared = world.knowledge.declarations
    authorised, transferred = declared.of(Authorisation), declared.of(FirstTransfer)
    for joined in declared.of(Joined):
        moments = [said.at_s for said in authorised if said.party == joined.party]
        moments += [said.at_s for said in transferred if said.party == joined.party]
        for year in sorted({datetime.fromtimestamp(at_s, UTC).year for at_s in moments}):
            yield {
                "Party": alpha_3(joined.party),
                "Version": 1,
                "Reported year": year,
                "Date of submission": _day(world.now_s),
            }


def _authorised(world: World) -> Iterator[dict[str, object]]:
    declared = world.knowledge.declarations
    revoked = {ended.authorisation: ended for ended in declared.of(Revocation)}
    for known in declared.of(Authorisation):
        international = [purpose for purpose in known.purposes if purpose is not Purpose.NDC]
        both = "OIMP" if len(international) == 2 else "".join(international)
        words = [*(["NDC"] if Purpose.NDC in known.purposes else []), *([both] if both else [])]
        first, last = (EPOCH + timedelta(days=at) for at in known.period)
        ended = revoked.get(known.id)
        yield {
            "Authorization ID": known.id,
            "Date of authorization": _day(known.at_s),
            "Cooperative approach ID": known.approach,
            "Version of the authorization": 1,
            "Authorized quantity": tonnes_text(known.amount_g),
            "Metric": GHG,
            "Purposes for authorization": " and ".join(words),
            "Authorized entity(ies) ID": ", ".join(known.entities) or NONE,
            "OIMP authorized by the Party": both or NONE,
            "Authorized timeframe": f"Occurred: from {known.vintages[0]} to {known.vintages[1]}. "
            f"Use: from {_written(first)} to {_written(last - timedelta(days=1))}",
            "First transfer definition for OIMP": known.trigger.value,
            "Additional explanatory information": ""
            if ended is None
            else f"Revoked on {_day(ended.at_s)}",
        }


def _keys(transfer: FirstTransfer) -> dict[str, object]:
    """Return the columns that actions and holdings share."""
    base = base_of(transfer.scope)
    first = transfer.interval.start_g // GRAMS_PER_TONNE + base
    last = transfer.interval.end_g // GRAMS_PER_TONNE + base - 1
    return {
        "Cooperative approach ID": transfer.approach,
        "Authorization ID": transfer.authorisation,
        "First transferring participating Party ID": alpha_3(transfer.party),
        "Party ITMO registry ID": f"{alpha_3(transfer.party)}01",
        "First ID": itmo(transfer, transfer.first),
        "Last ID": itmo(transfer, transfer.last),
        "Underlying unit registry ID": transfer.registry,
        "First unit ID": f"{transfer.scope} {first}",
        "Last unit ID": f"{transfer.scope} {last}",
        "Metric": GHG,
        "Quantity (t CO2 eq)": transfer.interval.amount_g // GRAMS_PER_TONNE,
        "Vintage": transfer.vintage,
    }


def _actions(world: World) -> Iterator[dict[str, object]]:
    for transfer in world.knowledge.declarations.of(FirstTransfer):
        is_national = transfer.purpose is Purpose.NDC
        yield {
            **_keys(transfer),
            "Action date": _day(transfer.at_s),
            "Action type": FIRST_TRANSFER,
            "Action subtype": transfer.trigger.value,
            "Transferring participating Party ID": alpha_3(transfer.party),
            "Acquiring participating Party ID": alpha_3(transfer.acquirer)
            if transfer.acquirer
            else NONE,
            writing.AEF_PURPOSE: NONE if is_national else transfer.purpose.value,
            "Using/cancelling authorized entity ID": transfer.user,
        }


def _holdings(world: World) -> Iterator[dict[str, object]]:
    """Yield what was transferred and not used by it."""
    for transfer in world.knowledge.declarations.of(FirstTransfer):
        if transfer.trigger is not Trigger.USE and transfer.retirement is None:
            yield _keys(transfer)


def _entities(world: World) -> Iterator[dict[str, object]]:
    for known in world.knowledge.declarations.of(Authorisation):
        for entity in known.entities:
            yield {
                "Date of the authorization": _day(known.at_s),
                "Name": entity,
                "Cooperative approach ID": known.approach,
            }


def _day(at_s: int) -> str:
    return _written(datetime.fromtimestamp(at_s, UTC).date())


def _written(day: date) -> str:
    return day.strftime("%d/%m/%Y")
