"""Measures how long runs take, as a multiple of the imports that they need.

    python -m meta_tests.speed

The commands take turns, and each time is the shortest of several rounds, since other work on the
machine only ever adds time. Compiled files are cached, as for any user from the second run on.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from meta_tests.copies import PROJECT

ROUNDS = 7
PYTEST = "-m pytest -q -p no:cacheprovider -p no:randomly"

#: The commands, and the multiple of the imports' time that each must not exceed on two cores.
#: Chapter 6, which compiles, may add 1.5 to the 5 of the others.
COMMANDS = (
    (["-c", "import torch, numpy, hypothesis, pytest"], ""),
    ([*PYTEST.split(), "--collect-only"], ""),
    ([*PYTEST.split(), "-m", "smoke"], "1.5"),
    ([*PYTEST.split(), "--deselect=specs/test_6_compiled.py"], "5.0"),
    (PYTEST.split(), "6.5"),
)


def seconds(command: list[str]) -> float:
    """The seconds that Python takes for the command."""
    environment = {it: os.environ[it] for it in os.environ if it != "PYTHONDONTWRITEBYTECODE"}
    arguments = [sys.executable, *command]
    start = time.perf_counter()
    subprocess.run(arguments, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    rounds = [[seconds(command) for command, _ in COMMANDS] for _ in range(ROUNDS)]
    shortest = [min(times) for times in zip(*rounds, strict=True)]
    print("| command | seconds | times the imports | at most |\n| --- | --: | --: | --: |")
    for (command, bound), best in zip(COMMANDS, shortest, strict=True):
        print(f"| {' '.join(command)} | {best:.2f} | {best / shortest[0]:.2f} | {bound} |")
