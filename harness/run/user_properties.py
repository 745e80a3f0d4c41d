"""The names of the user_properties that tests carry into every report, also into JUnit's XML.

Values are plain data, which pytest-xdist can send.
"""

CLAIM = "claim"  # the id of the claim that a spec proves
OBSERVES = "observes"  # the id of the claim that an observation belongs to
DEVICE = "device"  # the device that a spec or observation ran on, if it takes one
OBSERVED = "observed: "  # followed by the name of an observation; the value is what was seen
EXAMPLES = "examples"  # what a spec was tried on: {"tried": 20, "extreme": ["x: float32 ..."]}
MESSAGES = "messages"  # what PyTorch said in exceptions and warnings that a spec provoked
LEFT_OUT = "left out"  # what a spec left out because its device lacks it, a list of words
COST = "cost"  # what a benchmark measured: the fields of benchmarks.groups.Cost, as a dict
