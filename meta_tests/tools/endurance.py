"""Runs the specification many times, each as some user might, and counts the false alarms.

    python -m meta_tests.tools.endurance --runs 200

A false alarm is a claim that fails, or anything that is said to have changed since a first run
under default conditions. The conditions of each run are drawn from a seed, which is printed, so
that it can be repeated. Needs pytest-xdist and pytest-randomly.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from harness.run.environment import versions
from meta_tests import copies

#: Each condition, as options of pytest or an environment variable to choose from.
CONDITIONS = (
    ("same examples", "--hypothesis-seed={seed}"),
    ("-p no:randomly", "--randomly-seed={seed}"),
    ("one process", "-n 1", "-n 2"),
    ("default threads", "OMP_NUM_THREADS=1", "OMP_NUM_THREADS=2"),
    ("default warnings", "-W error"),
)


def draw(seed: int) -> list[str]:
    """The conditions of the run with this seed."""
    return [*map(random.Random(seed).choice, CONDITIONS)]


def run(seed: int, conditions: list[str], *options: str):
    """pytest with these options under these conditions."""
    chosen = [it.format(seed=seed) for it in conditions]
    variables = dict(it.split("=") for it in chosen if it[0].isupper())
    arguments = [word for it in chosen if it[0] == "-" for word in it.split()]
    return copies.run(*options, *arguments, **variables)


def main() -> int:
    """Run, print and count; 0 if there was no false alarm."""
    parser = argparse.ArgumentParser("python -m meta_tests.tools.endurance", description=__doc__)
    parser.add_argument("--runs", type=int, default=200, metavar="N")
    parser.add_argument("--seed", type=int, help="of the first run; the others count up from it")
    asked = parser.parse_args()
    first = random.SystemRandom().randrange(10**6) if asked.seed is None else asked.seed
    print(f"{asked.runs} runs from --seed {first} on: {versions()}", flush=True)
    tried: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder, "first.json")
        result = run(first, ["-p no:randomly"], f"--record={record}")
        if result.returncode:
            sys.exit(f"The first run, under default conditions, failed:\n{result.stdout}")
        for seed in range(first, first + asked.runs):
            conditions = draw(seed)
            result = run(seed, conditions, f"--against={record}", "--against-strict")
            tried.update(["all", *conditions])
            if result.returncode:
                failed.update(["all", *conditions])
                print(result.stdout)
            verdict = f"FAILED ({result.returncode})" if result.returncode else "passed"
            print(f"{seed} {verdict}: {', '.join(conditions)}", flush=True)
    print("\n| condition | runs | failures |\n| --- | --: | --: |")
    for condition in sorted(tried):
        print(f"| {condition} | {tried[condition]} | {failed[condition]} |")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
