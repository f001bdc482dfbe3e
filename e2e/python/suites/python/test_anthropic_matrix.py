"""anthropic for Python on channels of every dialect."""

import unittest

from clients.anthropic_messages import AnthropicMessages
from suites.counting import Counting
from suites.matrix import Matrix


class Messages(Counting, Matrix, unittest.TestCase):
    sdk = AnthropicMessages
    model = "claude-sonnet-4-5"
