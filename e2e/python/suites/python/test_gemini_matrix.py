"""google-genai for Python on channels of every dialect."""

import unittest

from clients.google_genai import GoogleGenAi
from suites.counting import Counting
from suites.matrix import Matrix


class Gemini(Counting, Matrix, unittest.TestCase):
    sdk = GoogleGenAi
    model = "gemini-3-pro"
