"""Importers take whatever a file holds: each record is parsed or quarantined, and none is lost."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.audit.run import audit
from registry.errors import FeedError
from registry.feeds.formats import FORMATS
from registry.feeds.reading import FileRead, Reading, read_paths
from registry.feeds.records import read_records
from tests.published import Row

VALID: dict[str, dict[str, str]] = {
    "verra-transactions": {
        "Issuance Date": "2026-04-03", "Vintage Start": "2020-03-01", "Vintage End": "2020-12-31",
        "ID": "77", "Total Vintage Quantity": "1,454,054", "Quantity Issued": "1,000",
        "Serial Number": "31-5001-6000-VCS-VCU-150-VER-CL-14-77-01032020-31122020-0",
        "Additional Certifications": "", "Retirement/Cancellation Date": "2026-04-10",
        "Retirement Beneficiary": "A company", "Retirement Reason": "Environmental Benefit",
        "Retirement Details": "For the year 2025",
    },
    "verra-projects": {
        "ID": "5962", "Name": "A forest", "Proponent": "A developer", "Project Type": "Transport",
        "Methodology": "VM0047", "Status": "Under validation", "Country/Area": "Viet Nam",
        "Crediting Period Start Date": "2024-04-01", "Crediting Period End Date": "2044-03-31",
    },
    "gold-standard-credits": {
        "Vintage": "2024", "Credit Status": "Retired", "Quantity": "500", "GSID": "77",
        "Retirement Date": "2026-04-10", "Serial Number": "GS1-1-UG-GS77-16-2024-300-101-600",
        "Note": "For 2025", "Aeroplane Operator Name": "", "Use Case": "Voluntary",
        "Using Entity": "A company", "Issuance Date": "2026-03-31T12:35:58.842275",
        "Monitoring Period Start": "2024-01-01", "Monitoring Period End": "2024-12-08",
        "Label": "CORSIA", "Article Six Authorization": "Not Applicable",
    },
    "gold-standard-projects": {
        "GSID": "23574", "Project Name": "Filters", "Project Developer Name": "A developer",
        "Status": "Listed", "Project Type": "Other", "Country": "Haiti", "Methodology": "TPDDTEC",
    },
    "aef-actions": {
        "Action date": "31/12/2025", "Action type": "First transfer",
        "Underlying unit registry ID": "ACR", "First unit ID": "ACR-US-77-2025-300-101 to 101",
        "Last unit ID": "ACR-US-77-2025-300-600 to 600", "Quantity (t CO2 eq)": "500",
        "Purpose for which the ITMO has been used towards or cancelled for OIMP": "IMP",
    },
    "acr-issuances": {
        "Date Issued (GMT)": "11/27/2025 7:17:00 PM", "Vintage": "2025",
        "ReportingPeriodBegin": "1/1/2025", "ReportingPeriodEnd": "3/31/2025",
        "Total Credits Issued": "19440", "Project ID": "ACR731",
    },
    "acr-retirements": {
        "Credit Serial Numbers": "ACR-US-77-2025-300-101 to 600", "Vintage": "2025",
        "Quantity of Credits": "500", "Account Holder": "A holder",
        "Status Effective  (GMT)": "1/22/2026 7:12:08 AM", "Project ID": "ACR77",
        "Retired on Behalf of": "A company", "Retirement Reason": "Environmental Benefit",
        "Purpose of Retirement": "For 2025",
    },
    "acr-cancellations": {
        "Credit Serial Numbers": "ACR-US-77-2025-300-101 to 600",
        "Date Issued (GMT)": "9/19/2025 9:37:03 PM", "Vintage": "2025",
        "Quantity of Credits": "500", "Account Holder": "A holder",
        "Status Effective  (GMT)": "1/22/2026 7:12:08 AM", "Project ID": "ACR77",
        "Cancellation Type": "Convert to ARB offset credits", "Cancellation Details": "",
    },
    "acr-projects": {
        "Project ID": "ACR206", "Compliance Program ID (ARB or Ecology)": "CAOD5052",
        "Project Developer": "A developer", "Project Name": "A project",
        "Project Type": "Ozone Depleting Substances",
        "Project Methodology/Protocol": "A protocol",
        "Initial Crediting Period Start Date": "4/14/2014",
        "Current Crediting Period End Date": "4/13/2034", "Voluntary Status": "",
        "Compliance Program Status (ARB or Ecology)": "ARB Completed",
        "Project Site Country": "US", "Total Number of Credits Registered ": "71825.0",
    },
    "car-issuances": {
        "Date Issued": "03/10/2026", "Project ID": "CAR1480", "Vintage": "2025",
        "Total Offset Credits Issued": "9166",
    },
    "car-retirements": {
        "Vintage": "2025",
        "Offset Credit Serial Numbers": "CAR-1-US-77-31-983-KS-2025-920-101 to 600",
        "Quantity of Offset Credits": "500", "Status Effective": "12/18/2025",
        "Project ID": "CAR77", "Corresponding Adjustment": "No", "Account Holder": "A holder",
        "Retirement Reason": "Environmental Benefit", "Retirement Reason Details": "For 2025",
    },
    "car-cancellations": {
        "Vintage": "2025",
        "Offset Credit Serial Numbers": "CAR-1-US-77-31-983-KS-2025-920-101 to 600",
        "Quantity of Offset Credits": "500", "Status Effective": "12/18/2025",
        "Project ID": "CAR77", "Cancellation Reason": "ARB", "Export Notes": "",
    },
    "car-projects": {
        "Project ID": "CAR1957", "Compliance Program ID": "CAFR6957", "ARB ID": "CAFR6957",
        "WA ECO": "", "Project Listed Date": "01/02/2020", "Project Developer": "A developer",
        "Project Name": "A project",
        "Project Type": "Reforestation - ARB Compliance", "Status": "Listed",
        "Project Site Country": "MX", "Total Number of Offset Credits Registered ": "84267.0",
    },
    "art-issuances": {
        "Date Approved": "12/21/2025", "Program ID": "ART77", "Vintage": "2023",
        "Credits Deposited in Buffer": "535461", "Credits Verified": "9085923",
    },
    "art-retirements": {
        "Vintage": "2021", "Credit Serial Numbers": "ART-GY-77-2021-11-101 to 600",
        "Quantity of Credits": "500", "Status Effective": "02/28/2025", "Program ID": "ART77",
        "Account Holder": "A holder", "Retired on Behalf of": "A company",
        "Retirement Reason": "Contribution Towards Corporate Climate Pledge AND Host Country NDC",
        "Purpose of Retirement": "For 2025",
    },
    "art-cancellations": {
        "Vintage": "2021", "Credit Serial Numbers": "ART-GY-77-2021-11-101 to 600",
        "Quantity of Credits": "500", "Status Effective": "02/28/2025",
        "Eligible for CORSIA 2021-2023 Compliance Period (Pilot Phase)": "",
        "Eligible for CORSIA 2024-2026 Compliance Period (First Phase)": "",
        "Program ID": "ART77", "Account Holder": "A holder", "CORSIA Eligible": "Yes",
        "Cancellation Reason": "CORSIA Compliance", "Cancellation Details": "AN AIRLINE, PHASE 1",
    },
    "art-projects": {
        "Program ID": "ART130", "Sovereign Program Developer": "A ministry",
        "Program Name": "A park", "Crediting Program and Standard": "TREES",
        "Program Type": "Forest Carbon", "Status": "Listed",
        "Initial Crediting Period Start Date": "1/1/2017", "Program  Country": "COTE D'IVOIRE",
    },
    "ecoregistry-issuances": {
        "serial": "CDC_9_1_1_321_14_R1_XX_CO_1_2_2019", "issued_quantity": "1000",
        "issuance_date": "2023-05-03T13:58:33.999Z", "year": "2019", "is_buffer": "False",
        "vintage_of_credits": "2019-01-01 / 2019-12-31",
    },
    "ecoregistry-retirements": {
        "project_id": "9", "serial": "CDC_9_1_1_321_14_R1_XX_CO_1_2_2019", "vintage": "2019",
        "certificate_destination": "Voluntary compensation", "end_user": "A S.A.S",
        "date": "2024-01-31 08:16:34", "quantity": "250", "from": "101", "to": "350",
    },
    "ecoregistry-projects": {
        "id": "9", "developer": "A developer", "name": "Bosque d'Or",
        "sector": (
            "[{'id': 14, 'description': 'Land use'}, {'id': 14, 'description': 'Land use'}]"
        ),
        "quantification_method": "CDM - AR-ACM0003", "stage": "Certified",
        "locations": (
            "[{'city': 'Zambrano', 'country': 'Colombia', 'region': 'Bolivar', 'data_map': {'"
            "latitude': 9.744506597661958, 'longitude': -74.8}}, {'city': 'Zambrano', 'countr"
            "y': 'Colombia', 'region': 'Bolivar', 'data_map': {'latitude': 9.744506597661958,"
            " 'longitude': -74.8}}]"
        ),
        "serials": (
            "[{'verification': 2, 'serial': 'CDC_9_1_1_321_14_R1_XX_CO_1_2_2019', 'issued_qua"
            "ntity': 1000, 'issuance_date': '2023-05-03T13:58:33.999Z', 'year': 2019, 'is_buf"
            "fer': False, 'vintage_of_credits': '2019-01-01 / 2019-12-31', 'global_goals': []"
            ", 'elegible': [{'description': 'Colombian Carbon Tax', 'code': 'ICC'}]}, {'verif"
            "ication': 2, 'serial': 'CDC_9_1_1_321_14_R1_XX_CO_1_2_BFC_2019', 'issued_quantit"
            "y': 0, 'issuance_date': '2023-05-03T13:58:33.999Z', 'year': 2019, 'is_buffer': T"
            "rue, 'vintage_of_credits': '2019-01-01 / 2019-12-31', 'global_goals': [], 'elegi"
            "ble': [{'description': 'Colombian Carbon Tax', 'code': 'ICC'}]}]"
        ),
    },
    "isometric-issuances": {
        "id": "iss_1KP6EDZ8K1S036PY", "issued_at": "2026-04-14T16:50:41.621676Z",
        "project_id": "prj_1HHYZFVGW1S044ZY",
        "supplier_credit_batch_size_total.credits": "2710.062",
        "supplier_credit_batch_size_total.credit_kgs": "2710062",
        "buffer_pool_credit_batch_size_total.credits": "55.308",
        "buffer_pool_credit_batch_size_total.credit_kgs": "55308",
        "credit_batch_size_total.credits": "2765.37",
        "credit_batch_size_total.credit_kgs": "2765370",
    },
    "isometric-retirements": {
        "retirement_id": "ret_1KNSQMD6Z1S0TB50", "retired_at": "2026-04-09T18:21:22.047712Z",
        "purposes": "['corporate_targets']", "notes": "For 2025", "beneficiary.name": "A company",
        "owner.name": "An owner", "credit_batch_size_total.credits": "1.5",
        "credit_batch_size_total.credit_kgs": "1500", "project_id": "prj_1HHYZFVGW1S044ZY",
        "sequestered_on": "2025-11-30",
    },
    "isometric-batches": {
        "serial_number": "ISO-1-VAULT-USA-01P4-2026-40170350-40182796", "status": "retired",
        "issued_at": "2026-02-27T15:40:46.883028Z", "retired_at": "2026-04-09T18:21:22.047712Z",
        "left_child_id": "", "right_child_id": "", "issuance_id": "iss_1KJFW4WNE1S0D5GA",
        "project_id": "prj_1HHYZFVGW1S044ZY", "size.credits": "12.446",
        "size.credit_kgs": "12446", "beneficiary.name": "A company", "owner.name": "An owner",
    },
    "isometric-projects": {
        "id": "prj_1K3VWSDS61S0QKV7", "name": "A project", "status": "validated",
        "short_code": "AB12", "pathway": "enhanced_weathering", "protocol_slug": "biochar",
        "country_code": "IND",
        "crediting_period_start": "2025-11-27", "crediting_period_end": "2030-11-26",
        "supplier.organisation.name": "A developer", "issued_credits_total.credits": "1.47",
        "issued_credits_total.credit_kgs": "1470", "location.latitude": "27.0238",
        "location.longitude": "-74.2179",
    },
    "arb-issuances": {
        "CARB Project ID": "CAFR5225", "CARB Issuance ID": "CAFR5225-A",
        "OPR Project ID": "ACR1007", "Reporting Period Start Date": "2023-09-26",
        "Reporting Period End Date": "2024-01-26 00:00:00", "Vintage": "2024.0",
        "ARB Offset Credits Issued": "79565.0", "Issuance Date": "2024-06-11",
        "Invalidated or Canceled": "5", "Buffer Pool Retired": "4.0",
        "Retired for Intentional Reversal": "3", "Retired Voluntarily": "2",
        "Retired 1st Compliance Period (CA)": "100", "Retired 5th Compliance Period (CA)": "500",
        "Retired 12th Compliance Period (CA)": "1200", "Retired for Compliance in Quebec": "1",
    },
    "icr-holders": {
        "projectAddress": "0x0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
        "accountAddress": "0xACACACACACACACACACACACACACACACACACACACAC",
        "balance": "18111000000000000000000", "tokenId": "1", "decimals": "18",
        "serialization": "ICR-ISL-354-87-15-A-0-2023", "assetType": "exPost",
        "supply": "21938000000000000000000",
    },
    "bridged-tokens": {
        "tokenAddress": "0x0123456789ABCDEFabcd0123456789ABCDEFabcd",
        "registryProjectId": "VCS-875", "vintage": "2015", "tokenId": "7", "isExAnte": "false",
    },
    "cad-trust-units": {
        "issuanceId": "a6745831-5d5e-45ed-b9fe-fd6aa129df25", "unitOwner": "An owner",
        "serialNumberBlock": "ABC1000-ABC1010", "unitBlockStart": "ABC1000",
        "unitBlockEnd": "ABC1010", "unitCount": "11", "vintageYear": "2020",
        "unitStatus": "Retired", "unitStatusReason": "For 2025",
        "correspondingAdjustmentDeclaration": "Committed",
        "correspondingAdjustmentStatus": "Not Started",
    },
    "cad-trust-projects": {
        "projectId": "789", "currentRegistry": "Climate Action Reserve (CAR)",
        "registryOfOrigin": "Verra", "originProjectId": "VCS-0123", "projectName": "A project",
        "projectDeveloper": "A developer", "sector": "Transport", "methodology": "A methodology",
        "projectStatus": "Registered",
    },
}  # fmt: skip
"""A record of each format that is parsed, with the columns that the format knows."""

HOSTILE = (
    *("", " ", "0", "-1", "+1", "1_000", "1e3", "10,5", "1,454,054", "1.5", "007", "9" * 30),
    *("9223372036854775807", "\u0663\u0664", "\uff11\uff12", "NaN", "inf", "#REF!", "#N/A", "null"),
    *("2023-02-30", "2023-13-01", "0001-01-01", "9999-12-31T23:59:59-14:00", "12/31/2025"),
    *("31/12/2025", "2/30/2023 7:05:09 PM", "45000", "2019-12-31 / 2019-01-01", "2025-01-01T25:00"),
    *(
        "[",
        "[" * 9 + "]" * 9,
        "[{}]",
        "[None]",
        "[1, 2]",
        "[{'serial': 1}]",
        "{'a': 'b'}",
        "['\\x']",
    ),
    *("[{'serial': 'CDC_9_1_1_321_14_1', 'issued_quantity': 1e3}]", "[{'country': [1]}]"),
    *(
        "=1+1",
        "@SUM(A1)",
        "-2+3",
        "+cmd",
        "a\nb",
        "a\r\nb",
        "\r",
        "\0",
        "\x1b[31m",
        '"',
        '"a"b',
        "'",
    ),
    *("\ufeff", "\u200b", "\u202e", "\U0001f333", "\ue000", "x" * 300, "Yes", "true", "Retired"),
    *("ACR-US-77-2025-300-600 to 101", "GS1-1-UG-GS77-16-2024-300-101-600", "CDC_1_1_1_321_14_1"),
    *("88-1-10-VCS-VCU-262-VER-BR-14-9001-01012023-31122023-0", "ICR-ISL-354-87-15-A-0-2023"),
)


def near(cell: str) -> st.SearchStrategy[str]:
    """Texts that look like this one."""
    return st.one_of(
        st.sampled_from([cell.lower(), cell.upper(), f" {cell}\u00a0", f"{cell}.0", f"{cell}x"]),
        st.tuples(st.integers(0, len(cell)), st.sampled_from("09-_ ,.:/'\u0661\u2013")).map(
            lambda change: cell[: change[0]] + change[1] + cell[change[0] + 1 :]
        ),
        st.integers(0, len(cell)).map(lambda end: cell[:end]),
    )


TEXT = st.text(st.characters(codec="utf-8"), max_size=12)


def cells(row: Row) -> st.SearchStrategy[list[str]]:
    """A record like `row`: as it is, with one cell changed, or with any of them changed."""
    other = {
        name: st.one_of(near(cell), st.sampled_from(HOSTILE), TEXT) for name, cell in row.items()
    }
    changed = [
        st.tuples(*(other[name] if name == at else st.just(cell) for name, cell in row.items()))
        for at in row
    ]
    any_cells = st.tuples(*(st.just(cell) | other[name] for name, cell in row.items()))
    return st.one_of(st.just(tuple(row.values())), *changed, any_cells).map(list)


@st.composite
def exports(draw: st.DrawFn, name: str) -> tuple[bytes, int]:
    """A file with a header of that format, and how many records it has."""
    known = next(known for known in FORMATS if known.name == name)
    needed = {" ".join(column.split()).casefold() for column in known.columns}
    whole = VALID[name]
    row = {
        column: cell
        for column, cell in whole.items()
        if " ".join(column.split()).casefold() in needed or draw(st.booleans())
    }
    order = draw(st.permutations(list(row)))
    row = {column: row[column] for column in order}
    header = [draw(st.sampled_from([column, column.upper(), f" {column}  "])) for column in order]
    records = draw(st.lists(cells(row), max_size=5))
    # Too few and too many cells, on one line: of several lines nobody knows how many records.
    for count in draw(st.lists(st.integers(1, len(row) * 2), max_size=1)):
        if count != len(row):
            records.append((["1", *["x"] * len(row) * 2])[: max(count, 2)])
    text = io.StringIO(newline="")
    quoting: Literal[0, 1] = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    csv.writer(text, lineterminator=end, quoting=quoting).writerows([header, *records])
    mark = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    return mark + text.getvalue().encode(), len(records)


def check(reading: Reading) -> FileRead:
    """Check that nothing of a file's records disappeared."""
    (file,) = reading.files
    assert file.rows == file.parsed + file.quarantined
    assert 0 <= file.merged <= file.parsed
    numbers = [quarantined.row for quarantined in reading.quarantined]
    assert len(numbers) == file.quarantined
    assert numbers == sorted(set(numbers) & set(range(1, file.rows + 1)))
    for quarantined in reading.quarantined:
        assert quarantined.path == file.path
        assert quarantined.reason
        assert quarantined.column is None or quarantined.column.strip()
    for table in reading.tables.values():
        records = table.column("record").to_pylist() if "record" in table.column_names else []
        kept = {int(record.removeprefix("row ").partition(",")[0]) for record in records}
        assert not kept & set(numbers)
        assert kept <= set(range(1, file.rows + 1))
    return file


