"""Counting a question's tokens works on channels of every dialect and is free."""

import unittest

from suites.channels import Channels, on_every_channel
from suites.matrix import QUESTION


class Counting(Channels):
    """A mixin for a matrix whose SDK can count."""

    @on_every_channel
    def counting(self: unittest.TestCase, dialect: str) -> None:
        stage = self.stage(dialect)
        self.assertIn(self.client(stage).count(self.model, QUESTION), range(3, 60))
        self.assertEqual(stage.calls(), [])
        self.assertEqual(stage.differences(), [])
