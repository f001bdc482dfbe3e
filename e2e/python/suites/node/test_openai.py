"""openai for Node.js on channels of every dialect."""

import unittest

from clients.node import NodeOpenAiChat, NodeOpenAiResponses
from suites.matrix import Matrix


class Chat(Matrix, unittest.TestCase):
    sdk = NodeOpenAiChat
    model = "gpt-5.4"


class Responses(Matrix, unittest.TestCase):
    sdk = NodeOpenAiResponses
    model = "gpt-5.4"
