"""The names of the properties that tests carry into every report, also to JUnit's XML.

Values are plain data, so that they pass through pytest-xdist.
"""

CLAIM = "claim"  # the id of the claim that a spec proves
OBSERVES = "observes"  # the id of the claim that an observation belongs to
DEVICE = "device"  # the device that either ran on, if it takes the device axis
OBSERVED = "observed: "  # followed by what was observed; the value is what was seen
EXAMPLES = "examples"  # what a spec was tried on: {"tried": 20, "extreme": ["x: float32 ..."]}
COST = "cost"  # what a benchmark saw, as a dict of benchmarks.groups.Cost's fields
