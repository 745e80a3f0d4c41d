"""What changed between two PyTorch releases: records of runs, compared fact by fact.

Records are data, and comparing them needs neither a run nor PyTorch: only `recording` and
`comparing`, the plugins that watch a run, import it.
"""
