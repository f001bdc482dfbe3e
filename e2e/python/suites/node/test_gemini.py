"""@google/genai on channels of every dialect."""

import unittest

from clients.node import NodeGoogleGenAi
from suites.counting import Counting
from suites.matrix import Matrix


class Gemini(Counting, Matrix, unittest.TestCase):
    sdk = NodeGoogleGenAi
    model = "gemini-3-pro"
