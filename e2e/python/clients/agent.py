"""Where npm put the coding agents."""

import os
from pathlib import Path


def program(pattern: str, folder: str = "AGENTS") -> str:
    """The program for this machine: the packages bring one for each kind."""
    place = os.environ.get(folder)
    if not place:
        raise RuntimeError(f"{folder} is not set; run `cargo xtask test`")
    found = sorted((Path(place) / "node_modules").glob(pattern))
    if not found:
        raise RuntimeError(f"npm brought no {pattern} for this machine")
    return str(found[0])
