"""A registry of one's own, from a profile in YAML, beside those that come with the package.

    .venv/bin/python scripts/custom_registry.py [--engine revm|tester|model]

Copy it and its profile, scripts/custom_registry.yaml, and change them. Amounts are tonnes; the
participants are invented.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from registry import InputError, World

options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
options.add_argument("--engine", default="auto", choices=["auto", "revm", "tester", "model"])
profile = Path(__file__).with_suffix(".yaml")

with World.open(seed=7, engine=options.parse_args().engine) as world:
    harbour = world.registry(profile)
    print(harbour)

    pier = harbour.register_project("Pier retrofit", "NL", "AMS-II.C", "Havenbedrijf")
    batch = harbour.issue(pier, 2024, 1_000, "Havenbedrijf")
    print(batch)

    # Its uses are its own: what is not on its list, or not said of the credits, is refused.
    for use in ("CORSIA", "port dues"):
        try:
            harbour.retire(batch, 10, "Havenbedrijf", "Havenbedrijf", use, subject="Tug 7")
        except InputError as error:
            print(f"refused: {error}")
    harbour.set_eligibility(batch, ["port dues", "voluntary"])
    print(harbour.retire(batch, 10, "Havenbedrijf", "Havenbedrijf", "port dues", subject="Tug 7"))
    print(harbour.retire_kg(batch, 250, "Havenbedrijf", "Havenbedrijf", "voluntary"))

    # Other registries take its credits as they take anybody's.
    moved = world.transfer_between(batch, 100, "Havenbedrijf", "Acme", world.registry("ICR"))
    print(moved)
    print(*(line.status for line in world.books["Harbour Registry"].lines))

    # A key that no profile has is refused, and the file, the line and the key are named.
    with TemporaryDirectory() as folder:
        copy = Path(folder, "harbour.yaml")
        copy.write_text(profile.read_text("utf-8") + "colour: blue\n", encoding="utf-8")
        try:
            world.registry(copy)
        except InputError as error:
            print(f"refused: {str(error).replace(str(copy), copy.name)}")

    print(f"findings: {len(world.audit())}")
