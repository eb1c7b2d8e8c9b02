"""Print the JSON Schema of a registry's profile.

python -m registry.operators.schema > docs/profile.schema.json
"""

from __future__ import annotations

import sys

from registry.operators.profiles import schema_text

if __name__ == "__main__":
    sys.stdout.write(schema_text())
