"""Real clients against a real gateway in front of a simulated provider.

    TOLLKEEPER_BIN=… SIMULATED_PROVIDER_BIN=… python e2e/python/run.py SUITE [FILTER]

SUITE is a folder of `suites`; FILTER: only tests with this in their name. The last line is
`N passed, N failed, N skipped`.
"""

import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import world  # noqa: E402


class AfterAllTests(unittest.TestCase):
    """What must hold of the gateway's own books, whatever the suite did."""

    def verify_finds_no_difference(self) -> None:
        ended = world.the_world().command("verify")
        self.assertIn("0 differences", ended.stdout)


def main(suite: str, filters: list[str]) -> int:
    loader = unittest.TestLoader()
    if filters:
        loader.testNamePatterns = [f"*{filters[0]}*"]
    folder = HERE / "suites" / suite
    tests = loader.discover(str(folder), pattern="test_*.py", top_level_dir=str(HERE))
    if tests.countTestCases() == 0:
        print("0 passed, 0 failed, 0 skipped")
        return 0
    tests.addTest(AfterAllTests("verify_finds_no_difference"))
    try:
        result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(tests)
    finally:
        world.close()
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped)
    passed = max(result.testsRun - failed - skipped, 0)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
