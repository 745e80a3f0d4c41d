"""What enable_grad, no_grad, set_grad_enabled and inference_mode cost, and what they save.

https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation

In the predictions, an activation is the output of one layer: batch x width numbers of 4 bytes. What
is there before a pass is counted apart: parameters, buffers, the optimizer's state and the input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import partial

import pytest
import torch
from torch import nn

from benchmarks.groups import Alternative, Group, Prediction
from benchmarks.nets import FLOAT32, Block, linear_relu
from benchmarks.questions import BLOCK, CONTEXT, LAYERS, NET, SMALL
from benchmarks.replayed_times import timer
from specs.nets import Net

pytestmark = pytest.mark.benchmark(timer=timer)

#: The grad modes by name. The first, enable_grad, is the baseline.
MODES: dict[str, Callable[[], AbstractContextManager]] = {
    "enable_grad": torch.enable_grad,
    "no_grad": torch.no_grad,
    "set_grad_enabled(False)": partial(torch.set_grad_enabled, False),
    "set_grad_enabled(True)": partial(torch.set_grad_enabled, True),
    "inference_mode": torch.inference_mode,
}
RECORDING = {"enable_grad", "set_grad_enabled(True)"}  # autograd records operations in these
#: Layers, their width and the batch: one of them varies around 8 layers of width 256, batch 512.
SHAPES = (
    *((layers, 256, 512) for layers in (1, 2, 4, 8)),
    *((8, width, 512) for width in (64, 512)),
    *((8, 256, batch) for batch in (8, 64, 2048)),
)
CHANNELS, IMAGES, SIDE = 5, 32, 65  # of the article's net and its input
NETS = (1, 4)  # how many of these nets run in sequence
BATCHES = (2, 8, 32)  # of sequences for the Transformer's block; of one, q, k and v are no copies

each_mode = pytest.mark.parametrize("mode", MODES)
each_pass = pytest.mark.parametrize("alternative", [*MODES, "training step"])

EMPTY = "an empty context manager"
#: The ways to enter and leave a mode. A call of no_grad() alone changes nothing.
WAYS = [f"with {mode}" for mode in MODES] + [f"@{mode}" for mode in MODES]
CALL = "set_grad_enabled(False), later (True)"


@pytest.mark.parametrize("way", [EMPTY, *WAYS, CALL])
def test_entering_and_leaving_a_mode_allocates_nothing(check_cost, way):
    check_cost(entering_and_leaving, way)


@each_mode
def test_an_operation_on_one_number_allocates_only_its_result(check_cost, mode):
    check_cost(operation_on_one_number, mode)


@pytest.mark.parametrize("shape", SHAPES, ids="{0[0]} layers, width {0[1]}, batch {0[2]}".format)
@each_pass
def test_a_forward_pass_keeps_an_activation_per_layer_only_while_autograd_records(
    check_cost, shape, alternative
):
    layers, width, batch = shape
    check_cost(forward_of_layers, alternative, layers=layers, width=width, batch=batch)


@pytest.mark.parametrize("phase", ["train", "eval"])
@pytest.mark.parametrize("nets", NETS, ids=lambda nets: f"{nets} net" + "s" * (nets != 1))
@each_pass
def test_the_forward_pass_of_the_articles_net_keeps_what_backward_needs(
    check_cost, nets, phase, alternative
):
    check_cost(forward_of_the_net, alternative, nets=nets, phase=phase)


@pytest.mark.parametrize("batch", BATCHES, ids="batch {}".format)
@each_pass
def test_the_forward_pass_of_a_transformers_block_keeps_what_backward_needs(
    check_cost, batch, alternative
):
    check_cost(forward_of_a_block, alternative, batch=batch)


class _Empty:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        pass


def entering_and_leaving(device: str) -> Group:
    def call() -> None:
        torch.set_grad_enabled(False)
        torch.set_grad_enabled(True)

    functions = {
        EMPTY: _entering(_Empty),
        **{f"with {name}": _entering(mode) for name, mode in MODES.items()},
        **{f"@{name}": _decorated(mode) for name, mode in MODES.items()},
        CALL: call,
    }
    prediction = Prediction("a grad mode is a flag of the thread", 0, 0)
    return Group(CONTEXT, {name: Alternative(it, prediction) for name, it in functions.items()})


def _entering(mode: Callable[[], AbstractContextManager]) -> Callable[[], None]:
    def enter() -> None:
        with mode():
            pass

    return enter


def _decorated(mode: Callable[[], AbstractContextManager]) -> Callable[[], None]:
    with torch.enable_grad():  # before 2.1, set_grad_enabled(False) disables it here already
        decorate = mode()

        @decorate
        def nothing() -> None:
            pass

    return nothing


def operation_on_one_number(device: str) -> Group:
    number = torch.ones(1, device=device, requires_grad=True)
    reason = "the product is one number, and its graph keeps only the input"
    prediction = Prediction(reason, FLOAT32, FLOAT32)
    return Group(
        SMALL,
        {
            name: Alternative(in_mode(mode, lambda: number * number), prediction)
            for name, mode in MODES.items()
        },
    )


def in_mode(mode: Callable, compute: Callable[[], torch.Tensor]) -> Callable[[], torch.Tensor]:
    def compute_in_mode() -> torch.Tensor:
        with mode():
            return compute()

    return compute_in_mode


def forward_of_layers(device: str, layers: int, width: int, batch: int) -> Group:
    """The forward pass of ``layers`` x (Linear + ReLU), and a whole training step."""
    return _forward(
        LAYERS,
        linear_relu(layers, width).to(device),
        torch.rand(batch, width, device=device),
        *predict_layers(layers, width, batch),
        _step_of_layers(layers, width, batch),
    )


def predict_layers(layers: int, width: int, batch: int) -> tuple[Prediction, Prediction]:
    """What a forward pass of ``layers`` x (Linear + ReLU) allocates: recorded, and unrecorded."""
    activation = batch * width * FLOAT32

    recorded = Prediction(
        "the output of each ReLU is kept for backward, and at the end the last Linear's exists too",
        peak=(layers + 1) * activation,
        retained=layers * activation,
    )
    unrecorded = Prediction(
        "only the input and output of one layer exist at once, and the last output is returned",
        peak=2 * activation,
        retained=activation,
    )
    return recorded, unrecorded


def _step_of_layers(layers: int, width: int, batch: int) -> Prediction:
    """A training step that begins without gradients and sets them to None at its end."""
    activation = batch * width * FLOAT32  # of one layer, as the parameters
    parameters = (width + 1) * width * FLOAT32

    def in_backward_of(layer: int) -> int:
        """Bytes in the backward of this layer's Linear.

        The activations are the inputs that are still kept, without the net's own, the gradient of
        the output, and the gradient of the input, which the first layer does not need. The rest
        are the gradients of the parameters of this layer and those after it.
        """
        activations = layer + 1 if layer > 1 else 1
        return activations * activation + (layers - layer + 1) * parameters

    loss_and_gradient = 2 * FLOAT32
    last_relu = (layers + 1) * activation  # all outputs are still kept, and one gradient
    return Prediction(
        "backward peaks at its start, or where gradients and kept activations together are largest",
        peak=loss_and_gradient + max(last_relu, *map(in_backward_of, range(1, layers + 1))),
        retained=0,
    )


def forward_of_the_net(device: str, nets: int, phase: str) -> Group:
    """The forward pass of several of the article's nets in sequence, and a whole training step."""
    sequence = [Net(3 if first else CHANNELS, CHANNELS) for first in [True] + [False] * (nets - 1)]
    images = torch.rand(IMAGES, 3, SIDE, SIDE, device=device)
    # The kernel of 2 x 2 makes images one pixel smaller in height and width.
    outputs = [IMAGES * CHANNELS * (SIDE - n) ** 2 * FLOAT32 for n in range(1, nets + 1)]
    statistics = nets * 2 * CHANNELS * FLOAT32 * (phase == "train")  # of the batch norms

    why_not = "how much working memory a convolution takes depends on the processor"
    return _forward(
        NET,
        nn.Sequential(*sequence).train(phase == "train").to(device),
        images,
        recorded=Prediction(why_not, retained=2 * sum(outputs) + statistics),
        unrecorded=Prediction(why_not, retained=outputs[-1]),
        step=Prediction(why_not, retained=0),
    )


