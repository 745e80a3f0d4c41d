"""Measures how long runs take, as a multiple of the imports that they need.

    python -m meta_tests.tools.speed            the start, -m smoke and the default run
    python -m meta_tests.tools.speed --explore  also how time grows with the number of examples, and
                                                what -n 2 saves in the profile explore (six minutes)

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

IMPORTS = ["-c", "import torch, numpy, hypothesis, pytest"]
PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
EXAMPLES = (20, 100, 500)

#: The commands, each with the multiple of the imports' time that it must not exceed.
BOUNDS = {
    "imports of torch, numpy, hypothesis, pytest": (IMPORTS, ""),
    "start and collection": ([*PYTEST, "--collect-only"], ""),
    "-m smoke": ([*PYTEST, "-m", "smoke"], "1.5"),
    "the default run": (PYTEST, "4.0"),
}


def shortest(commands: list[list[str]], rounds: int) -> list[float]:
    """The seconds that Python takes for each command, at best."""
    environment = {it: os.environ[it] for it in os.environ if it != "PYTHONDONTWRITEBYTECODE"}
    best = [float("inf")] * len(commands)
    for _ in range(rounds):
        for position, command in enumerate(commands):
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, *command],
                cwd=PROJECT,
                env=environment,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            best[position] = min(best[position], time.perf_counter() - start)
    return best


def main() -> None:
    """Print the times, in Markdown."""
    parser = argparse.ArgumentParser("python -m meta_tests.tools.speed", description=__doc__)
    parser.add_argument("--explore", action="store_true")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    options = parser.parse_args()

    shortest([PYTEST], 1)  # fills the cache of compiled files
    seconds = shortest([command for command, _ in BOUNDS.values()], options.rounds)
    print("| what | seconds | times the imports | at most |\n| --- | --: | --: | --: |")
    for (name, (_, bound)), taken in zip(BOUNDS.items(), seconds, strict=True):
        print(f"| {name} | {taken:.2f} | {taken / seconds[0]:.2f} | {bound} |")
    if options.explore:
        explore()


def explore() -> None:
    """Print how time grows with the examples and what two workers save, in Markdown."""
    surroundings = [*PYTEST, "-p", "meta_tests.tools.surroundings"]
    seconds = shortest([[*surroundings, f"--examples={count}"] for count in EXAMPLES], 2)
    print("\n| examples of each property | seconds |\n| --: | --: |")
    for count, taken in zip(EXAMPLES, seconds, strict=True):
        print(f"| {count} | {taken:.1f} |")
    profile = [*PYTEST, "--hypothesis-profile=explore"]
    one, two = shortest([[*profile, "-p", "no:xdist"], [*profile, "-n", "2"]], 1)
    print(f"\nThe profile explore: {one:.0f} s, with -n 2 {two:.0f} s: {one / two:.2f}x as fast.")


if __name__ == "__main__":
    main()
