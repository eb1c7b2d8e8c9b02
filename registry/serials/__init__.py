"""Serial numbers: one grammar per registry, and arithmetic on the intervals they name."""
