"""Gemini CLI, which reads its key and address from `~/.gemini/.env`."""

from clients.agent import program
from clients.terminal import Ended
from suites.agent import PROMPT
from suites.companion.home import Home
from world import the_world
from world.stage import Stage

MODEL = "gemini-3.1-pro-preview"
# What a person has in the file already. It sends its makers figures unless it is told not to.
MINE = """\
{
  // mine
  "privacy": {"usageStatisticsEnabled": false},
  "security": { "auth": { "selectedType": "oauth-personal" } }
}
"""


class GeminiCli(Home):
    names = (".gemini/.env", ".gemini/settings.json")
    # It runs nothing with a `$(` in it.
    tool_use = {"calls": [{"name": "run_shell_command", "arguments": {"command": "printf 'tollkeeper-%d' 052"}}]}

    def gemini(self, stage: Stage) -> Ended:
        self.asked(stage)
        node = program("node-linux-*/bin/node", "NODE_SDKS")
        gemini = program("@google/gemini-cli/bundle/gemini.js")
        return self.terminal.run([node, gemini, "--skip-trust", "--yolo", "-p", PROMPT], {})

    def test_beside_what_a_person_has_and_back(self) -> None:
        (self.terminal.home / ".gemini").mkdir()
        (self.terminal.home / ".gemini/settings.json").write_text(MINE)
        before = self.files()
        stage = Stage(the_world(), "gemini", MODEL)
        flags = ("--model", MODEL, "--yes", "--json")
        used = self.assert_ok(self.use("gemini-cli", stage.key.secret, *flags))
        self.assertTrue(used["verified"]["call"]["has_model"])
        self.assert_worked(self.gemini(stage), stage)
        self.assert_ok(self.tollkeeper("clear", "gemini-cli", "--yes", "--json"))
        self.assertEqual(self.files(), before)
