"""Records of runs, and what changed between two releases of PyTorch.

Only the plugins ``recorder`` and ``against`` import PyTorch; records are compared without it.
"""
