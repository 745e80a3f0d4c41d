"""What PyTorch's everyday behaviour costs: bytes, exact and predicted, and time, as ratios."""
