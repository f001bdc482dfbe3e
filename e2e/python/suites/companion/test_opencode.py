"""OpenCode, which gets a provider of its own in `opencode.json`."""

from clients.agent import program
from clients.terminal import Ended
from suites.agent import PROMPT
from suites.companion.home import Home
from world import the_world
from world.stage import Stage

MODEL = "walked-model"
# What a person has in the file already.
MINE = """\
{
  "$schema": "https://opencode.ai/config.json",
  // mine
  "model": "elsewhere/large", "share": "disabled",
}
"""
# Whenever it starts, it looks for models, a newer self and what its plugins need.
QUIET = {
    "OPENCODE_DISABLE_MODELS_FETCH": "1",
    "OPENCODE_DISABLE_AUTOUPDATE": "1",
    "NPM_CONFIG_REGISTRY": "http://127.0.0.1:9",
}


class OpenCode(Home):
    names = (".config/opencode/opencode.json", ".config/opencode/opencode.jsonc")
    # It has the model make a title, too.
    requests = 3

    def opencode(self, stage: Stage) -> Ended:
        self.asked(stage)
        return self.terminal.run([program("opencode-linux-*/bin/opencode"), "run", PROMPT], QUIET)

    def test_from_an_empty_home_and_back(self) -> None:
        stage = Stage(the_world(), "chat", MODEL)
        flags = ("--model", MODEL, "--yes", "--json")
        used = self.assert_ok(self.use("opencode", stage.key.secret, *flags))
        self.assertTrue(used["verified"]["call"]["has_model"])
        self.assert_worked(self.opencode(stage), stage)
        self.assert_ok(self.tollkeeper("clear", "opencode", "--yes", "--json"))
        self.assertEqual(self.files(), {})

    def test_beside_what_a_person_has_and_back(self) -> None:
        directory = self.terminal.home / ".config/opencode"
        directory.mkdir(parents=True)
        (directory / "opencode.jsonc").write_text(MINE)
        before = self.files()
        stage = Stage(the_world(), "chat", MODEL)
        flags = ("--model", MODEL, "--yes", "--json")
        self.assert_ok(self.use("opencode", stage.key.secret, *flags))
        self.assert_worked(self.opencode(stage), stage)
        self.assert_ok(self.tollkeeper("clear", "opencode", "--yes", "--json"))
        self.assertEqual(self.files(), before)