def forward_of_a_block(device: str, batch: int) -> Group:
    """The forward pass of a Transformer's block, and a whole training step."""
    block = Block().to(device)
    inputs = torch.rand(batch, block.LENGTH, block.WIDTH, device=device)
    activation = _nbytes([inputs])
    weights = batch * block.HEADS * block.LENGTH**2 * FLOAT32  # of the attention
    statistics = 2 * 2 * batch * block.LENGTH * FLOAT32  # mean and deviation in each LayerNorm
    # Both outputs of LayerNorm, q, k, v, the attended values, the first sum, the wide layer before
    # and after GELU, and the result.
    scale = 8  # bytes of the number by which the attention is divided
    recorded = (2 + 3 + 1 + 1 + 4 + 4 + 1) * activation + weights + statistics + scale
    names = 3 * activation  # which the local variables q, k and v hold until forward() returns
    return _forward(
        BLOCK,
        block,
        inputs,
        recorded=Prediction(
            "backward needs the inputs of the layers, GELU and matmul, and the softmax's output",
            peak=recorded + names + activation,  # the last Linear's output, before it is added
            retained=recorded,
        ),
        unrecorded=Prediction(
            "the wide layer before and after GELU exist at once, with the local variables",
            peak=names + weights + (1 + 4 + 4) * activation,
            retained=activation,
        ),
        step=Prediction("what exists at once in backward depends on its order", retained=0),
    )


def _forward(
    question: str,
    net: nn.Module,
    inputs: torch.Tensor,
    recorded: Prediction,
    unrecorded: Prediction,
    step: Prediction,
) -> Group:
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-9, momentum=0.9)  # too small to diverge

    def training_step() -> None:
        net(inputs).sum().backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    forward = partial(net, inputs)
    there = {
        "parameters": _nbytes(net.parameters()),
        "buffers": _nbytes(net.buffers()),
        "input": _nbytes([inputs]),
    }
    alternatives = {
        name: Alternative(
            in_mode(mode, forward), recorded if name in RECORDING else unrecorded, there
        )
        for name, mode in MODES.items()
    }
    there = {**there, "optimizer's state": there["parameters"]}  # the momentum
    alternatives["training step"] = Alternative(training_step, step, there)
    return Group(question, alternatives)


def _nbytes(tensors: Iterable[torch.Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
