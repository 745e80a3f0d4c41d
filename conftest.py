"""The options of this project, and who implements them.

--device NAME        harness/devices.py    which devices the specs run on
--claims             harness/outline.py    print the claims and their specs, run nothing
--hypothesis-profile harness/profiles.py   specification (the default) or explore
-m smoke             harness/smoke.py      one spec a claim, on one example
--time-limit SECONDS harness/time_limit.py how long a spec may take
--record=FILE        history/recording.py  write what the run sees
--against=RECORD     history/comparing.py  what changed; with --against-strict any change fails
--history            history/comparing.py  what changed with which release, run nothing
--page=FILE          page/plugin.py        write the claims and what the run sees as a web page
"""

from harness.requirements import pytest_addoption  # noqa: F401  refuses before the plugins import

pytest_plugins = [
    "harness.devices",  # the device axis
    "harness.environment",  # what a result was seen on, and whether it counts
    "harness.claims",  # every spec has its claim, every claim its spec
    "harness.isolation",  # no spec changes PyTorch's state for the next
    "harness.overhead",  # no time on what specs have nothing from
    "harness.profiles",  # how many examples Hypothesis tries, and from which seed
    "harness.time_limit",  # no spec takes forever
    "harness.smoke",  # one spec a claim
    "harness.failures",  # what a failure says before its traceback
    "harness.lost",  # no test is lost
    "harness.summary",  # what the end of a run says
    "harness.outline",  # the claims as an outline
    "history.recording",  # what a run saw, in a file
    "history.comparing",  # what changed since another run, or between releases
    "page.plugin",  # the specification as a web page
]
