"""Writes small exports in the formats of Verra, ACR and ARB, all invented, for an audit to read.

Three things are wrong in them: two Verra blocks share a hundred serials, one Verra row has another
quantity than its serials span, and one cannot be read at all. One thing only looks wrong: ARB
issued credits ten days before ACR cancelled those that they were made from, as conversions go.
"""

from __future__ import annotations

import argparse
from pathlib import Path

VERRA = """\
Issuance Date,Vintage Start,Vintage End,ID,Name,Total Vintage Quantity,Quantity Issued,\
Serial Number,Retirement/Cancellation Date,Retirement Beneficiary
{forest},"1,000",88-1-1000-{tail},,
{forest},500,88-1001-1500-{tail},2025-02-01,Acme Corp
{forest},200,88-1401-1600-{tail},,
{forest},41,88-2001-2040-{tail},,
{forest},40,88-2041-{tail},,
"""
ACR = """\
Credit Serial Numbers,Date Issued (GMT),Vintage,Quantity of Credits,Status Effective (GMT),\
Cancellation Type,Project ID
ACR-US-901-2024-77-1 to 5000,1/10/2025 9:00:00 AM,2024,5000,3/11/2025 4:30:00 PM,\
Convert to ARB offset credits,ACR901
"""
ARB = """\
CARB Issuance ID,OPR Project ID,Reporting Period Start Date,Reporting Period End Date,Vintage,\
ARB Offset Credits Issued,Issuance Date
CAMM9901-A,ACR901,2024-01-01,2024-12-31,2024,5000,2025-03-01
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the files go")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    verra = VERRA.format(
        forest='2025-01-15,2023-01-01,2023-12-31,9001,Invented forest,"2,000"',
        tail="VCS-VCU-262-VER-BR-14-9001-01012023-31122023-0",
    )
    texts = {"verra.csv": verra, "acr.csv": ACR, "arb.csv": ARB, "notes.txt": "All invented.\n"}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    print(f"wrote 3 exports and a note into {folder}")


if __name__ == "__main__":
    main()
