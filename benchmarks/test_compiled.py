"""What a grad mode saves in a compiled forward pass, next to the plain one.

https://docs.pytorch.org/docs/stable/generated/torch.compile.html

Compiling happens in the first call, whose time is reported apart.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable

import pytest
import torch
from torch import nn

from benchmarks.groups import Alternative, Group
from benchmarks.nets import linear_relu
from benchmarks.questions import COMPILED
from benchmarks.replayed_times import timer
from benchmarks.test_grad_modes import MODES, in_mode, predict_layers

COMPILES = hasattr(torch, "compile") and (
    sys.version_info < (3, 11) or torch.__version__ >= torch.torch_version.TorchVersion("2.1")
)
pytestmark = [
    pytest.mark.benchmark(timer=timer),
    pytest.mark.skipif(not COMPILES, reason="this PyTorch cannot compile on this Python"),
]


@pytest.fixture(autouse=True)
def leave_no_files(tmp_path, monkeypatch):
    """Keep what torch.compile writes out of the user's caches."""
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))


LAYERS, WIDTH, BATCH = 8, 256, 512
GRAD_MODES = ("enable_grad", "no_grad", "inference_mode")
WAYS = [f"{how}, {mode}" for how in ("plain", "compiled") for mode in GRAD_MODES]


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
@pytest.mark.parametrize("way", WAYS)
def test_a_compiled_forward_pass_allocates_what_the_plain_one_does(check_cost, backend, way):
    check_cost(compiled_forward, way, backend=backend)


def compiled_forward(device: str, backend: str) -> Group:
    """The forward pass of LAYERS x (Linear + ReLU)."""
    net, compiled = _nets(device, backend)
    inputs = torch.rand(BATCH, WIDTH, device=device)
    recorded, unrecorded = predict_layers(LAYERS, WIDTH, BATCH)

    return Group(
        COMPILED,
        {
            f"{how}, {mode}": Alternative(
                in_mode(MODES[mode], lambda forward=forward: forward(inputs)),
                recorded if mode == "enable_grad" else unrecorded,
            )
            for how, forward in (("plain", net), ("compiled", compiled))
            for mode in GRAD_MODES
        },
    )


@functools.cache  # so that a rebuilt group does not compile again
def _nets(device: str, backend: str) -> tuple[nn.Module, Callable[[torch.Tensor], torch.Tensor]]:
    net = linear_relu(LAYERS, WIDTH).to(device)
    return net, torch.compile(net, backend=backend, fullgraph=True)
