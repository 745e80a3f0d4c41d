"""What keeps memory although no_grad is on: references and graphs that a mode cannot remove.

Each way handles STEPS batches with a net of LAYERS x (Linear + ReLU), and keeps something.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from benchmarks.groups import Alternative, Group, Prediction
from benchmarks.nets import FLOAT32, linear_relu
from benchmarks.questions import KEPT
from benchmarks.replayed_times import timer

pytestmark = pytest.mark.benchmark(timer=timer)

STEPS, LAYERS, WIDTH, BATCH = 10, 4, 256, 512
ACTIVATION = BATCH * WIDTH * FLOAT32

CLONE = "a clone of that column in a list, no_grad"
WAYS = (
    "losses as numbers: loss.item()",
    "running sum of losses, no_grad",
    "running sum of losses, no_grad only around the sum",
    "running sum of losses, enable_grad",
    "outputs in a list, no_grad",
    "a column of each output in a list, no_grad",
    CLONE,
    "a column of each output in a list, enable_grad",
    "a loss from before the block",
    "a loss after backward()",
    "a loss after backward(retain_graph=True)",
    "a hook that stores outputs, no_grad",
)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_kept_holds_its_base_and_its_graph(check_cost, way):
    check_cost(keeping, way)


def keeping(device: str) -> Group:
    """Ways to keep something of each batch."""
    net = linear_relu(LAYERS, WIDTH).to(device)
    inputs = torch.rand(BATCH, WIDTH, device=device)

    def loss() -> torch.Tensor:
        return net(inputs).sum()

    def each_batch(result: Callable[[], object]) -> list[object]:
        return [result() for _ in range(STEPS)]

    def running_sum() -> torch.Tensor:
        total = torch.zeros((), device=device)
        for _ in range(STEPS):
            total = total + loss()
        return total

    def sum_without_grad() -> torch.Tensor:
        total = torch.zeros((), device=device)
        for _ in range(STEPS):
            of_batch = loss()
            with torch.no_grad():
                total += of_batch
        return total

    def from_before() -> torch.Tensor:
        before = loss()
        with torch.no_grad():
            net(inputs)
        return before

    def after_backward(retain_graph: bool) -> torch.Tensor:
        it = loss()
        it.backward(retain_graph=retain_graph)
        with torch.no_grad():
            net(inputs)
        return it

    def hooked() -> list[torch.Tensor]:
        stored = []
        hooks = [it.register_forward_hook(lambda *args: stored.append(args[-1])) for it in net]
        net(inputs)
        for hook in hooks:
            hook.remove()
        return stored

    no_grad = torch.no_grad()
    graph = LAYERS * ACTIVATION
    one, all_graphs = "the last sum needs none of the terms", "each term keeps its graph"
    number, tensor = "item() returns a Python number", "each output is kept whole"
    view, new = "a view keeps its base whole", "a clone has memory of its own"
    kept: tuple[tuple[Callable[[], object], str, int], ...] = (
        (no_grad(lambda: each_batch(lambda: loss().item())), number, 0),
        (no_grad(running_sum), one, FLOAT32),
        (sum_without_grad, one, FLOAT32),
        (running_sum, all_graphs, STEPS * graph + FLOAT32),
        (no_grad(lambda: each_batch(lambda: net(inputs))), tensor, STEPS * ACTIVATION),
        (no_grad(lambda: each_batch(lambda: net(inputs)[:, 0])), view, STEPS * ACTIVATION),
        (
            no_grad(lambda: each_batch(lambda: net(inputs)[:, 0].clone())),
            new,
            STEPS * BATCH * FLOAT32,
        ),
        (
            lambda: each_batch(lambda: net(inputs)[:, 0]),
            "the view keeps its base and the graph",
            STEPS * graph,
        ),
        (from_before, "no_grad frees no graph that is there", graph + FLOAT32),
        (lambda: after_backward(False), "backward() frees what its graph saved", FLOAT32),
        (lambda: after_backward(True), "retain_graph=True keeps what it saved", graph + FLOAT32),
        (no_grad(hooked), "the hook keeps what each layer returned", 2 * graph),
    )
    return Group(
        KEPT,
        {
            way: Alternative(function, Prediction(reason, retained=nbytes))
            for way, (function, reason, nbytes) in zip(WAYS, kept, strict=True)
        },
        timed=False,
    )