def saved(folder: Path, name: str, content: bytes) -> Path:
    path = folder / f"{name}.csv"
    path.write_bytes(content)
    return path


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


def test_every_format_has_a_record_that_is_parsed(tmp_path: Path) -> None:
    assert set(VALID) == {known.name for known in FORMATS}
    for name, row in VALID.items():
        text = io.StringIO(newline="")
        csv.writer(text).writerows([row, row.values()])
        reading = read_paths([saved(tmp_path, name, text.getvalue().encode())])
        assert check(reading)._replace(path="") == FileRead("", name, 1, 1, 0, 0)


@pytest.mark.parametrize("name", VALID)
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_law_each_record_is_parsed_or_quarantined(
    folder: Path, name: str, data: st.DataObject
) -> None:
    content, count = data.draw(exports(name))
    path = saved(folder, name, content)
    assert check(read_paths([path], format=name)).rows == count


def lines(row: Row) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([row, *[row.values()] * 3])
    return text.getvalue().encode()


PIECE = st.one_of(
    st.sampled_from(
        [b'"', b'""', b",", b"\n", b"\r", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80"]
    ),
    st.binary(max_size=4),
)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """The bytes of a small file with some of them lost, doubled or replaced."""
    name = draw(st.sampled_from(sorted(VALID)))
    content = lines(VALID[name])
    for _ in range(draw(st.integers(1, 4))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))
        match draw(st.sampled_from(["lost", "doubled", "replaced", "cut", "put"])):
            case "lost":
                content = content[:start] + content[min(end, start + 20) :]
            case "doubled":
                content = content[:end] + content[start:]
            case "replaced":
                content = content[:start] + draw(PIECE) + content[start + 1 :]
            case "cut":
                content = content[:end]
            case "put":
                content = content[:start] + draw(PIECE) + content[start:]
    return name, content


