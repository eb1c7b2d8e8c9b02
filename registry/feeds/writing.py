"""Exports as registries publish them, written from rows that are neutral and typed.

Columns stand in the order in which the registry has them; what a world does not know is left
empty. Text is written as it is, whatever it begins with, because these files are read again. A row
is CSV in UTF-8 and ends in a line feed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple


class VerraTransaction(NamedTuple):
    """A block, and its retirement or cancellation where it has one.

    Attributes:
        issued_s, retired_s: Written as days.
        period_start_s, period_end_s: First and last day of the vintage.
        project: Number.
        country: Its name.
        verified_t: Issued for the project and the vintage in all.
    """

    issued_s: int
    period_start_s: int
    period_end_s: int
    project: int
    name: str
    country: str
    methodology: str
    verified_t: int
    amount_t: int
    serial: str
    retired_s: int | None = None
    beneficiary: str = ""
    reason: str = ""
    details: str = ""


class EcoIssuance(NamedTuple):
    """One issued serial of EcoRegistry, with first and last day of its monitoring period."""

    serial: str
    verification: int
    amount_t: int
    issued_s: int
    year: int
    is_buffer: bool
    period_start_s: int
    period_end_s: int


class EcoRetirement(NamedTuple):
    """One retirement of the units `first` to `last` of a serial of EcoRegistry."""

    serial: str
    first: int
    last: int
    amount_t: int
    retired_s: int
    year: int
    project: int
    name: str
    destination: str
    end_user: str


class IcrHolder(NamedTuple):
    """What one account holds of one of ICR's tokens.

    Attributes:
        project, account: Addresses.
        units, supply_units: In units of 10^-18 t.
        asset: "exPost" or "retirementCertificate".
    """

    project: str
    account: str
    units: int
    token: int
    serial: str
    asset: str
    supply_units: int


class CadTrustUnit(NamedTuple):
    """One block of units in a warehouse of CAD Trust.

    Attributes:
        id, issuance, organisation: UUIDs.
        status: "Held", "Retired", "Cancelled" or "Buffer"; `reason` says why.
    """

    id: str
    issuance: str
    organisation: str
    owner: str
    serial: str
    first: int
    last: int
    amount_t: int
    vintage: int
    kind: str
    status: str
    reason: str = ""


class CadTrustProject(NamedTuple):
    """One project in a warehouse of CAD Trust."""

    id: str
    organisation: str
    registry: str
    project: int
    name: str
    developer: str
    methodology: str


VERRA_COLUMNS = (
    *("Issuance Date", "Sustainable Development Goals", "Vintage Start", "Vintage End", "ID"),
    *("Name", "Country/Area", "Project Type", "Methodology", "Total Vintage Quantity"),
    *("Quantity Issued", "Serial Number", "Additional Certifications"),
    *("Retirement/Cancellation Date", "Retirement Beneficiary", "Retirement Reason"),
    "Retirement Details",
)
ECO_ISSUANCE_COLUMNS = (
    *("verification", "serial", "issued_quantity", "issuance_date", "year", "is_buffer"),
    *("vintage_of_credits", "global_goals", "elegible"),
)
ECO_RETIREMENT_COLUMNS = (
    *("project_name", "project_id", "serial", "vintage", "certificate_destination", "end_user"),
    *("passive_subject", "date", "quantity", "public_consult", "from", "to", "industry"),
)
ICR_COLUMNS = (
    *("projectAddress", "accountAddress", "balance", "tokenId", "decimals", "serialization"),
    *("assetType", "supply"),
)
CAD_TRUST_UNIT_COLUMNS = (
    *("warehouseUnitId", "issuanceId", "projectLocationId", "orgUid", "unitOwner"),
    *("countryJurisdictionOfOwner", "inCountryJurisdictionOfOwner", "serialNumberBlock"),
    *("unitBlockStart", "unitBlockEnd", "unitCount", "vintageYear", "unitType", "marketplace"),
    *("marketplaceLink", "marketplaceIdentifier", "unitTags", "unitStatus", "unitStatusReason"),
    *("unitRegistryLink", "correspondingAdjustmentDeclaration", "correspondingAdjustmentStatus"),
)
CAD_TRUST_PROJECT_COLUMNS = (
    *("warehouseProjectId", "orgUid", "currentRegistry", "projectId", "originProjectId"),
    *("registryOfOrigin", "program", "projectName", "projectLink", "projectDeveloper", "sector"),
    *("projectType", "projectTags", "coveredByNDC", "ndcInformation", "projectStatus"),
    *("projectStatusDate", "unitMetric", "methodology", "methodology2", "validationBody"),
    *("validationDate", "description"),
)

AEF_PURPOSE = "Purpose for which the ITMO has been used towards or cancelled for OIMP"
AEF_SUBMISSION_COLUMNS = (
    *("Party", "Version", "Reported year", "Date of submission"),
    "Review status of the initial report",
    "Result of the consistency check of this AEF submission",
    "First year of the NDC implementation period",
    "Last year of the NDC implementation period",
    "Reference to the Article 6 technical expert review report of the initial report",
)
AEF_AUTHORIZATION_COLUMNS = (
    *("Authorization ID", "Date of authorization", "Cooperative approach ID"),
    *("Version of the authorization", "Authorized quantity", "Metric", "Applicable GWP value(s)"),
    *("Applicable non-GHG metric", "Sector(s)", "Activity type(s)", "Purposes for authorization"),
    *("Authorized Party(ies) ID", "Authorized entity(ies) ID", "OIMP authorized by the Party"),
    *("Authorized timeframe", "Authorization terms and conditions", "Authorization documentation"),
    *("First transfer definition for OIMP", "Additional explanatory information"),
)
AEF_HOLDING_COLUMNS = (
    *("Cooperative approach ID", "Authorization ID", "First transferring participating Party ID"),
    *("Party ITMO registry ID", "First ID", "Last ID", "Underlying unit registry ID"),
    *("First unit ID", "Last unit ID", "Metric", "Applicable GWP value(s)"),
    *("Applicable non-GHG metric", "Quantity (t CO2 eq)", "Quantity (in non-GHG metric)"),
    *("Mitigation type", "Vintage"),
)
AEF_ACTION_COLUMNS = (
    *("Action date", "Action type", "Action subtype", *AEF_HOLDING_COLUMNS),
    *("Transferring participating Party ID", "Acquiring participating Party ID", AEF_PURPOSE),
    *("Using/cancelling participating Party ID", "Using/cancelling authorized entity ID"),
    "Calendar year for which the ITMOs are used towards the Party's NDC",
    *("Result of the consistency checks", "Additional explanatory information"),
)
AEF_ENTITY_COLUMNS = (
    *("Date of the authorization", "Name", "Country of incorporation", "Identification number"),
    *("Cooperative approach ID", "Conditions", "Change and revocation conditions"),
    "Additional explanatory information",
)

ICR_DECIMALS = 18
"""Of all tokens of ICR: one unit is 10^-18 t."""


def verra_transactions(rows: Iterable[VerraTransaction]) -> str:
    """Write Verra's transactions."""
    return _text(
        VERRA_COLUMNS,
        (
            (
                *(_day(row.issued_s), "", _day(row.period_start_s), _day(row.period_end_s)),
                *(row.project, row.name, row.country, "", row.methodology),
                *(f"{row.verified_t:,}", f"{row.amount_t:,}", row.serial, ""),
                "" if row.retired_s is None else _day(row.retired_s),
                *(row.beneficiary, row.reason, row.details),
            )
            for row in rows
        ),
    )


