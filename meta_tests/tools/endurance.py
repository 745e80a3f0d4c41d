"""Runs the specification many times, each as some user might, and counts the false alarms.

    python -m meta_tests.tools.endurance --runs 200

A false alarm is a claim that fails, or anything that is said to have changed since a first run
under default conditions. The conditions of each run are drawn from a seed, which is printed, so
that it can be repeated. The table at the end says how many runs tried each condition, and how many
of those failed.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

from harness.run.environment import versions
from meta_tests.copies import PROJECT

_SURROUNDINGS = "-p meta_tests.tools.surroundings"

#: Conditions and their options, each with its arguments for pytest or its environment variable.
#: Every run draws an option for each condition.
CONDITIONS: dict[str, dict[str, str]] = {
    "examples": {
        "of the specification": "",
        "from a random seed": "--hypothesis-seed={seed}",
        "new and many": "--hypothesis-profile=explore --hypothesis-seed={seed}",
    },
    "order": {
        "as written": "-p no:randomly",
        "shuffled": "-p no:randomly " + _SURROUNDINGS + " --shuffle={seed}",
        "of pytest-randomly": "--randomly-seed={seed}",
    },
    "processes": {"one": "", "1 worker": "-n 1", "2 workers": "-n 2"},
    "OMP_NUM_THREADS": {"unset": "", "1": "OMP_NUM_THREADS=1", "2": "OMP_NUM_THREADS=2"},
    "torch threads": {
        "unset": "",
        "1": _SURROUNDINGS + " --torch-threads=1",
        "2": _SURROUNDINGS + " --torch-threads=2",
    },
    "default dtype": {
        "float32": "",
        "float64": _SURROUNDINGS + " --default-dtype=float64",
        "bfloat16": _SURROUNDINGS + " --default-dtype=bfloat16",
    },
    "warnings": {"as usual": "", "as errors": "-W error"},
}
#: How often an option is drawn if not as often as the others: ``new and many`` takes minutes.
RARE = {"new and many": 0.05}


def draw(seed: int) -> dict[str, str]:
    """The conditions of the run with this seed: an option for each name of CONDITIONS."""
    source = random.Random(seed)
    options = {name: list(known) for name, known in CONDITIONS.items()}
    if find_spec("xdist") is None:
        options["processes"] = ["one"]
    if find_spec("pytest_randomly") is None:
        options["order"].remove("of pytest-randomly")
    return {
        name: source.choices(known, [RARE.get(option, 1) for option in known])[0]
        for name, known in options.items()
    }


def run(seed: int, conditions: dict[str, str], *options: str) -> subprocess.CompletedProcess:
    """pytest with these options under these conditions."""
    chosen = " ".join(CONDITIONS[name][option] for name, option in conditions.items())
    words = chosen.format(seed=seed).split()
    variables = dict(word.split("=") for word in words if word[0].isupper())
    arguments = [word for word in words if not word[0].isupper()]
    return subprocess.run(
        [sys.executable, *"-m pytest -q -p no:cacheprovider".split(), *options, *arguments],
        cwd=PROJECT,
        env={**os.environ, **variables},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def main() -> int:
    """Run, print and count; 0 if there was no false alarm."""
    parser = argparse.ArgumentParser("python -m meta_tests.tools.endurance", description=__doc__)
    parser.add_argument("--runs", type=int, default=200, metavar="N")
    parser.add_argument("--seed", type=int, help="of the first run; the others count up from it")
    options = parser.parse_args()
    if options.runs < 1:
        parser.error(f"--runs {options.runs}: at least one")
    first = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    print(f"{options.runs} runs from --seed {first} on: {versions()}", flush=True)
    folder = tempfile.TemporaryDirectory()
    record = Path(folder.name, "first.json")
    result = run(first, {}, "-p", "no:randomly", f"--record={record}")
    if result.returncode:
        sys.exit(f"The first run, under default conditions, failed:\n{result.stdout}")
    tried: Counter[tuple[str, str]] = Counter()
    failed: Counter[tuple[str, str]] = Counter()
    failures = 0
    for seed in range(first, first + options.runs):
        start, conditions = time.monotonic(), draw(seed)
        result = run(seed, conditions, f"--against={record}", "--against-strict")
        tried.update(conditions.items())
        words = ", ".join(f"{name} {option}" for name, option in conditions.items())
        verdict = f"FAILED ({result.returncode})" if result.returncode else "passed"
        print(f"{seed} {verdict} in {time.monotonic() - start:.0f} s: {words}", flush=True)
        if result.returncode:
            failures += 1
            failed.update(conditions.items())
            print(result.stdout, flush=True)
    print("\n| condition | option | runs | failures |\n| --- | --- | --: | --: |")
    for name, known in CONDITIONS.items():
        for option in known:
            print(f"| {name} | {option} | {tried[name, option]} | {failed[name, option]} |")
    print(f"{failures} of {options.runs} runs failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
