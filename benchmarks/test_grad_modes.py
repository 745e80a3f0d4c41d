"""What enable_grad, no_grad, set_grad_enabled and inference_mode cost, and what they save.

https://docs.pytorch.org/docs/stable/notes/autograd.html#locally-disabling-gradient-computation

In the predictions, an activation is what one layer returns: batch x width numbers of 4 bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import pytest
import torch
from torch import nn

from benchmarks.comparison import Alternative, Comparison, Prediction
from benchmarks.questions import CONTEXT, LAYERS, NET, SMALL
from benchmarks.replay import clock
from specs.nets import Net

pytestmark = pytest.mark.benchmark(timer=clock)

FLOAT = 4  # bytes of a float32

#: The grad modes by name, enable_grad first: the others are compared with it.
MODES: dict[str, Callable[[], AbstractContextManager]] = {
    "enable_grad": torch.enable_grad,
    "no_grad": torch.no_grad,
    "set_grad_enabled(False)": partial(torch.set_grad_enabled, False),
    "set_grad_enabled(True)": partial(torch.set_grad_enabled, True),
    "inference_mode": torch.inference_mode,
}
RECORDING = {"enable_grad", "set_grad_enabled(True)"}  # autograd records in these
BATCH, DEPTHS, WIDTHS = 512, (1, 2, 4, 8), (256, 384, 512)
CHANNELS, IMAGES, SIDE = 5, 32, 65  # of the article's net, and of what it is given
ROWS = (1, 4)  # so many such nets, one after the other

each_mode = pytest.mark.parametrize("mode", MODES)


@each_mode
def test_entering_and_leaving_a_mode_allocates_nothing(cost, mode):
    cost(entering_and_leaving, mode)


@each_mode
def test_an_operation_on_one_number_allocates_its_result_alone(cost, mode):
    cost(operation_on_one_number, mode)


@pytest.mark.parametrize("width", WIDTHS, ids="width {}".format)
@pytest.mark.parametrize("layers", DEPTHS, ids="{} layers".format)
@pytest.mark.parametrize("alternative", [*MODES, "training step"])
def test_a_forward_pass_keeps_an_activation_a_layer_only_where_autograd_records(
    cost, layers, width, alternative
):
    cost(forward_of_layers, alternative, layers=layers, width=width)


@pytest.mark.parametrize("phase", ["train", "eval"])
@pytest.mark.parametrize("nets", ROWS, ids=lambda nets: f"{nets} net" + "s" * (nets != 1))
@pytest.mark.parametrize("alternative", [*MODES, "training step"])
def test_the_forward_pass_of_the_articles_net_keeps_what_backward_needs(
    cost, nets, phase, alternative
):
    cost(forward_of_the_net, alternative, nets=nets, phase=phase)


def entering_and_leaving(device: str) -> Comparison:
    because = "a mode is a flag of the thread"
    return Comparison(
        CONTEXT,
        {
            name: Alternative(_entering(mode), Prediction(because, 0, 0))
            for name, mode in MODES.items()
        },
    )


def _entering(mode: Callable[[], AbstractContextManager]) -> Callable[[], None]:
    def work() -> None:
        with mode():
            pass

    return work


def operation_on_one_number(device: str) -> Comparison:
    number = torch.ones(1, device=device, requires_grad=True)
    because = "the product is one number; its graph keeps x, which was there before"
    prediction = Prediction(because, FLOAT, FLOAT)
    return Comparison(
        SMALL,
        {
            name: Alternative(_under(mode, lambda: number * number), prediction)
            for name, mode in MODES.items()
        },
    )


def _under(mode: Callable, compute: Callable[[], torch.Tensor]) -> Callable[[], torch.Tensor]:
    def work() -> torch.Tensor:
        with mode():
            return compute()

    return work


def forward_of_layers(device: str, layers: int, width: int) -> Comparison:
    """The forward pass of ``layers`` x (Linear + ReLU), and beside it a whole training step."""
    pairs = [(nn.Linear(width, width), nn.ReLU()) for _ in range(layers)]
    net = nn.Sequential(*(module for pair in pairs for module in pair)).to(device)
    inputs = torch.rand(BATCH, width, device=device)
    activation = BATCH * width * FLOAT

    recorded = Prediction(
        "each ReLU's result is kept for backward, and the last Linear's is there beside the last",
        peak=(layers + 1) * activation,
        retained=layers * activation,
    )
    unrecorded = Prediction(
        "only a layer's input and result are there at a time, and the last is returned",
        peak=2 * activation,
        retained=activation,
    )
    return _forward(LAYERS, net, inputs, recorded, unrecorded, _step_of_layers(layers, width))


def _step_of_layers(layers: int, width: int) -> Prediction:
    """A training step that has no gradients at its beginning and drops them at its end."""
    activation, parameters = BATCH * width * FLOAT, (width + 1) * width * FLOAT  # of one layer

    def in_backward_of(layer: int) -> int:
        """Of its Linear: the inputs still kept but the net's own, and the gradients of all so far.

        They are those of its result and its input, which the first layer need not have, and
        those of the parameters.
        """
        activations = layer + 1 if layer > 1 else 1
        return activations * activation + (layers - layer + 1) * parameters

    loss_and_its_gradient = 2 * FLOAT
    last_relu = (layers + 1) * activation  # all results are kept still, and there is a gradient
    return Prediction(
        "backward peaks at its beginning, or where it has the most gradients beside activations",
        peak=loss_and_its_gradient + max(last_relu, *map(in_backward_of, range(1, layers + 1))),
        retained=0,
    )


def forward_of_the_net(device: str, nets: int, phase: str) -> Comparison:
    """The forward pass of the article's net, ``nets`` times in a row, and a whole training step."""
    row = [Net(3 if first else CHANNELS, CHANNELS) for first in [True] + [False] * (nets - 1)]
    images = torch.rand(IMAGES, 3, SIDE, SIDE, device=device)
    # What each returns; its kernel of 2 x 2 makes images smaller by one.
    results = [IMAGES * CHANNELS * (SIDE - n) ** 2 * FLOAT for n in range(1, nets + 1)]
    statistics = nets * 2 * CHANNELS * FLOAT * (phase == "train")  # means and deviations

    why_not = "a convolution chooses its working memory for the processor it runs on"
    return _forward(
        NET,
        nn.Sequential(*row).train(phase == "train").to(device),
        images,
        recorded=Prediction(why_not, retained=2 * sum(results) + statistics),
        unrecorded=Prediction(why_not, retained=results[-1]),
        step=Prediction(why_not, retained=0),
    )


def _forward(
    question: str,
    net: nn.Module,
    inputs: torch.Tensor,
    recorded: Prediction,
    unrecorded: Prediction,
    step: Prediction,
) -> Comparison:
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-9)  # so small that nothing ever diverges

    def training_step() -> None:
        net(inputs).sum().backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    forward = partial(net, inputs)
    alternatives = {
        name: Alternative(_under(mode, forward), recorded if name in RECORDING else unrecorded)
        for name, mode in MODES.items()
    }
    return Comparison(question, {**alternatives, "training step": Alternative(training_step, step)})
