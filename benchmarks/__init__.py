"""What PyTorch's everyday behaviour costs: exact, predicted bytes, and time as ratios."""