def eco_issuances(rows: Iterable[EcoIssuance]) -> str:
    """Write EcoRegistry's issuances."""
    return _text(
        ECO_ISSUANCE_COLUMNS,
        (
            (
                *(row.verification, row.serial, row.amount_t),
                f"{_moment(row.issued_s, 'T')}.000Z",
                *(row.year, row.is_buffer),
                f"{_day(row.period_start_s)} / {_day(row.period_end_s)}",
                *("[]", "[]"),
            )
            for row in rows
        ),
    )


def eco_retirements(rows: Iterable[EcoRetirement]) -> str:
    """Write EcoRegistry's retirements."""
    return _text(
        ECO_RETIREMENT_COLUMNS,
        (
            (
                *(row.name, row.project, row.serial, row.year, row.destination, row.end_user, ""),
                *(_moment(row.retired_s, " "), row.amount_t, "", row.first, row.last),
                "Not defined",
            )
            for row in rows
        ),
    )


def icr_holders(rows: Iterable[IcrHolder]) -> str:
    """Write the holders of ICR's tokens."""
    return _text(
        ICR_COLUMNS,
        (
            (
                *(row.project, row.account, row.units, row.token, ICR_DECIMALS, row.serial),
                *(row.asset, row.supply_units),
            )
            for row in rows
        ),
    )


def cad_trust_units(rows: Iterable[CadTrustUnit]) -> str:
    """Write units of CAD Trust's version 1."""
    return _text(
        CAD_TRUST_UNIT_COLUMNS,
        (
            (
                *(row.id, row.issuance, "", row.organisation, row.owner, "", ""),
                *(row.serial, row.first, row.last, row.amount_t, row.vintage, row.kind),
                *("", "", "", "", row.status, row.reason, "", "Unknown", "Not Started"),
            )
            for row in rows
        ),
    )


def cad_trust_projects(rows: Iterable[CadTrustProject]) -> str:
    """Write projects of CAD Trust's version 1."""
    return _text(
        CAD_TRUST_PROJECT_COLUMNS,
        (
            (
                *(row.id, row.organisation, row.registry, row.project, row.project, row.registry),
                *("", row.name, "", row.developer, "", "", "", "Unknown", "", "Registered"),
                *("", "tCO2e", row.methodology, "", "", "", ""),
            )
            for row in rows
        ),
    )


def aef(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """Write a table of the agreed electronic format; a column that a row leaves out is empty."""
    return _text(columns, ([row.get(column, "") for column in columns] for row in rows))


def _text(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return written.getvalue()


def _day(at_s: int) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d")


def _moment(at_s: int, between: str) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime(f"%Y-%m-%d{between}%H:%M:%S")
