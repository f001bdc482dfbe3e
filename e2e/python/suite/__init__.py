"""The suite: one file per subject, all on the one small world of `world.py`."""