@settings(max_examples=20 * settings().max_examples)
@given(damaged())
def test_law_damaged_bytes_are_read_or_refused_as_a_file(
    folder: Path, given_file: tuple[str, bytes]
) -> None:
    name, content = given_file
    path = saved(folder, "damaged", content)
    for chosen in ("auto", name):
        try:
            reading = read_paths([path], format=chosen)
        except FeedError as error:
            assert error.path == str(path)
            assert error.expected
        else:
            records = list(read_records(io.BytesIO(content)))
            assert check(reading).rows == len(records) - 1


@settings(max_examples=max(4, settings().max_examples // 3), deadline=None)
@given(data=st.data())
def test_law_whatever_was_read_can_be_audited_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    place = tmp_path_factory.mktemp("mixed")
    names = data.draw(st.lists(st.sampled_from(sorted(VALID)), min_size=1, max_size=6, unique=True))
    paths = [saved(place, name, data.draw(exports(name))[0]) for name in names]
    reading = read_paths(paths)
    assert read_paths(paths[::-1]) == reading
    for as_of_s in (None, 1_700_000_000):
        bodies = [
            finding.model_dump(mode="json") for finding in audit(reading.tables, as_of_s=as_of_s)
        ]
        assert json.loads(json.dumps(bodies)) == bodies
