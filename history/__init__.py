"""What changed between two PyTorch releases: records of runs, compared fact by fact.

Nothing here imports PyTorch: records are data, and comparing them needs no run.
"""
