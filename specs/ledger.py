"""The ledger: every claim of the article, what became of it, and where PyTorch documents it.

The claims are those of a Japanese article of November 2022 on PyTorch's finer points (PyTorch
1.13 was current), each in our own words. A spec names the claim that it proves::

    @claim("1.3.4")
    def test_a_write_to_the_tensor_shows_in_the_array(...): ...

``pytest`` refuses to run while a claim has no spec, or a spec no claim.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


class Verdict(Enum):
    """What became of a claim when it was tried; the value is how it reads in a sentence."""

    HOLDS = "holds"  # true as written
    CORRECTED = "corrected"  # false as written, or true only in part: ``truth`` says what is
    DRIFTED = "drifted"  # true when written, changed by the release ``since``
    NEIGHBOUR = "neighbour"  # not the article's: what one must know to use its claims safely


@dataclass(frozen=True)
class Claim:
    """One claim. ``id`` is chapter, section if the chapter has any, and number: "1.3.4"."""

    id: str
    says: str
    verdict: Verdict
    docs: str
    truth: str = ""  # for corrected and drifted: what is true, and how one sees it
    since: str = ""  # for drifted: the first release that behaves differently
    asks: str = ""  # for neighbours: the question that it answers, in the words of who asks it

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d+(\.\d+){1,2}", self.id) or self.chapter not in CHAPTERS:
            raise ValueError(f"claim {self.id!r}: its id must be a known chapter's and a number")
        if not self.says or not self.docs.startswith("https://"):
            raise ValueError(f"claim {self.id}: it needs a sentence and a link to documentation")
        if bool(self.truth) != (self.verdict in (Verdict.CORRECTED, Verdict.DRIFTED)):
            raise ValueError(f"claim {self.id}: `truth` belongs to corrected and drifted claims")
        if bool(self.since) != (self.verdict is Verdict.DRIFTED):
            raise ValueError(f"claim {self.id}: `since` belongs to drifted claims")

    @property
    def chapter(self) -> str:
        """The chapter or section that the claim stands in: "1.3" for claim 1.3.4."""
        return self.id.rpartition(".")[0]


def claim(id: str) -> pytest.MarkDecorator:
    """Mark a spec, or a class of them, as proof of the claim with this id."""
    import pytest  # here, so that records are compared without it

    return pytest.mark.claim(id)


CHAPTERS = {
    "1": "Tensor operations",
    "1.1": "Taking a value out",
    "1.2": "Automatic differentiation",
    "1.3": "From a NumPy array to a tensor",
    "1.4": "From a tensor to a NumPy array",
    "2": "Weights, biases and parameters",
    "2.1": "A layer's weight and bias",
    "2.2": "Initialisation",
    "2.3": "A model's parameters",
    "2.4": "The optimizer's parameters",
    "3": "model.eval()",
    "4": "torch.no_grad() and torch.set_grad_enabled()",
    "5": "nn.ReLU and nn.functional.relu",
}

_DOCS = "https://docs.pytorch.org/docs/stable/"
_ITEM = _DOCS + "generated/torch.Tensor.item.html"
_AUTOGRAD = _DOCS + "notes/autograd.html"
_BACKWARD = _DOCS + "generated/torch.Tensor.backward.html"
_REQUIRES_GRAD = _DOCS + "generated/torch.Tensor.requires_grad.html"
_FROM_NUMPY = _DOCS + "generated/torch.from_numpy.html"
_NUMPY = _DOCS + "generated/torch.Tensor.numpy.html"
_CLONE = _DOCS + "generated/torch.clone.html"
_TENSOR = _DOCS + "generated/torch.tensor.html"
_TO = _DOCS + "generated/torch.Tensor.to.html"
_LINEAR = _DOCS + "generated/torch.nn.Linear.html"
_PARAMETER = _DOCS + "generated/torch.nn.parameter.Parameter.html"
_INIT = _DOCS + "nn.init.html"
_MODULE = _DOCS + "generated/torch.nn.Module.html"
_OPTIM = _DOCS + "optim.html"
_DROPOUT = _DOCS + "generated/torch.nn.Dropout.html"
_BATCH_NORM = _DOCS + "generated/torch.nn.BatchNorm2d.html"
_NO_GRAD = _DOCS + "generated/torch.no_grad.html"
_SET_GRAD_ENABLED = _DOCS + "generated/torch.autograd.grad_mode.set_grad_enabled.html"
_RELU = _DOCS + "generated/torch.nn.ReLU.html"
_F_RELU = _DOCS + "generated/torch.nn.functional.relu.html"
_SEQUENTIAL = _DOCS + "generated/torch.nn.Sequential.html"

_HOLDS, _CORRECTED = Verdict.HOLDS, Verdict.CORRECTED
_DRIFTED, _NEIGHBOUR = Verdict.DRIFTED, Verdict.NEIGHBOUR

_CLAIMS = (
    # 1.1 Taking a value out
    Claim(
        "1.1.1",
        "item() turns a tensor of one element, of whatever shape, into a Python number: an int, "
        "float, bool or complex, as its dtype is.",
        _HOLDS,
        _ITEM,
    ),
    Claim(
        "1.1.2",
        "Without its parentheses, item is only the method.",
        _HOLDS,
        _ITEM,
    ),
    Claim(
        "1.1.3",
        "item() refuses a tensor of several elements, or of none. The exception has changed: "
        "ValueError before PyTorch 2.0, RuntimeError since.",
        _NEIGHBOUR,
        _ITEM,
    ),
    # 1.2 Automatic differentiation
    Claim(
        "1.2.1",
        "A tensor made with requires_grad=True takes part in automatic differentiation.",
        _HOLDS,
        _REQUIRES_GRAD,
    ),
    Claim(
        "1.2.2",
        "backward() computes the gradient and .grad holds it: that of sum(x**2) is 2x, exactly.",
        _HOLDS,
        _BACKWARD,
    ),
    Claim(
        "1.2.3",
        "The gradient of y = a*x + b with respect to x is a.",
        _HOLDS,
        _BACKWARD,
    ),
    Claim(
        "1.2.4",
        "A printed result names its grad_fn, AddBackward0 after an addition; a printed leaf shows "
        "requires_grad=True.",
        _HOLDS,
        _AUTOGRAD + "#how-autograd-encodes-the-history",
    ),
    Claim(
        "1.2.5",
        "The result of a differentiable operation has a grad_fn exactly when an input that "
        "requires grad took part in it while grad mode was on; then, and only then, can backward() "
        "be called on it. A comparison or argmax is not differentiable, nor is a cast to integers.",
        _HOLDS,
        _AUTOGRAD + "#how-autograd-encodes-the-history",
    ),
    Claim(
        "1.2.6",
        "A tensor that requires grad cannot take an in-place operation.",
        _CORRECTED,
        _AUTOGRAD + "#in-place-operations-with-autograd",
        truth="Only a leaf that requires grad, or a view of one, refuses (RuntimeError), and under "
        "no_grad it accepts. A computed result with memory of its own accepts, and its gradient is "
        "right; if the value overwritten was saved for the gradient (as exp saves its result), it "
        "is backward() that refuses.",
    ),
    Claim(
        "1.2.7",
        "To be differentiated it is enough to be a Tensor with requires_grad=True.",
        _CORRECTED,
        _AUTOGRAD + "#setting-requires-grad",
        truth="The dtype must be floating point or complex too: integer and bool tensors refuse "
        "requires_grad=True with a RuntimeError.",
    ),
    Claim(
        "1.2.8",
        "Only leaves get a .grad, unless retain_grad() asks for it; a second backward() adds to "
        "it; a result of several elements needs a gradient argument; and a graph that saved values "
        "is freed by its first backward().",
        _NEIGHBOUR,
        _BACKWARD,
    ),
    # 1.3 From a NumPy array to a tensor
    Claim(
        "1.3.1",
        "from_numpy keeps the array's shape and values.",
        _HOLDS,
        _FROM_NUMPY,
    ),
    Claim(
        "1.3.2",
        "The tensor's dtype follows the array's: NumPy's default float gives float64, not "
        "PyTorch's default float32.",
        _HOLDS,
        _FROM_NUMPY,
    ),
    Claim(
        "1.3.3",
        "The tensor of from_numpy is best cast to float32, which layers expect, by float() or "
        "to(torch.float32). The cast of a float64 tensor shares no memory any more; that of a "
        "float32 tensor still does.",
        _HOLDS,
        _TO,
    ),
    Claim(
        "1.3.4",
        "The tensor of from_numpy shares the array's memory: a write to either shows in the other.",
        _HOLDS,
        _FROM_NUMPY,
    ),
    Claim(
        "1.3.5",
        "The tensor of from_numpy(a.copy()) is independent of a.",
        _HOLDS,
        _FROM_NUMPY,
    ),
    Claim(
        "1.3.6",
        "copy() belongs beside detach() among the methods to know.",
        _CORRECTED,
        _CLONE,
        truth="copy() is a method of NumPy's array. A Tensor has none (AttributeError); its word "
        "for an independent copy is clone().",
    ),
    Claim(
        "1.3.7",
        "from_numpy refuses what it cannot share (negative strides, strides between elements, "
        "foreign byte order, dtypes that PyTorch lacks), and warns of an array that is read-only.",
        _NEIGHBOUR,
        _FROM_NUMPY,
    ),
    # 1.4 From a tensor to a NumPy array
    Claim(
        "1.4.1",
        "The array of numpy() shares the tensor's memory: a write to either shows in the other. A "
        "dtype that NumPy lacks, bfloat16, is refused.",
        _HOLDS,
        _NUMPY,
    ),
    Claim(
        "1.4.2",
        "The array of clone().numpy() is independent of the tensor.",
        _HOLDS,
        _CLONE,
    ),
    Claim(
        "1.4.3",
        "torch.tensor(array) makes a copy of its own, and keeps the array's dtype.",
        _HOLDS,
        _TENSOR,
    ),
    Claim(
        "1.4.4",
        "A tensor on an accelerator cannot become an array by numpy() alone: to('cpu') must come "
        "first.",
        _HOLDS,
        _NUMPY,
    ),
    Claim(
        "1.4.5",
        "A tensor that requires grad cannot become an array by numpy() alone: detach() must come "
        "first, as it does within numpy(force=True). What detach() returns shares memory with its "
        "source, so clone() still matters.",
        _HOLDS,
        _NUMPY,
    ),
    Claim(
        "1.4.6",
        "x.to('cpu').detach().clone().numpy() works on any device, with or without grad, and the "
        "array is independent of x.",
        _HOLDS,
        _NUMPY,
    ),
    Claim(
        "1.4.7",
        "The article's lines for that conversion run as printed.",
        _CORRECTED,
        _DOCS + "generated/torch.ones.html",
        truth="They use the name `device` one line before they assign it, so in a fresh session "
        "Python raises a NameError; with the two lines exchanged they work.",
    ),
    # 2.1 A layer's weight and bias
    Claim(
        "2.1.1",
        "layer.weight and layer.bias of a Linear or Conv2d are nn.Parameters: they require grad "
        "and print as 'Parameter containing:'. Linear(3, 2) has a weight of shape (2, 3) and a "
        "bias of shape (2,).",
        _HOLDS,
        _LINEAR,
    ),
    Claim(
        "2.1.2",
        "A printed Linear shows in_features, out_features and bias.",
        _HOLDS,
        _LINEAR,
    ),
    Claim(
        "2.1.3",
        "weight.data is a plain Tensor without grad. It shares the weight's memory.",
        _HOLDS,
        _PARAMETER,
    ),
    # 2.2 Initialisation
    Claim(
        "2.2.1",
        "The functions of nn.init whose names end in _ change the parameter in place and return "
        "it; it stays a Parameter that requires grad, and autograd records nothing.",
        _HOLDS,
        _INIT,
    ),
    Claim(
        "2.2.2",
        "normal_(w, mean, std) draws from that normal distribution, uniform_(w, a, b) from that "
        "uniform one, and constant_(w, c) sets every element to c.",
        _HOLDS,
        _INIT,
    ),
    Claim(
        "2.2.3",
        "xavier_normal_(w, gain) draws normally about 0, with std gain * sqrt(2 / (fan_in + "
        "fan_out)).",
        _HOLDS,
        _INIT,
    ),
    Claim(
        "2.2.4",
        "He's initialisation is nn.init.kamiming_normal_.",
        _CORRECTED,
        _INIT,
        truth="There is no such name; the function is kaiming_normal_ (after Kaiming He). It draws "
        "normally about 0, with std sqrt(2 / fan_in).",
    ),
    Claim(
        "2.2.5",
        "A bias is initialised the same way as a weight.",
        _CORRECTED,
        _INIT,
        truth="normal_, uniform_ and constant_ do what they say to a bias too. The initialisations "
        "of Xavier and He refuse it with a ValueError: it has one dimension, and fan_in and "
        "fan_out are defined from two on.",
    ),
    Claim(
        "2.2.6",
        "nn.Linear is initialised by He's method unless told otherwise.",
        _CORRECTED,
        _LINEAR,
        truth="It draws weight and bias uniformly between -1/sqrt(fan_in) and 1/sqrt(fan_in). Its "
        "variance, 1/(3*fan_in), is a sixth of He's, 2/fan_in, and its shape is not normal.",
    ),
    # 2.3 A model's parameters
    Claim(
        "2.3.1",
        "net.parameters() yields the Parameters in the order of their definition, a module's own "
        "before those of the modules in it: for a Conv2d, a BatchNorm2d and a ReLU the "
        "convolution's weight and bias, then the batch norm's weight (ones) and bias (zeros), and "
        "none for the ReLU.",
        _HOLDS,
        _MODULE + "#torch.nn.Module.parameters",
    ),
    Claim(
        "2.3.2",
        "A printed net shows each module that is an attribute of it by name, with its main "
        "arguments, a batch norm's being features, eps, momentum, affine and track_running_stats.",
        _DRIFTED,
        _BATCH_NORM,
        truth="Each module is still shown. A batch norm's line has since gained bias=True, "
        "because BatchNorm2d has gained the argument.",
        since="2.12",
    ),
    Claim(
        "2.3.3",
        "net.state_dict().keys() are the seven names conv1.weight, conv1.bias, bn.weight, bn.bias, "
        "bn.running_mean, bn.running_var and bn.num_batches_tracked, in that order, printed as "
        "odict_keys([...]).",
        _HOLDS,
        _MODULE + "#torch.nn.Module.state_dict",
    ),
    Claim(
        "2.3.4",
        "The names of a net's parameters are net.state_dict().keys().",
        _CORRECTED,
        _MODULE + "#torch.nn.Module.named_parameters",
        truth="state_dict() names buffers as well, which are no parameters: a batch norm's "
        "running_mean, running_var and num_batches_tracked. named_parameters() names the "
        "parameters alone.",
    ),
    # 2.4 The optimizer's parameters
    Claim(
        "2.4.1",
        "An optimizer is given net.parameters(). Its step() updates those Parameters in place, and "
        "no others; it passes over those whose .grad is None.",
        _HOLDS,
        _OPTIM,
    ),
    Claim(
        "2.4.2",
        "optimizer.param_groups is a list of dicts that hold every setting and all parameters: "
        "[0]['lr'] is the learning rate given, and [0]['params'][0] is the net's first parameter "
        "itself. A rate set there counts from the next step; a group without one takes the "
        "optimizer's.",
        _HOLDS,
        _OPTIM + "#per-parameter-options",
    ),
    Claim(
        "2.4.3",
        "An optimizer keeps the Parameter objects that it was given. A layer or a Parameter put "
        "into the net later is not updated, until add_param_group() or a new optimizer takes it.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.optim.Optimizer.add_param_group.html",
        asks="I replaced the last layer. Why does it not learn?",
    ),
    Claim(
        "2.4.4",
        "A gradient of zero is not None: with momentum, weight decay, Adam or AdamW a step still "
        "moves the parameter. With None it stays.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.optim.Optimizer.zero_grad.html",
        asks="Why do weights with zero gradients still change?",
    ),
    Claim(
        "2.4.5",
        "SGD adds weight_decay * w to the gradient g (-g with maximize); v is g in the first step, "
        "and momentum * v + (1 - dampening) * g from the second on; w moves by -lr * v, or with "
        "nesterov by -lr * (g + momentum * v).",
        _NEIGHBOUR,
        _DOCS + "generated/torch.optim.SGD.html",
        asks="What exactly do momentum, dampening and nesterov do?",
    ),
    Claim(
        "2.4.6",
        "An optimizer refuses a tensor that was computed (ValueError), such as x * 0.01, x.clone() "
        "or x.to() of another dtype or device: make it a leaf by detach().requires_grad_(). It "
        "refuses an empty list and a parameter in two groups. A tensor without grad it takes, and "
        "never moves.",
        _NEIGHBOUR,
        _OPTIM,
        asks="can't optimize a non-leaf Tensor: what is wrong with mine?",
    ),
    Claim(
        "2.4.7",
        "backward() adds to .grad until zero_grad(), which clears the gradients of the optimizer's "
        "own parameters: to None since PyTorch 2.0, to zeros before, as set_to_none=False still "
        "does.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.optim.Optimizer.zero_grad.html",
        asks="Why must I call zero_grad(), and why is .grad None after it?",
    ),
    Claim(
        "2.4.8",
        "An optimizer that loads another's state_dict() goes on exactly as the other, with its "
        "learning rate, on its own parameters. Since PyTorch 2.1 both share their buffers, unless "
        "the state was copied by copy.deepcopy. Another number of parameters is refused.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.optim.Optimizer.load_state_dict.html",
        asks="How do I resume training with the same optimizer?",
    ),
    # 3 model.eval()
    Claim(
        "3.1",
        "eval() changes what certain modules do, such as Dropout and BatchNorm. Linear, Conv2d "
        "and ReLU give the same result in both modes.",
        _HOLDS,
        _MODULE + "#torch.nn.Module.eval",
    ),
    Claim(
        "3.2",
        "eval() is train(False): it clears `training` on the module and on every module "
        "registered within it, however deep, and returns the module.",
        _HOLDS,
        _MODULE + "#torch.nn.Module.eval",
    ),
    Claim(
        "3.3",
        "Dropout in training zeroes each element with probability p and multiplies the others by "
        "1/(1-p); integers, which cannot be scaled so, it refuses. In evaluation it returns its "
        "input unchanged.",
        _HOLDS,
        _DROPOUT,
    ),
    Claim(
        "3.4",
        "BatchNorm in training normalises by the batch's own mean and (biased) variance, and "
        "moves its running statistics to the batch's mean and (unbiased) variance: a tenth of the "
        "way, unless told another momentum.",
        _HOLDS,
        _BATCH_NORM,
    ),
    Claim(
        "3.5",
        "BatchNorm in evaluation normalises by its running statistics, if it has any, and leaves "
        "them alone.",
        _HOLDS,
        _BATCH_NORM,
    ),
    Claim(
        "3.6",
        "eval() switches dropout and batch norm off.",
        _CORRECTED,
        _BATCH_NORM,
        truth="Dropout modules, yes. A batch norm still normalises, scales and shifts: only where "
        "its statistics come from changes, from the batch to the running ones. Two whose running "
        "statistics differ give different results in evaluation.",
    ),
    Claim(
        "3.7",
        "eval() leaves gradients alone: grad mode and every requires_grad stay, and backward() "
        "works. The exception is said to be CUDA, where cuDNN's RNN, LSTM and GRU want training "
        "mode.",
        _NEIGHBOUR,
        _AUTOGRAD + "#evaluation-mode-nn-module-eval",
        asks="cudnn RNN backward can only be called in training mode: does eval() touch gradients?",
    ),
    Claim(
        "3.8",
        "eval() and no_grad() do different things, and a prediction wants both: eval() still "
        "records a graph, and no_grad() leaves dropout on and running statistics moving. In "
        "evaluation no_grad() changes no result, save in attention layers (3.23).",
        _NEIGHBOUR,
        _AUTOGRAD + "#evaluation-mode-nn-module-eval",
        asks="model.eval() or torch.no_grad(): do I need both?",
    ),
    Claim(
        "3.9",
        "Without eval() two predictions of the same input differ where dropout is used, and with "
        "a batch norm each depends on its batch and changes later results. Evaluation lasts until "
        "train(), so call train() again before you train on.",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.eval",
        asks="I predict twice and get two results. Why?",
    ),
    Claim(
        "3.10",
        "Running statistics start at mean 0 and variance 1, and with the default momentum 0.9**n "
        "of that start is left after n batches. A fresh batch norm hardly changes its input in "
        "evaluation, whatever it does in training.",
        _NEIGHBOUR,
        _BATCH_NORM,
        asks="My model is good in train() and bad in eval(). Why?",
    ),
    Claim(
        "3.11",
        "eval() reaches modules, not functions: F.dropout(x) in forward() drops in evaluation "
        "too, unless it is given training=self.training, and so does an nn.Dropout() made in "
        "forward(). F.alpha_dropout drops in neither mode unless told to.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.functional.dropout.html",
        asks="Dropout is still active after model.eval(). Why?",
    ),
    Claim(
        "3.12",
        "eval() does not find modules in a plain list or dict: nn.ModuleList and nn.ModuleDict "
        "hold them. It calls each module's train(), so one that is overridden decides for its "
        "part, and must return self; an eval() that a part overrides is not called.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.ModuleList.html",
        asks="A part of my model stays in training mode after eval(). Why?",
    ),
    Claim(
        "3.13",
        "Each module has a mode of its own, and the call that came last decides. After eval() of "
        "a net, train() of its Dropouts switches them alone back on.",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.eval",
        asks="How do I keep dropout on when I predict (Monte Carlo dropout)?",
    ),
    Claim(
        "3.14",
        "BatchNorm in training refuses a batch with one value a channel, such as a last batch of "
        "one row; in evaluation it takes it. DataLoader(drop_last=True) leaves such a batch out, "
        "and LayerNorm takes it.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.BatchNorm1d.html",
        asks="Expected more than 1 value per channel when training: why for my last batch only?",
    ),
    Claim(
        "3.15",
        "momentum is the share of the new batch: running = (1 - momentum) * running + momentum * "
        "batch. 0 never moves, 1 keeps the last batch, None averages all batches.",
        _NEIGHBOUR,
        _BATCH_NORM,
        asks="What does momentum mean in BatchNorm: is it 0.1 or 0.9? And None?",
    ),
    Claim(
        "3.16",
        "A BatchNorm made with track_running_stats=False has no running statistics and uses the "
        "batch's own in evaluation too; set on a finished one, it only stops the updates. One "
        "made with affine=False has no weight and bias, which otherwise start at 1 and 0.",
        _NEIGHBOUR,
        _BATCH_NORM,
        asks="track_running_stats=False: what is used in eval(), and can I set it later?",
    ),
    Claim(
        "3.17",
        "requires_grad_(False) does not freeze a batch norm's statistics: in training they still "
        "move. Its own eval() stops them, and leaves weight and bias to the optimizer; train() of "
        "the whole net undoes it.",
        _NEIGHBOUR,
        _BATCH_NORM,
        asks="I froze all parameters. Why does running_mean still change?",
    ),
    Claim(
        "3.18",
        "To a batch norm several small batches are not one large batch: each is normalised by "
        "itself and moves the statistics, so accumulated gradients differ from those of the "
        "whole. With LayerNorm, or with the batch norm in evaluation, they agree up to rounding.",
        _NEIGHBOUR,
        _BATCH_NORM,
        asks="Is gradient accumulation the same as a larger batch?",
    ),
    Claim(
        "3.19",
        "Running statistics are buffers: state_dict() and load_state_dict() carry them, "
        "parameters() does not, and without them predictions differ. The mode is not among them: "
        "load_state_dict() leaves it as it was, while a copied or pickled net keeps its own.",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.register_buffer",
        asks="Why does my loaded model predict something else? Do I need eval() after "
        "load_state_dict()?",
    ),
    Claim(
        "3.20",
        "LayerNorm, GroupNorm and InstanceNorm do the same in both modes: they normalise each "
        "image by itself and keep no running statistics. InstanceNorm refuses a single value a "
        "channel in either mode; told to track running statistics, it uses them in evaluation.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.InstanceNorm2d.html",
        asks="Which normalisations does eval() change?",
    ),
    Claim(
        "3.21",
        "Dropout zeroes single elements; Dropout1d, Dropout2d and Dropout3d zero whole channels.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.Dropout2d.html",
        asks="Dropout or Dropout2d: what is the difference?",
    ),
    Claim(
        "3.22",
        "The dropout of an RNN, LSTM or GRU acts between stacked layers only, and in training "
        "only: one layer drops nothing and warns, and no element of the result is zeroed.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.LSTM.html",
        asks="LSTM(dropout=0.5) with one layer warns: does it do anything?",
    ),
    Claim(
        "3.23",
        "A TransformerEncoder with batch_first=True and a padding mask takes another path in "
        "evaluation if nothing records gradients: padded positions become zeros, and the others "
        "may differ in their last digits. enable_nested_tensor=False keeps the padding.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.TransformerEncoder.html",
        asks="Why does TransformerEncoder give other results in eval()?",
    ),
    # 4 torch.no_grad() and torch.set_grad_enabled()
    Claim(
        "4.1",
        "In a no_grad block every computed result has requires_grad=False, whatever its inputs "
        "have.",
        _CORRECTED,
        _NO_GRAD,
        truth="That is true of a result with memory of its own. A view taken in the block (x[0], "
        "x.unsqueeze(0), x.transpose(0, -1)) still says requires_grad=True if x does; but it has "
        "no grad_fn, and no gradient flows through it. And what returns x itself, as x.float() "
        "does if x is float32, leaves it as it is.",
    ),
    Claim(
        "4.2",
        "no_grad ends with its block, also when the block raises.",
        _HOLDS,
        _NO_GRAD,
    ),
    Claim(
        "4.3",
        "no_grad reduces memory: nothing is kept for a backward() that will not come.",
        _HOLDS,
        _NO_GRAD,
    ),
    Claim(
        "4.4",
        "backward() refuses a result that was computed under no_grad.",
        _HOLDS,
        _NO_GRAD,
    ),
    Claim(
        "4.5",
        "set_grad_enabled(mode) turns gradients on or off by its argument, so that one block of "
        "code serves training and validation.",
        _HOLDS,
        _SET_GRAD_ENABLED,
    ),
    Claim(
        "4.6",
        "As a context manager set_grad_enabled puts the former mode back at the end; as a function "
        "it takes effect at once and stays.",
        _HOLDS,
        _SET_GRAD_ENABLED,
    ),
    Claim(
        "4.7",
        "A block under set_grad_enabled(False), then the call set_grad_enabled(True), then the "
        "call set_grad_enabled(False) give results whose requires_grad is False, True, False.",
        _HOLDS,
        _SET_GRAD_ENABLED,
    ),
    Claim(
        "4.8",
        "Within enable_grad, set_grad_enabled(False) has no effect (the article quotes the "
        "documentation of its day).",
        _CORRECTED,
        _SET_GRAD_ENABLED,
        truth="It has: the innermost block, or the latest call within it, decides, in whatever "
        "order the contexts are nested. The sentence is gone from today's documentation.",
    ),
    Claim(
        "4.9",
        "Grad mode belongs to its thread: other threads keep their own.",
        _HOLDS,
        _SET_GRAD_ENABLED,
    ),
    Claim(
        "4.10",
        "no_grad() and set_grad_enabled(False) do the same to every result.",
        _HOLDS,
        _AUTOGRAD + "#no-grad-mode",
    ),
    Claim(
        "4.11",
        "A leaf made within no_grad may still require grad: a tensor asked for with "
        "requires_grad=True, or the parameters of a new layer.",
        _NEIGHBOUR,
        _NO_GRAD,
    ),
    # 5 nn.ReLU and nn.functional.relu
    Claim(
        "5.1",
        "nn.ReLU and nn.functional.relu give the same values, max(x, 0), and the same gradient for "
        "every input: one above zero, zero at zero and below. NaN stays NaN.",
        _HOLDS,
        _F_RELU,
    ),
    Claim(
        "5.2",
        "nn.ReLU() makes a Module: it fits into nn.Sequential, and has no parameters.",
        _HOLDS,
        _RELU,
    ),
    Claim(
        "5.3",
        "nn.functional.relu is a function: nn.Sequential refuses it, and it is called in forward.",
        _HOLDS,
        _SEQUENTIAL,
    ),
    Claim(
        "5.4",
        "print(model) shows each nn.ReLU that is registered in the model, and never "
        "nn.functional.relu.",
        _HOLDS,
        _MODULE + "#torch.nn.Module.extra_repr",
    ),
    Claim(
        "5.5",
        "ReLU with inplace=True writes into its input and returns it; by default it leaves its "
        "input alone. In place it refuses a leaf that requires grad, a view of one, and an "
        "expanded tensor.",
        _NEIGHBOUR,
        _RELU,
        asks="What does inplace=True do?",
    ),
    Claim(
        "5.6",
        "relu refuses bool and complex tensors, and before PyTorch 2.15 those of uint16, uint32 "
        "and uint64.",
        _NEIGHBOUR,
        _F_RELU,
        asks="clamp is not supported for complex types: which tensors does relu take?",
    ),
    Claim(
        "5.7",
        "One nn.ReLU may stand at several places of a net, since it holds no state. A forward hook "
        "sees each of its calls, and none of nn.functional.relu.",
        _NEIGHBOUR,
        _RELU,
        asks="nn.ReLU or F.relu? May I use one nn.ReLU twice?",
    ),
    Claim(
        "5.8",
        "relu keeps its result for the gradient, so a result that is changed in place (y += x) "
        "makes backward() refuse; y = y + x is safe. ReLU(inplace=True) may follow an operation "
        "that keeps its input or nothing, such as Linear, Conv2d, BatchNorm, * and +, but not one "
        "that keeps its result: exp, sqrt, sigmoid, tanh, softmax or relu.",
        _NEIGHBOUR,
        _AUTOGRAD + "#in-place-operations-with-autograd",
        asks="Modified by an inplace operation, after ReLU and out += residual: when is in place "
        "safe?",
    ),
    Claim(
        "5.9",
        "ReLU(inplace=True) allocates no result. What a Linear and a ReLU keep for backward() is "
        "the same with and without it.",
        _NEIGHBOUR,
        _RELU,
        asks="Does ReLU(inplace=True) save memory?",
    ),
    Claim(
        "5.10",
        "nn.ReLU(x) computes nothing: it makes a module whose inplace is x. To call or print that "
        "raises a RuntimeError if x has several elements. nn.ReLU()(x) or F.relu(x) is meant. "
        "nn.Sequential refuses nn.ReLU without its parentheses.",
        _NEIGHBOUR,
        _RELU,
        asks="Boolean value of Tensor with more than one value is ambiguous: what is wrong with "
        "nn.ReLU(x)?",
    ),
    Claim(
        "5.11",
        "relu(x), x.clamp(min=0) and torch.maximum(x, 0) give the same values, and different "
        "gradients at zero: 0 for relu, 0.5 for maximum, and for clamp 1 before PyTorch 2.14 and 0 "
        "since.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.clamp.html",
        asks="Are relu, clamp(min=0) and maximum(x, 0) the same?",
    ),
)

#: The claims by id, in the article's order.
LEDGER = {entry.id: entry for entry in _CLAIMS}
if len(LEDGER) != len(_CLAIMS):
    raise ValueError("two claims of the ledger have the same id")
