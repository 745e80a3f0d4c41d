"""The options of this project, and who implements them.

--device NAME        harness/run/devices.py        which devices the specs run on
--claims             harness/run/outline.py        print the claims and their specs, run nothing
--processes=N        harness/run/processes.py      in how many processes the specs run
--hypothesis-profile harness/run/profiles.py       specification (the default) or explore
-m smoke             harness/run/smoke.py          one spec for each claim, on one example
--record=FILE        harness/history/recorder.py   write what the run sees
--against=RECORD     harness/history/against.py    what changed; add --against-strict to fail
--used-by=PATH       harness/history/against.py    with --against: only what touches this code
--history            harness/history/against.py    what changed with which release, run nothing
--page=FILE          harness/page/plugin.py        write the specification as a web page
--explain=MESSAGE    harness/history/explain.py    which claims explain an error message
"""

from harness.history import explain
from harness.run import requirements


def pytest_addoption(parser, pluginmanager):
    """What comes before the plugins below are imported, most of which import PyTorch."""
    explain.pytest_addoption(parser, pluginmanager)
    requirements.pytest_addoption(pluginmanager)


pytest_plugins = [
    "harness.run.claims",  # every spec has its claim, every claim its spec
    "harness.run.devices",  # which devices each spec runs on
    "harness.run.lacking",  # leaves out what a device lacks
    "harness.run.isolation",  # no spec changes PyTorch's state for the next
    "harness.run.speed",  # turns off what costs time and does nothing for specs
    "harness.run.profiles",  # how many examples Hypothesis tries, and from which seed
    "harness.run.smoke",  # one spec for each claim
    "harness.run.failures",  # what a failure or a crash says before its traceback
    "harness.run.processes",  # uses every core
    "harness.run.summary",  # what the end of a run says
    "harness.run.outline",  # the claims as an outline
    "harness.history.recorder",  # writes what a run saw to a file
    "harness.history.against",  # what changed since another run, or between releases
    "harness.page.plugin",  # the specification as a web page
]
