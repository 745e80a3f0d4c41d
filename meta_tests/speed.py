"""Measures how long runs take, as a multiple of the imports that they need.

    python -m meta_tests.speed

The commands take turns, and each time is the shortest of its rounds, since other work on the
machine only ever adds time. Compiled files are cached, as for any user from the second run on.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

from meta_tests.copies import PROJECT

PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]

#: The commands, each with the multiple of the imports' time that it must not exceed.
BOUNDS = {
    "the imports": (["-c", "import torch, numpy, hypothesis, pytest"], ""),
    "start and collection": ([*PYTEST, "--collect-only"], ""),
    "-m smoke": ([*PYTEST, "-m", "smoke"], "1.5"),
    "the default run": (PYTEST, "4.0"),
}


def seconds(command: list[str]) -> float:
    """The seconds that Python takes for the command."""
    environment = {it: os.environ[it] for it in os.environ if it != "PYTHONDONTWRITEBYTECODE"}
    arguments = [sys.executable, *command]
    start = time.perf_counter()
    subprocess.run(arguments, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the times, in Markdown."""
    parser = argparse.ArgumentParser("python -m meta_tests.speed", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    rounds = parser.parse_args().rounds

    seconds(PYTEST)  # fills the cache of compiled files
    taken = [[seconds(command) for command, _ in BOUNDS.values()] for _ in range(rounds)]
    shortest = [min(times) for times in zip(*taken, strict=True)]
    print("| what | seconds | times the imports | at most |\n| --- | --: | --: | --: |")
    for (name, (_, bound)), best in zip(BOUNDS.items(), shortest, strict=True):
        print(f"| {name} | {best:.2f} | {best / shortest[0]:.2f} | {bound} |")


if __name__ == "__main__":
    main()
