"""How long a run takes, against the imports that it cannot do without; and what it does meanwhile.

    python -m meta_tests.tools.speed           the times, and where those of the default run go
    python -m meta_tests.tools.speed --explore also how time grows with the examples, and how -n 2
                                         shortens the profile explore (six minutes)

Each time is the shortest of some runs that take turns, so that other work on the machine, which
only ever adds, counts as little as it can. Python's cache of compiled files is in use, as it is for
anybody from the second run on.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from types import FrameType

from meta_tests.copies import PROJECT

IMPORTS = ["-c", "import torch, numpy, hypothesis, pytest"]
PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
EXAMPLES = (20, 100, 500)

ENVIRONMENT = {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}

#: What a run must not exceed, as a multiple of the imports' time.
BOUNDS = {
    "imports of torch, numpy, hypothesis, pytest": (IMPORTS, None),
    "start and collection": ([*PYTEST, "--collect-only"], None),
    "-m smoke": ([*PYTEST, "-m", "smoke"], 1.5),
    "the default run": (PYTEST, 4.0),
}


def shortest(commands: list[list[str]], rounds: int) -> list[float]:
    """The seconds of each command of Python, at best."""
    best = [float("inf")] * len(commands)
    for _ in range(rounds):
        for position, command in enumerate(commands):
            start = time.perf_counter()
            python(*command)
            best[position] = min(best[position], time.perf_counter() - start)
    return best


def python(*command: str) -> str:
    """Run Python; what it says to stderr."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    ).stderr


def main() -> None:
    """Print the times, in Markdown."""
    parser = argparse.ArgumentParser("python -m meta_tests.tools.speed", description=__doc__)
    parser.add_argument("--explore", action="store_true")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    options = parser.parse_args()

    python(*PYTEST)  # fills the cache of compiled files
    seconds = shortest([command for command, _ in BOUNDS.values()], options.rounds)
    print("| what | seconds | times the imports | at most |")
    print("| --- | --: | --: | --: |")
    for (name, (_, bound)), taken in zip(BOUNDS.items(), seconds, strict=True):
        print(f"| {name} | {taken:.2f} | {taken / seconds[0]:.2f} | {bound or ''} |")
    print(f"\n{python(*PYTEST, '-p', 'meta_tests.tools.speed')}", flush=True)
    if options.explore:
        explore()


def explore() -> None:
    """Print how time grows with the examples and shrinks with workers, in Markdown."""
    surrounded = [*PYTEST, "-p", "meta_tests.tools.surroundings"]
    seconds = shortest([[*surrounded, f"--examples={count}"] for count in EXAMPLES], 2)
    print("| examples a property | seconds | ms for each one more |\n| --: | --: | --: |")
    former = None
    for count, taken in zip(EXAMPLES, seconds, strict=True):
        more = f"{1000 * (taken - former[1]) / (count - former[0]):.0f}" if former else ""
        print(f"| {count} | {taken:.1f} | {more} |")
        former = count, taken
    profile = [*PYTEST, "--hypothesis-profile=explore"]
    one, two = shortest([[*profile, "-p", "no:xdist"], [*profile, "-n", "2"]], 1)
    print(f"\nThe profile explore: {one:.0f} s, with -n 2 {two:.0f} s: {one / two:.2f}x as fast.")


# --- the plugin -------------------------------------------------------------------------------
#
# Samples the stack 500 times a second of the process's own time. What C does counts for the
# Python that called it: PyTorch's kernels for the spec, if it calls them itself.

_seen: Counter[str] = Counter()

#: Whose time it is, by what a file's path has in it; the innermost file that has any decides.
_OWNERS = {
    f"{os.sep}specs{os.sep}": "the specs, their strategies and oracles",
    f"{os.sep}observations{os.sep}": "the observations",
    f"{os.sep}harness{os.sep}": "the harness",
    f"{os.sep}hypothesis{os.sep}": "Hypothesis",
    f"{os.sep}torch{os.sep}": "PyTorch's Python",
    f"{os.sep}_pytest{os.sep}": "pytest",
    f"{os.sep}pluggy{os.sep}": "pytest",
}


def _sample(signum: int, frame: FrameType | None) -> None:
    owner, runs, imports = "", False, False
    while frame is not None:
        code = frame.f_code
        imports |= code.co_name == "_find_and_load"
        runs |= code.co_name == "pytest_runtestloop"
        if not owner:
            owner = next((o for path, o in _OWNERS.items() if path in code.co_filename), "")
        frame = frame.f_back
    if imports:
        owner = "imports by PyTorch on first use" if runs else "imports"
    elif not runs:
        owner = "pytest's start, collection and end"
    _seen[owner or "the rest"] += 1


def pytest_load_initial_conftests() -> None:
    """Begin before the conftest.py imports PyTorch."""
    signal.signal(signal.SIGPROF, _sample)
    signal.setitimer(signal.ITIMER_PROF, 0.002, 0.002)


def pytest_unconfigure() -> None:
    signal.setitimer(signal.ITIMER_PROF, 0)
    lines = [f"| {count / _seen.total():.0%} | {owner} |" for owner, count in _seen.most_common()]
    print("| share | where the default run's time goes |\n| --: | --- |", file=sys.stderr)
    print("\n".join(lines), file=sys.stderr)


if __name__ == "__main__":
    main()
