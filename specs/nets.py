"""The net that the article looks into, for every spec about models."""

from __future__ import annotations

import torch
from torch import nn


class Net(nn.Module):
    """A convolution, a batch norm and a ReLU, under the names that the article gives them."""

    def __init__(self, in_channels: int = 3, out_channels: int = 5) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, kernel_size=2)
        self.bn = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Images of shape (N, in_channels, H, W) become (N, out_channels, H - 1, W - 1)."""
        return self.relu(self.bn(self.conv1(images)))
