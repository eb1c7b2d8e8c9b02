"""Hypothesis profiles: small by default, larger where `HYPOTHESIS_PROFILE=slow` asks for it."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("quick", max_examples=25, deadline=None, print_blob=True)
settings.register_profile("slow", max_examples=500, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
