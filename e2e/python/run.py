"""OpenAI's SDK for Python against a real gateway in front of a simulated provider.

    TOLLKEEPER_BIN=… SIMULATED_PROVIDER_BIN=… python e2e/python/run.py [FILTER]

The last line is `N passed, N failed, N skipped`.
"""

import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from suite import world  # noqa: E402


def main() -> int:
    loader = unittest.TestLoader()
    if len(sys.argv) > 1:
        loader.testNamePatterns = [f"*{sys.argv[1]}*"]
    tests = loader.discover(str(HERE / "suite"), pattern="test_*.py", top_level_dir=str(HERE))
    if tests.countTestCases() == 0:
        print("0 passed, 0 failed, 0 skipped")
        return 0
    try:
        result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(tests)
    finally:
        world.close()
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped)
    print(f"{max(result.testsRun - failed - skipped, 0)} passed, {failed} failed, {skipped} skipped")
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
