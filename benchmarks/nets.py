"""Nets of plain operations, so that their bytes can be predicted."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

FLOAT32 = 4  # bytes


def linear_relu(layers: int, width: int) -> nn.Sequential:
    """``layers`` x (Linear + ReLU), each from ``width`` to ``width`` features."""
    pairs = [(nn.Linear(width, width), nn.ReLU()) for _ in range(layers)]
    return nn.Sequential(*(module for pair in pairs for module in pair))


class Block(nn.Module):
    """A Transformer's block: self-attention and two wide layers.

    Each comes after a LayerNorm and is added to its input. nn.TransformerEncoderLayer chooses
    other, fused operations by release, device and grad mode.
    """

    LENGTH, WIDTH, HEADS = 64, 128, 4

    def __init__(self) -> None:
        super().__init__()
        width = self.WIDTH
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.in_proj, self.out_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Sequences of shape (N, LENGTH, WIDTH) keep their shape."""
        q, k, v = (
            part.unflatten(-1, (self.HEADS, -1)).transpose(1, 2)
            for part in self.in_proj(self.norm1(x)).chunk(3, dim=-1)
        )
        weights = torch.softmax(q @ k.transpose(-2, -1) / (self.WIDTH / self.HEADS) ** 0.5, dim=-1)
        x = x + self.out_proj((weights @ v).transpose(1, 2).flatten(2))
        return x + self.narrow(F.gelu(self.wide(self.norm2(x))))
