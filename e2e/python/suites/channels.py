"""Tests that are run once for each dialect that a channel may speak."""

from collections.abc import Callable

from world.stage import DIALECTS


def on_every_channel(test: Callable) -> Callable:
    """Marks a method of one argument, the channel's dialect, that stands for a test on each."""
    test.on_every_channel = True
    return test


class Channels:
    """A mixin that makes `test_NAME_on_chat`, … of each method that is marked."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        for name in dir(cls):
            method = getattr(cls, name)
            if getattr(method, "on_every_channel", False):
                for dialect in DIALECTS:
                    setattr(cls, f"test_{name}_on_{dialect}", _on(dialect, method))


def _on(dialect: str, method: Callable) -> Callable:
    def test(self: Channels) -> None:
        method(self, dialect)

    return test
