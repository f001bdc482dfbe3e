"""What every suite stands on: a simulated provider with books of its own, the real gateway in front
of it, and stages, each of them one model on one channel for one key."""

from .world import World, close, the_world

__all__ = ["World", "close", "the_world"]
