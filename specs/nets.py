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


class InList(nn.Module):
    """A net that computes what the module that it holds in a list does."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.listed = nn.ModuleList([module])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.listed[0](x)


class InDict(nn.Module):
    """A net that computes what the module that it holds under a name does."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.named = nn.ModuleDict({"inner": module})

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.named["inner"](x)


def _among_others(module: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Identity(), module, nn.Identity(), nn.Identity())


def _in_eight_levels(module: nn.Module) -> nn.Module:
    return InDict(InList(nn.Sequential(nn.Sequential(nn.Sequential(nn.Sequential(module))))))


#: Each makes a net that computes what a module does, which it holds in one level, two or eight.
HOLDERS = (nn.Sequential, InList, InDict, _among_others, _in_eight_levels)


def nets_around(module: nn.Module) -> list[nn.Module]:
    """A net of each holder, around one module."""
    return [hold(module) for hold in HOLDERS]
