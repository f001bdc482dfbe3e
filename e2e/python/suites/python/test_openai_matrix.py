"""openai for Python on channels of every dialect."""

import unittest

from clients.openai_chat import OpenAiChat
from clients.openai_responses import OpenAiResponses
from suites.matrix import Matrix


class Chat(Matrix, unittest.TestCase):
    sdk = OpenAiChat
    model = "gpt-5.4"


class Responses(Matrix, unittest.TestCase):
    sdk = OpenAiResponses
    model = "gpt-5.4"
