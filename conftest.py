"""The options of this project, and who implements them.

--device NAME        harness/run/devices.py        which devices the specs run on
--claims             harness/run/outline.py        print the claims and their specs, run nothing
--hypothesis-profile harness/run/profiles.py       specification (the default) or explore
-m smoke             harness/run/smoke.py          one spec a claim, on one example
--time-limit SECONDS harness/run/time_limit.py     how long a spec may take
--record=FILE        harness/history/recorder.py   write what the run sees
--against=RECORD     harness/history/against.py    what changed; add --against-strict to fail
--history            harness/history/against.py    what changed with which release, run nothing
--page=FILE          harness/page/plugin.py        write the specification as a web page
"""

from harness.run.requirements import pytest_addoption  # noqa: F401  refuses before the plugins import

pytest_plugins = [
    "harness.run.devices",  # the device axis
    "harness.run.environment",  # what a result was seen on, and whether it counts
    "harness.run.claims",  # every spec has its claim, every claim its spec
    "harness.run.isolation",  # no spec changes PyTorch's state for the next
    "harness.run.overhead",  # no time on what specs have nothing from
    "harness.run.profiles",  # how many examples Hypothesis tries, and from which seed
    "harness.run.time_limit",  # no spec takes forever
    "harness.run.smoke",  # one spec a claim
    "harness.run.failures",  # what a failure says before its traceback
    "harness.run.lost",  # no test is lost
    "harness.run.observe",  # the fixture observe
    "harness.run.summary",  # what the end of a run says
    "harness.run.outline",  # the claims as an outline
    "harness.history.recorder",  # what a run saw, in a file
    "harness.history.against",  # what changed since another run, or between releases
    "harness.page.plugin",  # the specification as a web page
]
