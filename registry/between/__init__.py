"""Transfers between registries, as a world carries them out."""
