"""A Transformer's block of plain operations, so that its bytes can be predicted.

nn.TransformerEncoderLayer chooses other, fused operations by release, device and grad mode.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    """Self-attention and two wide layers, each after a LayerNorm and added to its input."""

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
