"""Codex, as npm installs it."""
