"""@anthropic-ai/sdk on channels of every dialect."""

import unittest

from clients.node import NodeAnthropicMessages
from suites.counting import Counting
from suites.matrix import Matrix


class Messages(Counting, Matrix, unittest.TestCase):
    sdk = NodeAnthropicMessages
    model = "claude-sonnet-4-5"
