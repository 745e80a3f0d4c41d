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
    instead: str = ""  # where PyTorch refuses or warns: a line or two of code that it takes

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d+(\.\d+){1,2}", self.id) or self.chapter not in CHAPTERS:
            raise ValueError(f"claim {self.id!r}: its id must be a known chapter's and a number")
        if not self.says or not self.docs.startswith("https://"):
            raise ValueError(f"claim {self.id}: it needs a sentence and a link to documentation")
        if bool(self.truth) != (self.verdict in (Verdict.CORRECTED, Verdict.DRIFTED)):
            raise ValueError(f"claim {self.id}: `truth` belongs to corrected and drifted claims")
        if bool(self.asks) != (self.verdict is Verdict.NEIGHBOUR):
            raise ValueError(f"claim {self.id}: `asks` belongs to neighbours")
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
    "6": "torch.compile()",
}

#: What a claim speaks of where it does not say otherwise.
SCOPE = (
    "Where a claim does not say otherwise, it speaks of plain dense tensors that hold data, of "
    "type torch.Tensor and of real numbers, in eager mode and outside inference_mode."
)

_DOCS = "https://docs.pytorch.org/docs/stable/"
_ITEM = _DOCS + "generated/torch.Tensor.item.html"
_AUTOGRAD = _DOCS + "notes/autograd.html"
_BACKWARD = _DOCS + "generated/torch.Tensor.backward.html"
_FROM_NUMPY = _DOCS + "generated/torch.from_numpy.html"
_NUMPY = _DOCS + "generated/torch.Tensor.numpy.html"
_SET_REQUIRES_GRAD = _DOCS + "generated/torch.Tensor.requires_grad_.html"
_DETACH = _DOCS + "generated/torch.Tensor.detach.html"
_AUTOGRAD_GRAD = _DOCS + "generated/torch.autograd.grad.html"
_REGISTER_HOOK = _DOCS + "generated/torch.Tensor.register_hook.html"
_CROSS_ENTROPY = _DOCS + "generated/torch.nn.functional.cross_entropy.html"
_IS_LEAF = _DOCS + "generated/torch.Tensor.is_leaf.html"
_MEMORY_OF_A_SUM = _DOCS + "notes/faq.html"
_DETECT_ANOMALY = _DOCS + "autograd.html#anomaly-detection"
_BROADCASTING = _DOCS + "notes/broadcasting.html"
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
_INFERENCE_MODE = _DOCS + "generated/torch.autograd.grad_mode.inference_mode.html"
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
        "Without its parentheses, item is only the method: total += loss.item is a TypeError, and "
        "f'{loss.item}' shows <built-in method item of Tensor object>.",
        _HOLDS,
        _ITEM,
    ),
    Claim(
        "1.1.3",
        "A tensor of several elements, or of none, is no number, and neither true nor false. "
        "item() raises a RuntimeError (ValueError before PyTorch 2.0); int(), float() and "
        "complex() a ValueError; range() and the index of a list a TypeError. bool(), if, while, "
        "assert, not, and, or, and `in` a list of other tensors raise a RuntimeError. any() and "
        "all() give one element, which is true or false; (y == p).sum().item() counts what "
        "agrees, and (y == p).float().mean().item() is its share.",
        _NEIGHBOUR,
        _ITEM,
        asks="Why can my tensor not be converted to a Scalar? Boolean value of Tensor with more "
        "than one value is ambiguous: which of my lines asks for it?",
        instead="x = torch.tensor([1.0, 2.0])\n"
        "numbers, every_one = x.tolist(), (x > 0).all().item()",
    ),
    Claim(
        "1.1.4",
        "int(), float(), complex() and bool() of one element, of whatever shape, give that Python "
        "number; math.pow(x, 2), math.exp(x) and the like call float(). int() cuts towards zero, "
        "and refuses NaN (ValueError) and infinity (OverflowError); int() and float() refuse an "
        "imaginary part (RuntimeError); bool() is False for zero alone. int() and bool() refuse a "
        "uint64 beyond the largest int64, which item() gives. Since PyTorch 2.8, where grad mode "
        "is on, float() and complex() warn once of a tensor that requires grad; item() does not. "
        "A Python number has no graph, and no backward() (AttributeError).",
        _NEIGHBOUR,
        _DOCS + "tensors.html",
        asks="How do I turn a tensor into an int or a float, and why does float(loss) warn? "
        "'float' object has no attribute 'backward'? Is the gradient lost in math.pow(x, 2)?",
        instead='x = torch.tensor([2.7, float("nan")])\n'
        "numbers = [int(it) for it in x.nan_to_num()]",
    ),
    Claim(
        "1.1.5",
        "tolist() gives Python numbers, in lists nested as the dimensions are: without dimensions "
        "a number. Iterating and indexing give tensors: x[0] and x[:2] are views, which change "
        "with x; x[[0]], x[x > 0] and what item() gave do not. NumPy's integers index as Python's "
        "do. Of three elements, x[3] and x[0, 0] are IndexErrors, and x[1:9] gives the last two; "
        "x[::-1] is a ValueError: x.flip(0) copies it so. x.expand(2, 3) repeats x without a "
        "copy: it changes with x. += and copy_() of it are refused, as is x[1:] += x[:-1] of a "
        "contiguous x (RuntimeError): clone() first.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.Tensor.tolist.html",
        asks="How do I get a list of numbers, and why did the x[0] that I kept change? 'step must "
        "be greater than zero'? 'More than one element of the written-to tensor refers to a "
        "single memory location'? 'Some elements of the input tensor and the written-to tensor "
        "refer to a single memory location'?",
        instead="x = torch.ones(1).expand(3).clone()\nx += 1",
    ),
    Claim(
        "1.1.6",
        "item() shows all that a float32 holds: of 0.1 it is 0.10000000149011612, which is not "
        "Python's 0.1. NumPy holds the same number in a float32, but prints the fewest digits "
        "that tell it from its neighbours, 0.1; a printed tensor shows four digits after the "
        "point, and more after torch.set_printoptions(precision=10). None of this changes a "
        "value. A float64 tensor gives every Python float back as it was.",
        _NEIGHBOUR,
        _ITEM,
        asks="Why does item() give 0.10000000149011612 and not 0.1? Why do NumPy and a printed "
        "tensor show another number?",
    ),
    Claim(
        "1.1.7",
        "A tensor of no dimensions, as a loss is, is no sequence: len(loss) and iterating "
        "raise a TypeError, loss[0], loss.size(0) and loss.shape[0] an IndexError, torch.cat a "
        "RuntimeError. loss.item() is its number, and torch.stack takes it. It alone takes a "
        "format, f'{loss:.4f}'; with dimensions, or as a Parameter, that is a TypeError.",
        _NEIGHBOUR,
        _ITEM,
        asks='What does "invalid index of a 0-dim tensor" want of me?',
        instead='loss = torch.tensor([0.25])\nline = f"{loss.item():.4f}"',
    ),
    Claim(
        "1.1.8",
        "A dict or a set tells tensors apart by identity, not by value: a tensor is not found "
        "under another one that equals it. Use item() or tolist() for keys. `2 in x` is True if "
        "an element of x equals 2, and `nan in x` never; a string, a list or an array before `in` "
        "is a RuntimeError. reversed(x) is a copy of x with its first dimension turned round, or "
        "x itself if it has no dimension.",
        _NEIGHBOUR,
        _DOCS + "tensors.html",
        asks="Why is my tensor not found in a dict or a set? What does `in` ask of a tensor?",
    ),
    Claim(
        "1.1.9",
        "x.view(*shape) and x.reshape(*shape) give x's elements, in order, another shape, where "
        "-1 is the size left. Both refuse another number of elements (RuntimeError). view() "
        "shares memory: after a transpose it may split dimensions, but refuses to join those "
        "whose elements do not lie one after another (RuntimeError); only there reshape() and "
        "flatten() copy. contiguous() is x itself if all lie so, else a copy. x.permute(2, 0, 1) "
        "reorders dimensions, x.transpose(0, 1) swaps two. They share memory, as do squeeze(), "
        "unsqueeze(), unbind(), unfold(), split(), chunk(), narrow(), diagonal(), expand(); "
        "flip(), roll(), repeat() and torch.cat copy.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.Tensor.view.html",
        asks='"view size is not compatible with input tensor\'s size and stride", "shape \'[2, '
        "2]' is invalid for input of size 3\": view() or reshape(), and do they share memory? How "
        "do I turn an image of height, width and channels into channels first? Do squeeze() and "
        "flatten() copy?",
        instead="x = torch.ones(2, 3)\ny = x.mT.reshape(6)  # or x.mT.contiguous().view(6)",
    ),
    # 1.2 Automatic differentiation
    Claim(
        "1.2.1",
        "Any Tensor made with requires_grad=True takes part in automatic differentiation.",
        _CORRECTED,
        _AUTOGRAD + "#setting-requires-grad",
        truth="Only a Tensor of floating point or complex dtype can be made to require gradients "
        "(but see 1.2.14). Tensors of integers and of bools refuse requires_grad=True with a "
        "RuntimeError. A tensor that no recorded operation computed or wrote into is a leaf "
        "(is_leaf), and so is every one that requires no grad. A new Parameter is a leaf, and "
        "backward() fills its .grad; if x requires grad, 2 * x, x[0] and what x.double() or "
        "x.to(device) converts are not leaves.",
        instead="x = torch.tensor([1, 2], dtype=torch.float32, requires_grad=True)",
    ),
    Claim(
        "1.2.2",
        "backward() computes the gradient and .grad holds it: that of sum(x**2) is exactly 2x, "
        "and that of y = a*x + b is a, as x's dtype rounds it. If a is complex, the gradient is "
        "a's conjugate, or its real part if x is real.",
        _HOLDS,
        _BACKWARD,
    ),
    Claim(
        "1.2.3",
        "A printed result names its grad_fn, AddBackward0 after x + 1; a printed leaf shows "
        "requires_grad=True.",
        _HOLDS,
        _AUTOGRAD + "#how-autograd-encodes-the-history",
    ),
    Claim(
        "1.2.4",
        "The result of a differentiable operation has a grad_fn exactly when an input that "
        "requires grad took part in it while grad mode was on; then backward() can be called on "
        "it, as on a leaf that requires grad. x > 0, argmax and a cast to integers have none, and "
        "backward() refuses x // 2 and x.unique(); the gradient of round(), sign() and y.gt_(0) is "
        "zero. What returns x itself, as x.float() of a float32 does, adds none.",
        _HOLDS,
        _AUTOGRAD + "#how-autograd-encodes-the-history",
        instead="w = torch.ones(2, requires_grad=True)\n"
        "torch.sigmoid(w).sum().backward()  # instead of (w > 0).float().sum()",
    ),
    Claim(
        "1.2.5",
        "A tensor that requires grad cannot take an in-place operation.",
        _CORRECTED,
        _AUTOGRAD + "#in-place-operations-with-autograd",
        truth="A leaf that requires grad, or a view of it, refuses outside no_grad, unchanged "
        "(RuntimeError); exp(out=) and mul(out=) refuse every tensor with grad. A computed result "
        "accepts, and its gradient counts the change; but what split(), chunk(), unbind() or "
        "iteration made of it, or a view taken under no_grad, refuses outside no_grad. Where "
        "backward() needs a value that was overwritten (exp saves its result, x * x its input), "
        "it refuses. What expand() repeats refuses += everywhere; after unfold() it adds once for "
        "each window that holds the element. Every other tensor with grad takes logical_not_(), "
        "logical_and_(), logical_or_() and logical_xor_(), which no gradient counts.",
        instead="x = torch.ones(2, requires_grad=True)\nwith torch.no_grad(): x += 1",
    ),
    Claim(
        "1.2.6",
        "backward() gives a .grad to leaves alone, unless retain_grad() (refused without grad) or "
        "inputs= asks for a result's, and every further backward() adds to it: in place to a "
        "leaf's, unless create_graph=True. A .grad that you set on a result stays, or with "
        "retain_grad() becomes the sum. A result of several elements or none needs a gradient "
        "argument of its shape, a weight for each element, as torch.ones_like(y); so does one "
        "complex element since PyTorch 2.1. torch.autograd.backward([y, z]) and grad([y, z], x) "
        "give the gradient of the sum, and refuse one without grad (RuntimeError).",
        _NEIGHBOUR,
        _BACKWARD,
        asks="'Grad can be implicitly created only for scalar outputs' (of old 'invalid gradient "
        "at index 0 - expected shape [] but got [1]'): what does backward() want, and why do my "
        "gradients add up?",
        instead="x = torch.ones(3, requires_grad=True)\n(2 * x).sum().backward()",
    ),
    Claim(
        "1.2.7",
        "The first backward() frees a graph that saved values, and a second one refuses, unless "
        "retain_graph=True or create_graph=True. Two losses of one computation share its graph, "
        "and so do batches between which a hidden state is carried. Add the losses and call "
        "backward() once: up to rounding, the gradients are those that "
        "backward(retain_graph=True) of one and backward() of the other add up to. Carry the "
        "state by detach(): then it is a constant, and each backward() walks its own batch alone.",
        _NEIGHBOUR,
        _BACKWARD,
        asks="'Trying to backward through the graph a second time': with two losses, or a hidden "
        "state kept between batches? Is (a + b).backward() the same as a.backward() and "
        "b.backward()?",
        instead="h = torch.ones(3, requires_grad=True).exp()\n"
        "(h.sum() + h.max()).backward()  # and state = state.detach() between batches",
    ),
    Claim(
        "1.2.8",
        "A sum or a list of losses keeps the graph of every one of them in memory, even after "
        "backward(); a sum of item() or detach() keeps none. no_grad frees nothing that was "
        "recorded before it: a view kept from its block, such as history.append(h[0]), keeps the "
        "graph of h alive, and any view keeps all memory of its base. h[0].item() and "
        "h[0].clone() taken in the block keep neither; h[0].detach() frees the graph.",
        _NEIGHBOUR,
        _MEMORY_OF_A_SUM,
        asks="Why does total_loss += loss need more and more memory, and why does it still grow "
        "when I collect results under no_grad?",
    ),
    Claim(
        "1.2.9",
        "requires_grad_(False), or requires_grad = False, switches a leaf itself, unless it is a "
        "view that was taken in no_grad, and requires_grad_ returns it; frozen between forward "
        "and backward it gets no gradient. A computed result refuses (RuntimeError): detach() is "
        "the way, or detach_(), which makes the result itself a leaf, and which a view refuses "
        "(RuntimeError). requires_grad_(True) of a result changes nothing; y.requires_grad = True "
        "is refused (RuntimeError).",
        _NEIGHBOUR,
        _SET_REQUIRES_GRAD,
        asks="Why can I 'only change requires_grad flags of leaf variables'?",
        instead="y = 2 * torch.ones(2, requires_grad=True)\ny = y.detach()",
    ),
    Claim(
        "1.2.10",
        ".grad stays None, with a warning, on a computed result: w.to(torch.float64), 0.01 * w, "
        "w.reshape(-1), w.clone(). Call requires_grad_() last, also of a batch. It is None, too, "
        "without requires_grad=True, where the loss does not depend on the leaf (checkpoint(f, x, "
        "use_reentrant=True) of torch.utils.checkpoint, if no input requires grad), before the "
        "first backward() and after del w.grad: w.grad.zero_() is then an AttributeError, 0.1 * "
        "w.grad a TypeError. loss.requires_grad_() only silences backward(): no weight gets a "
        "gradient. By hand, step with w -= lr * w.grad under no_grad: w = w - lr * w.grad makes a "
        "new w, which has no .grad and, there, requires no grad.",
        _NEIGHBOUR,
        _IS_LEAF,
        asks="Why is .grad None after backward()? Does loss.requires_grad_() help? How do I get "
        "the gradient of an input?",
        instead="w = (0.01 * torch.randn(2)).requires_grad_()\n(2 * w).sum().backward()",
    ),
    Claim(
        "1.2.11",
        "clone() copies the values and passes the gradient on to its source; what detach() gives "
        "shares the memory and counts as a constant; with requires_grad_() it is a new leaf, "
        "whose gradient is not its source's. detach().clone() is a copy apart, which "
        "torch.tensor(t) makes with a warning. as_tensor(t) is t itself, unless another dtype or "
        "device is asked for, and so is asarray(t) since PyTorch 2.12; before, asarray(t) took "
        "the gradient away, from a leaf t itself. copy.deepcopy copies a leaf with its .grad, a "
        "Parameter without, and refuses a computed result, also one that a net keeps as an "
        "attribute (RuntimeError).",
        _NEIGHBOUR,
        _DETACH,
        asks="clone(), detach(), deepcopy: which copy do I need, and what is wrong with "
        "torch.tensor(t)?",
        instead="t = 2 * torch.ones(2, requires_grad=True)\ncopied = t.detach().clone()",
    ),
    Claim(
        "1.2.12",
        "A write through detach() or under no_grad is noticed (but not apply_() and map_()): "
        "backward() refuses if it needed the old value (RuntimeError). A write through .data, or "
        "through NumPy or DLPack, which share the memory, is not: the gradient is silently "
        "computed from the new value. The gradient does not count what any of these writes did; "
        "nor does it know of w.data = c, which gives w c's memory: what c was computed from gets "
        "no gradient, as it would by torch.func.functional_call (since PyTorch 2.0). Where x "
        "requires grad, x.data takes no integers (RuntimeError).",
        _NEIGHBOUR,
        _DETACH,
        asks="Which is safe to write to, x.data or x.detach()?",
        instead="y = torch.ones(2, requires_grad=True).exp()\nchanged = y.detach().clone().zero_()",
    ),
    Claim(
        "1.2.13",
        "optimizer.step() changes the weights in place, so backward() refuses a graph from before "
        "the step that saved one of them: a GAN's generator, once the discriminator has stepped. "
        "Call every backward() before the first step(), or compute the loss again. "
        "torch.autograd.set_detect_anomaly(True), called before the loss is computed, lets "
        "backward() warn with the line that saved the value. A step of fused=True (on the CPU "
        "since PyTorch 2.4) goes unnoticed: the gradient is silently computed from the new "
        "weights. An old optimizer's w.add_(-lr, g) warns: write w.add_(g, alpha=-lr).",
        _NEIGHBOUR,
        _AUTOGRAD + "#in-place-correctness-checks",
        asks="'Modified by an inplace operation', and no in-place code of mine: who was it? 'This "
        "overload of add_ is deprecated'?",
        instead="w = torch.ones(2, requires_grad=True); sgd = optim.SGD([w], lr=0.1)\n"
        "for _ in range(2): (w * w).sum().backward(); sgd.step(); sgd.zero_grad()",
    ),
    Claim(
        "1.2.14",
        "y[i] = v cuts y's gradient there, which v gets; a write to a view of y counts in it. A "
        "tensor without grad, and its earlier views, require it once something with grad is "
        "written in. One of integers takes t[0] = v and silently drops the gradient; t[:] = v may "
        "make it require grad, and backward() raise; t[[0]] = v and t += v are refused "
        "(RuntimeErrors): t = t + v gives floats. If w requires grad, h[i+1] = h[i]*w in a loop "
        "makes backward() refuse, as h[i] views what is overwritten: torch.stack the parts.",
        _NEIGHBOUR,
        _AUTOGRAD + "#in-place-operations-with-autograd",
        asks="May I assign to elements of a tensor, in a loop too, and does the gradient know? "
        "'Result type Float can't be cast to the desired output type Long'?",
        instead="w, h = torch.ones(3, requires_grad=True), [torch.ones(3)]\n"
        "for _ in range(2): h.append(h[-1] * w)  # and torch.stack(h) at the end",
    ),
    Claim(
        "1.2.15",
        "torch.autograd.grad(y, x) returns a tuple of gradients, by results too, and changes no "
        "leaf's .grad; backward(inputs=[x]) fills x's alone, if y depends on x. If not, grad() "
        "refuses (RuntimeError), or returns None with allow_unused=True, zeros with "
        "materialize_grads=True (since PyTorch 2.1). Both refuse an input without grad. Several "
        "elements need grad_outputs=, a weight for each. With create_graph=True, of which "
        "backward() warns, a gradient can be differentiated again; without, it is a constant, as "
        "3 * x's is. Some functions, such as F.ctc_loss, F.hardsigmoid and, since 2.1, "
        "F.scaled_dot_product_attention's fast kernels, have no second derivative (RuntimeError).",
        _NEIGHBOUR,
        _AUTOGRAD_GRAD,
        asks="How do I get one gradient without filling every .grad, or a second derivative? What "
        "are grad_outputs?",
        instead="x, unused = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)\n"
        "gradient, none = torch.autograd.grad(x.exp().sum(), [x, unused], allow_unused=True)",
    ),
    Claim(
        "1.2.16",
        "What you give to register_hook, of a leaf or a result, is called with the gradient by "
        "every backward() that computes it (with inputs=, only of the leaves in it), before .grad "
        "gets it. What it returns replaces it, unless that is None, until remove(); another shape "
        "or dtype is refused (RuntimeError). So a part of a weight can be frozen: requires_grad "
        "is of a whole leaf. What a hook writes into the gradient counts, but may show in other "
        "gradients: return another tensor. Hooks run in the order of registration. Since PyTorch "
        "2.1 register_post_accumulate_grad_hook calls a leaf's after .grad was written.",
        _NEIGHBOUR,
        _REGISTER_HOOK,
        asks="How do I see, scale or clip a gradient on its way? How do I freeze a part of a "
        "weight?",
        instead="x = torch.ones(2, requires_grad=True)\n"
        "handle = x.register_hook(lambda gradient: gradient.clamp(-1, 1))",
    ),
    Claim(
        "1.2.17",
        "A gradient has its tensor's shape and dtype. Where the tensor was used several times, "
        "indexed twice or broadcast, it is the sum over all uses; a sum passes its gradient on to "
        "each term, torch.where(c, a, b) to what it chose; elements that took no part get 0; "
        "where the tensor was cast, it is cast back. Shapes can be broadcast if their sizes, from "
        "the last on, are equal or 1; others are refused (RuntimeError). .grad takes no other "
        "shape or dtype (RuntimeError); since PyTorch 2.10 x.grad_dtype can ask for another "
        "dtype.",
        _NEIGHBOUR,
        _BROADCASTING,
        asks="What is the gradient of what was broadcast, cast, used twice or chosen by "
        "torch.where? 'The size of tensor a must match the size of tensor b'?",
        instead="x = torch.ones(3, requires_grad=True)\nx.grad = torch.zeros_like(x)",
    ),
    Claim(
        "1.2.18",
        "Where there is no derivative PyTorch chooses a gradient: 0 at 0 for abs(), relu() and "
        "norm() by default; equal shares for equals in max(), amax() and maximum() (min "
        "likewise), while max(dim=0) chooses one. At 0 that of sqrt() or log() is infinite, and "
        "that of x.square().sum().sqrt() NaN. torch.where(c, f(x), x) computes f everywhere: "
        "where f's gradient is infinite or NaN, x's is NaN if f(x) was not chosen, or was masked, "
        "filled, indexed or clamped away. Choose the input first: f(x[c]), or f(torch.where(c, x, "
        "1)). torch.autograd.detect_anomaly names the function that returned NaN.",
        _NEIGHBOUR,
        _DETECT_ANOMALY,
        asks="Why is my gradient NaN although the loss is not? Which gradient have abs() at zero, "
        "max() of equals, or sqrt() of zero, and why is that of a distance NaN?",
        instead="x = torch.tensor([0.0, 4.0], requires_grad=True); c = x > 0\n"
        "torch.where(c, torch.where(c, x, torch.ones_like(x)).sqrt(), x).sum().backward()",
    ),
    Claim(
        "1.2.20",
        "backward() of a torch.autograd.Function returns a gradient for each argument of "
        "forward() after ctx, or None, which adds nothing, as for what is no tensor. "
        "ctx.needs_input_grad says which want one. Too few, too many but None, a shape that "
        "cannot be summed to the argument's (RuntimeError) and a missing backward() "
        "(NotImplementedError) are refused. @once_differentiable refuses a second derivative "
        "(RuntimeError). What backward() writes into the gradient that it is given may show in "
        "other gradients: clone() it first.",
        _NEIGHBOUR,
        _DOCS + "notes/extending.html",
        asks="'returned an incorrect number of gradients', 'trying to differentiate twice': how "
        "do I write a Function with a backward() of its own? Why do examples clone grad_output?",
        instead="def backward(ctx, gradient):  # of forward(ctx, x, factor)\n"
        "    return ctx.factor * gradient, None",
    ),
    Claim(
        "1.2.21",
        "Where its result gets a grad_fn, save_for_backward() of a Function's ctx takes tensors "
        "and None alone (TypeError). A result that is not used gives zeros to backward(), or None "
        "after ctx.set_materialize_grads(False); one named in ctx.mark_non_differentiable() "
        "requires no grad. An argument that is returned becomes another tensor; with grad it, or "
        "a view, refuses changes in place outside no_grad (RuntimeError; but for logical_not_() "
        "and its kin see 1.2.5), unless ctx.mark_dirty() named it: return x.clone(). Call "
        "Function.apply(x), not an instance (RuntimeError). backward() may call that of another "
        "graph.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.autograd.function.FunctionCtx.html",
        asks="'view was created inside a custom Function', 'save_for_backward can only save "
        "variables': what may a Function save, return and call?",
        instead="def forward(ctx, x):\n    return x.clone()",
    ),
    Claim(
        "1.2.22",
        "A module's register_full_backward_hook sees the gradients of the inputs given by "
        "position (None or zeros where there is none, as for the first layer's batch) and of its "
        "result, a tensor or a tuple. What it returns replaces the former, unless that is None; "
        "another number is refused (RuntimeError), and so is a gradient where no input requires "
        "grad. A register_full_backward_pre_hook (since PyTorch 2.0) replaces the latter. Hooks "
        "run in the order of registration, with prepend=True (since 2.0) first. The old "
        "register_backward_hook of several operations sees what the last passes back, and warns.",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.register_full_backward_hook",
        asks="How do I see the gradients of a layer's input and result? 'Using a non-full "
        "backward hook when the forward contains multiple autograd Nodes is deprecated'?",
        instead="layer = nn.Linear(3, 2)\n"
        "layer.register_full_backward_hook(lambda module, inputs, results: print(results))",
    ),
    # 1.3 From a NumPy array to a tensor
    Claim(
        "1.3.1",
        "from_numpy keeps the array's shape, values and dtype: NumPy's default float gives "
        "float64, not PyTorch's default float32.",
        _HOLDS,
        _FROM_NUMPY,
    ),
    Claim(
        "1.3.2",
        "The tensor of from_numpy is best cast to float32, which layers expect, by float() or "
        "to(torch.float32). The cast of a float64 tensor shares no memory any more; that of a "
        "float32 tensor is that tensor itself, unless copy=True or another memory format, such as "
        "channels_last, is asked for.",
        _HOLDS,
        _TO,
        instead="x = torch.from_numpy(np.ones((4, 3))).float()\ny = nn.Linear(3, 2)(x)",
    ),
    Claim(
        "1.3.3",
        "The tensor of from_numpy shares the array's memory: a write to either shows in the "
        "other. x += 1 is such a write; x = x + 1 makes another tensor. The tensor of "
        "from_numpy(a.copy()) is independent of a.",
        _HOLDS,
        _FROM_NUMPY,
    ),
    Claim(
        "1.3.4",
        "copy() belongs beside detach() among the methods to know.",
        _CORRECTED,
        _CLONE,
        truth="copy() and astype() are methods of NumPy's array. A Tensor has neither "
        "(AttributeError): its words are clone(), for a copy in memory of its own, which still "
        "passes the gradient on to its source, and to(dtype) or type(dtype); type() alone names "
        "its type, such as 'torch.FloatTensor'. Nor has an array a Tensor's methods, "
        "such as detach(), to() or unsqueeze().",
        instead="copied = torch.ones(3).clone()",
    ),
    Claim(
        "1.3.5",
        "from_numpy refuses what it cannot share: negative strides, strides between elements and "
        "foreign byte order (ValueError), dtypes that PyTorch lacks, to which uint16, uint32 and "
        "uint64 belonged before 2.3, and what is no array (TypeError). It takes array.copy() in "
        "place of odd strides, and what astype() gives in place of an odd byte order or dtype. "
        "Without a NumPy that fits, which before PyTorch 2.3 was NumPy 1, from_numpy and numpy() "
        "raise a RuntimeError: Numpy is not available.",
        _NEIGHBOUR,
        _FROM_NUMPY,
        asks='"can\'t convert np.ndarray of type numpy.object_", "At least one stride in the given '
        'numpy array is negative" (of old "some of the strides of a given numpy array are '
        'negative"), "Numpy is not available": why does from_numpy refuse my array, '
        "and what does it take instead?",
        instead="x = torch.from_numpy(np.arange(3)[::-1].copy())\n"
        "y = torch.from_numpy(np.array([1, 2], dtype=object).astype(np.float32))",
    ),
    Claim(
        "1.3.6",
        "from_numpy shares a read-only array as well, and warns of it once a process: a write to "
        "the tensor changes the array that NumPy protects. from_numpy(array.copy()) and "
        "torch.tensor(array) neither write to it nor warn.",
        _NEIGHBOUR,
        _FROM_NUMPY,
        asks='"The given NumPy array is not writeable, and PyTorch does not support non-writeable '
        'tensors": is that harmful?',
        instead="array = np.broadcast_to(np.ones(3), (2, 3))\nx = torch.from_numpy(array.copy())",
    ),
    Claim(
        "1.3.7",
        "as_tensor(array), asarray(array) and from_dlpack(array) share the array's memory, as "
        "from_numpy does (asarray since PyTorch 2.0 only if the array has dimensions; 2.0.0 "
        "refuses to copy one without); as_tensor and asarray copy for another dtype. "
        "asarray(copy=True) always "
        "copies, and copy=False refuses what it would have to copy (ValueError). torch.tensor "
        "never shares. Negative strides all of them refuse, but from_dlpack only since PyTorch "
        "2.14: before, it ended the process.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.asarray.html",
        asks="from_numpy, as_tensor, asarray or torch.tensor: which share the array's memory?",
        instead="x = torch.asarray(np.ones(3), dtype=torch.float32)  # copies, as it must",
    ),
    Claim(
        "1.3.8",
        "torch.tensor makes int64, bool, float32 (the default dtype) and complex64 of Python's "
        "ints, bools, floats and complex numbers, of a list the widest. NumPy's numbers keep "
        "their dtype, but uint64, longdouble and, before PyTorch 2.9, NumPy 2's bool are refused "
        "(TypeError). Of a list, or an array with dimensions, torch.Tensor makes the default "
        "dtype, torch.DoubleTensor and LongTensor their own, sharing arrays of it; "
        "torch.Tensor(t) of a CPU tensor shares its memory and graph. torch.Tensor(3) is three "
        "arbitrary numbers. torch.arange makes int64, or with a float the default dtype, without "
        "its end, but for rounding.",
        _NEIGHBOUR,
        _TENSOR,
        asks="torch.tensor, torch.Tensor or torch.DoubleTensor: what is the difference, and which "
        "copies? Which dtype has torch.arange?",
    ),
    Claim(
        "1.3.9",
        "A real NumPy number (an integer up to the largest int64) beside + - * / keeps a float "
        "tensor's dtype and gradient; np.complex128 makes float32 and float64 complex, "
        "np.complex64 loses its imaginary part. An array keeps neither: NumPy computes tensor * "
        "array, array / tensor and tensor += array, a new tensor without grad, and refuses where "
        "numpy() does; array * tensor, tensor < array, np.sum(tensor), torch.exp(array) and "
        "tensor[0] = array are TypeErrors. tensor == array gives bools if PyTorch (since 2.4) has "
        "its dtype, else False; tensor != array True.",
        _NEIGHBOUR,
        _DOCS + "tensors.html",
        asks="May I mix NumPy arrays and tensors in a formula?",
        instead="x, array = torch.ones(2, requires_grad=True), np.ones(2)\n"
        "y = x * torch.from_numpy(array)",
    ),
    Claim(
        "1.3.10",
        "torch.tensor takes a list of arrays number by number, which is slow, and warns once; "
        "arrays without dimensions it refuses (TypeError). torch.from_numpy(np.stack(arrays)) "
        "takes all at once. Of tensors, torch.tensor, as_tensor and torch.Tensor take only those "
        "of one element (the first two none of uint64: ValueError, TypeError), and forget their "
        "graphs. torch.stack takes any one shape, torch.cat shapes that differ only where it "
        "joins them, or are (0,); both keep the graphs, and refuse others (RuntimeError), as does "
        "a DataLoader, which stacks. Rows of different lengths, strings, None, dicts are refused "
        "too (ValueError, TypeError, RuntimeError).",
        _NEIGHBOUR,
        _TENSOR,
        asks="Why is torch.tensor of a list of arrays extremely slow, and why does it refuse a "
        "list of tensors, strings or None, or lose their gradients? 'stack expects each tensor to "
        "be equal size' from a DataLoader, or 'Trying to resize storage' from its workers?",
        instead="x = torch.from_numpy(np.stack([np.ones(2), np.zeros(2)]))\n"
        "y = torch.stack([torch.ones(2), torch.zeros(2)])",
    ),
    Claim(
        "1.3.11",
        "The library that makes a copy allocates its memory: NumPy that of from_numpy(a.copy()), "
        "PyTorch that of torch.tensor(a) and clone(). tracemalloc counts only NumPy's, until the "
        "last tensor that shares it is gone.",
        _NEIGHBOUR,
        _FROM_NUMPY,
        asks="Why does tracemalloc not show the memory of my tensors?",
    ),
    Claim(
        "1.3.12",
        "F.cross_entropy takes scores, and applies softmax itself: it is F.nll_loss of their "
        "log_softmax. Class targets of both are int64 (or uint8, but not of images), one for each "
        "row or pixel, not a column or channel of them (ValueError, RuntimeError), and 0 to C - "
        "1, or -100, which is ignored (others: IndexError on the CPU). Indices of nn.Embedding "
        "are int64 or int32, from 0 below num_embeddings (likewise). Another dtype, such as "
        "NumPy's float64, is a RuntimeError. x[index] refuses a tensor of floats (IndexError), "
        "and cuts those of a list or array to integers.",
        _NEIGHBOUR,
        _CROSS_ENTROPY,
        asks='"Expected scalar type Long but found Int", "nll_loss_forward not implemented '
        "for 'Int'\": which dtype, shape and range do class targets and indices need? Do I apply "
        "softmax before cross_entropy?",
        instead="classes = torch.from_numpy(np.array([0, 2], np.int32)).long()\n"
        "F.cross_entropy(torch.zeros(2, 3), classes)",
    ),
    Claim(
        "1.3.13",
        "F.binary_cross_entropy refuses a target of another dtype than its input's, as NumPy's "
        "float64 and int64 are, and an input outside 0 to 1 (RuntimeError on the CPU); "
        "F.binary_cross_entropy_with_logits takes scores of any size, and applies the sigmoid "
        "itself. Both refuse a target of another shape (ValueError). F.mse_loss computes in the "
        "wider dtype (before PyTorch 2.12 its backward() refuses), and broadcasts a target of "
        "another shape, with a warning: (N, 1) against (N,) compares each with each.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.BCEWithLogitsLoss.html",
        asks="'Found dtype Double but expected Float', 'all elements of input should be between 0 "
        "and 1', 'Using a target size that is different to the input size': which target and "
        "input does a loss take?",
        instead="target = torch.from_numpy(np.array([0, 1])).float()\n"
        "F.binary_cross_entropy_with_logits(torch.zeros(2, 1).squeeze(1), target)",
    ),
    Claim(
        "1.3.14",
        "softmax() and log_softmax() of any elements, mean(), std(), var() and norm() refuse "
        "integers and bools (RuntimeError): x.float() converts, and so does dtype=torch.float32 "
        "in softmax, log_softmax and mean. sum() and prod() of them give int64; x / 2 and sqrt() "
        "the default dtype. Along dim the numbers of F.softmax(x, dim) add up to 1 but for "
        "rounding (in float16 small ones become 0), or are NaN (of inf, NaN, or -inf alone), and "
        "F.log_softmax gives their logarithms. Without dim both warn, and take dimension 0 if x "
        "has none, one or three, else 1.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.functional.softmax.html",
        asks="\"log_softmax_lastdim_kernel_impl\" not implemented for 'Long', 'mean(): could not "
        "infer output dtype' (of old: 'Can only calculate the mean of floating types. Got Long "
        "instead'), 'Implicit dimension choice for softmax has been deprecated': what do "
        "softmax() and mean() want?",
        instead="x = torch.tensor([1, 2, 3])\nF.softmax(x.float(), dim=0), x.float().mean()",
    ),
    # 1.4 From a tensor to a NumPy array
    Claim(
        "1.4.1",
        "The array of numpy() shares the tensor's memory: a write to either shows in the other. "
        "The array of clone().numpy() is independent of the tensor.",
        _HOLDS,
        _NUMPY,
    ),
    Claim(
        "1.4.2",
        "torch.tensor(array) makes a copy of its own, and keeps the array's dtype. Although it "
        "copies, it refuses the arrays that from_numpy refuses.",
        _HOLDS,
        _TENSOR,
        instead="x = torch.tensor(np.arange(3)[::-1].copy())",
    ),
    Claim(
        "1.4.3",
        "A tensor on an accelerator cannot become an array by numpy() alone: to('cpu') must come "
        "first, as it does within numpy(force=True).",
        _HOLDS,
        _NUMPY,
        instead='x = torch.ones(3, device="cuda" if torch.cuda.is_available() else "cpu")\n'
        "array = x.cpu().numpy()",
    ),
    Claim(
        "1.4.4",
        "A tensor that requires grad cannot become an array by numpy() alone (RuntimeError): "
        "detach() must come first, as it does within numpy(force=True). What detach() returns "
        "shares memory with its source, so clone() still matters. Where grad mode is off, as in "
        "no_grad, numpy() takes the tensor as it is, and shares its memory.",
        _HOLDS,
        _NUMPY,
        instead="x = torch.ones(3, requires_grad=True)\narray = x.detach().numpy()",
    ),
    Claim(
        "1.4.5",
        "x.to('cpu').detach().clone().numpy() works wherever x is, with or without grad, for every "
        "dtype that NumPy has, and the array is independent of x.",
        _HOLDS,
        _NUMPY,
    ),
    Claim(
        "1.4.6",
        "The article's lines for that conversion run as printed.",
        _CORRECTED,
        _DOCS + "generated/torch.ones.html",
        truth="They use the name `device` one line before they assign it, so in a fresh session "
        "Python raises a NameError; with the two lines exchanged they work.",
        instead='device = "cpu"\nx = torch.ones([2, 2], device=device, requires_grad=True)',
    ),
    Claim(
        "1.4.7",
        "np.asarray(x) shares x's memory as numpy() does; np.array(x) copies, and so does "
        "np.asarray to another dtype. All refuse a tensor that requires grad, unless grad mode is "
        "off, and one that is not on the CPU (TypeError). A list of tensors of one shape they "
        "stack. np.from_dlpack(x) shares (bool since PyTorch 2.2), and refuses grad everywhere. "
        "x.detach().cpu().numpy(), and numpy(force=True), share memory with a tensor of the CPU, "
        "and copy one of an accelerator. Only clone(), or array.copy(), makes the array "
        "independent wherever x is.",
        _NEIGHBOUR,
        _NUMPY,
        asks="My array changes when I change the tensor. Why? And is it numpy(), np.asarray or "
        "np.array, and what of a tensor on cuda:0, or a list of tensors?",
        instead="x = torch.ones(3, requires_grad=True)\narray = x.detach().cpu().numpy().copy()",
    ),
    Claim(
        "1.4.8",
        "numpy() refuses dtypes that NumPy lacks, with force=True as well (TypeError): float() "
        "keeps every value of bfloat16 and float8, and tolist() takes them as they are. It "
        "refuses what conj() has only marked, and its imaginary part (RuntimeError): "
        "resolve_conj() and resolve_neg(), clone() or numpy(force=True) compute the values, and "
        "the array then has memory of its own.",
        _NEIGHBOUR,
        _NUMPY,
        asks='"Got unsupported ScalarType BFloat16", or "conjugate bit set": how do I convert '
        "then?",
        instead="array = torch.ones(3, dtype=torch.bfloat16).float().numpy()\n"
        "other = torch.ones(3, dtype=torch.complex64).conj().resolve_conj().numpy()",
    ),
    Claim(
        "1.4.9",
        "share_memory_() and sending to another process move a tensor to other memory: the "
        "array of from_numpy stays behind, and that of numpy() points to memory that is gone: "
        "reading it may crash. Move first, convert then. A computed result cannot be sent "
        "(RuntimeError): detach() it. A tensor that has shared, but not by DLPack, cannot "
        "grow: resize_() raises a RuntimeError, even once the array is gone, but takes the "
        "new shape: reading may crash. resize() of the array raises a ValueError while the "
        "tensor lives; refcheck=False may move it and leave the tensor behind.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.Tensor.share_memory_.html",
        asks="Why does my array no longer follow the tensor, or crash?",
        instead="x = torch.ones(3).share_memory_()\narray = x.numpy()",
    ),
    # 2.1 A layer's weight and bias
    Claim(
        "2.1.1",
        "layer.weight and layer.bias of a new Linear or Conv2d are nn.Parameters: they require "
        "grad and print as 'Parameter containing:'. Linear(3, 2) has a weight of shape (2, 3), a "
        "row for each output, and a bias of shape (2,), or None with bias=False. A Conv2d's "
        "weight has the shape (outputs, inputs / groups, kernel height, kernel width).",
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
        "weight.data is a plain Tensor without grad. It shares the weight's memory, until the "
        "weight gets other memory, as layer.double() gives it.",
        _HOLDS,
        _PARAMETER,
    ),
    Claim(
        "2.1.4",
        "A Linear multiplies its input's last dimension, whatever comes before, by weight.T, and "
        "adds its bias. It refuses another width, as RNN, GRU and, except in PyTorch 2.1 and 2.2, "
        "LSTM do, another dtype than its weight's (RuntimeError), and the tuple that RNN, GRU and "
        "LSTM return (TypeError): take its first. Without a hidden state they start from zeros. "
        "On the CPU BatchNorm, LayerNorm, GroupNorm and InstanceNorm with a weight refuse another "
        "dtype, but in float32 take bfloat16 (since 2.0) and float16 (since 2.3); in float16 "
        "Linear, Conv2d, LSTM and BatchNorm compute since 2.2, LayerNorm since 2.3.",
        _NEIGHBOUR,
        _LINEAR,
        asks='mat1 and mat2 shapes cannot be multiplied ("size mismatch, m1, m2" or "mat1 dim 1 '
        'must match mat2 dim 0" of old), or must have the same dtype (expected scalar type Float '
        "but found Double), or 'mixed dtype': what does a Linear or a norm take, and why not an "
        "LSTM's result?",
        instead="x = torch.from_numpy(np.ones((5, 3))).float()\nnn.Linear(3, 2)(x)",
    ),
    Claim(
        "2.1.5",
        "A Conv2d slides its kernel over the image without flipping it, and adds its bias. It "
        "takes a batch of images or a single one (4 or 3 dimensions), channels first. A side of H "
        "becomes (H + 2*padding - dilation*(kernel_size - 1) - 1) // stride + 1. Sizes given to "
        "it or a Linear are ints: nn.Linear(H / 2, 3) is a TypeError of empty(). It refuses other "
        "numbers of dimensions or channels, another dtype than its weight's, and an image that "
        "with its padding is smaller than the kernel (RuntimeError).",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.Conv2d.html",
        asks="Does Conv2d flip its kernel, how large is its result, and why does it expect 3 "
        "channels, or 4-dimensional input for 4-dimensional weight? 'empty() received an invalid "
        "combination of arguments - got (tuple, dtype=NoneType, device=NoneType)' (of old)?",
        instead="image = torch.ones(5, 4, 3)  # height, width, channels\n"
        "nn.Conv2d(3, 8, 3)(image.permute(2, 0, 1))",
    ),
    Claim(
        "2.1.6",
        "A layer refuses a plain tensor in a parameter's place, and a net a function or a plain "
        "tensor in a module's place (TypeError), which a Parameter takes. A weight that requires "
        "grad refuses changes in place (RuntimeError). Within no_grad, layer.weight.copy_(x) sets "
        "its values, as layer.weight.detach().zero_() does anywhere, and clamp_(min=0) after each "
        "step() keeps it in a range; layer.weight = nn.Parameter(x) puts another in its place. "
        "Under a parametrization (spectral_norm) or pruning layer.weight is computed anew each "
        "time: what is written into it is lost. Initialise layer.parametrizations.weight.original "
        "or, of pruning, layer.weight_orig.",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.register_parameter",
        asks="cannot assign 'torch.FloatTensor' as parameter 'weight': how do I set a weight? I "
        "initialised the weight of a layer with weight_norm or spectral_norm, and nothing "
        "changed. Why?",
        instead="layer, x = nn.Linear(3, 2), torch.ones(2, 3)\n"
        "with torch.no_grad(): layer.weight.copy_(x)",
    ),
    Claim(
        "2.1.8",
        "The weight of an nn.LazyLinear has no shape before its first input, or a state_dict that "
        "it loads. The first input sets in_features (before 2.8 not after a state_dict) and "
        "makes it a Linear. Its Parameters stay the same objects, so that an optimizer made before "
        "updates them; Adagrad refuses them (ValueError).",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.LazyLinear.html",
        asks="Attempted to use an uninitialized parameter: when does a lazy layer get its shape? "
        "'Lazy modules are a new feature under heavy development' (of old)?",
        instead="layer = nn.Linear(3, 2)  # its weight has a shape from the start\n"
        "layer.weight.shape",
    ),
    # 2.2 Initialisation
    Claim(
        "2.2.1",
        "The functions of nn.init whose names end in _ change the parameter in place and return "
        "it; it stays a Parameter, frozen or not, and autograd records nothing. The names without "
        "_ are deprecated.",
        _HOLDS,
        _INIT,
        instead="nn.init.normal_(nn.Linear(3, 2).weight)",
    ),
    Claim(
        "2.2.2",
        "normal_(w, mean, std) draws from that normal distribution, uniform_(w, a, b) from that "
        "uniform one, and constant_(w, c) sets every element to c, if w's dtype can hold it: "
        "float16, bfloat16, float32 or float64. A std below 0 and an a above b are refused "
        "(RuntimeError).",
        _HOLDS,
        _INIT,
    ),
    Claim(
        "2.2.3",
        "xavier_normal_(w, gain) draws normally about 0, with std gain * sqrt(2 / (fan_in + "
        "fan_out)); gain is 1 unless given. nn.init.calculate_gain gives sqrt(2) for 'relu', 5/3 "
        "for 'tanh', 1 for 'linear', 'conv2d' and 'sigmoid', and sqrt(2 / (1 + a**2)) for "
        "'leaky_relu', whose a is 0.01 unless given. It and kaiming_normal_ refuse 'silu', 'gelu' "
        "and 'elu' as a nonlinearity (ValueError).",
        _HOLDS,
        _INIT,
    ),
    Claim(
        "2.2.4",
        "He's initialisation is nn.init.kamiming_normal_.",
        _CORRECTED,
        _INIT,
        truth="There is no such name; the function is kaiming_normal_ (after Kaiming He). It "
        "draws normally about 0, with std sqrt(2 / fan_in). fan_in is a Linear's number of "
        "inputs, fan_out that of its outputs. mode='fan_out' takes fan_out in its place, and "
        "nonlinearity and a (the slope of a leaky ReLU) a factor other than sqrt(2).",
        instead="nn.init.kaiming_normal_(nn.Linear(3, 2).weight)",
    ),
    Claim(
        "2.2.5",
        "A bias is initialised the same way as a weight.",
        _CORRECTED,
        _INIT,
        truth="normal_, uniform_ and constant_ do what they say to a bias too. The "
        "initialisations of Xavier and He refuse it with a ValueError, as they do any tensor of "
        "fewer than two dimensions (He's take an empty one, and warn): fan_in and fan_out are "
        "defined from two on.",
        instead="layer = nn.Linear(3, 2)\n"
        "nn.init.kaiming_normal_(layer.weight); nn.init.zeros_(layer.bias)",
    ),
    Claim(
        "2.2.6",
        "nn.Linear is initialised by He's method unless told otherwise.",
        _CORRECTED,
        _LINEAR,
        truth="It draws weight and bias uniformly between -1/sqrt(fan_in) and 1/sqrt(fan_in), the "
        "weight by kaiming_uniform_ with a=sqrt(5). Its variance, 1/(3*fan_in), is a sixth of "
        "He's, 2/fan_in, and its shape is not normal.",
    ),
    Claim(
        "2.2.7",
        "A Conv1d, Conv2d or Conv3d draws as a Linear does, with the channels of a group "
        "times the elements of a kernel as fan_in. Normalisations start with weights of 1 and "
        "biases of 0, an Embedding from the standard normal distribution with zeros at "
        "padding_idx, an LSTM, GRU or RNN uniformly within 1/sqrt(hidden_size), and the "
        "biases of a MultiheadAttention's projections at 0. The row at padding_idx gets no "
        "gradient, but an initialiser overwrites it. A Linear or Conv2d without elements, "
        "such as Linear(2, 0), warns.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.Conv2d.html",
        asks="How are Conv2d, BatchNorm, Embedding and LSTM initialised unless told otherwise?",
    ),
    Claim(
        "2.2.8",
        "After torch.manual_seed(n) the same layers, initialisers and dropouts draw the same "
        "numbers again, if they come in the same order, on the same release and device: one Linear "
        "more, used or not, changes what comes after it. NumPy's and Python's generators "
        "manual_seed leaves alone. With generator= (since PyTorch 2.2) an "
        "initialiser draws from that one, and leaves the global generator alone; sparse_ draws "
        "from both.",
        _NEIGHBOUR,
        _DOCS + "notes/randomness.html",
        asks="How do I get the same weights in every run? Why does a layer that I never use change "
        "my results?",
    ),
    Claim(
        "2.2.9",
        "net.apply(f) calls f on every module of the net, those within before those around them, "
        "and returns the net. f asks what it was given: isinstance(m, nn.Linear). A ReLU, a "
        "Dropout and an nn.Sequential have no weight (AttributeError). An initialiser itself is no "
        "such function, since it takes tensors. reset_parameters() of a Linear, Conv2d, Embedding, "
        "LSTM or BatchNorm draws its Parameters anew, as its making did.",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.apply",
        asks="How do I initialise all layers of a model, or reset them? 'ReLU' object has no "
        "attribute 'weight'?",
        instead="net = nn.Sequential(nn.Linear(3, 2))\n"
        "net.apply(lambda m: isinstance(m, nn.Linear) and nn.init.zeros_(m.bias))",
    ),
    Claim(
        "2.2.10",
        "xavier_uniform_ and kaiming_uniform_ draw uniformly within sqrt(3) times the std of "
        "xavier_normal_ and kaiming_normal_. trunc_normal_ draws normally between a and b, which "
        "are -2 and 2 whatever the std (before PyTorch 2.12 some in float16 and bfloat16 are "
        "exactly those); an a above b is refused (RuntimeError). orthogonal_(w, gain) makes the "
        "rows orthonormal times gain, or the columns if they are fewer; it refuses a kernel in "
        "channels_last, and on the CPU float16 and bfloat16 (RuntimeError). eye_ makes a matrix "
        "the identity, and dirac_ makes a convolution return the channels that it is given.",
        _NEIGHBOUR,
        _INIT,
        asks="What do the uniform ones, trunc_normal_, orthogonal_, eye_ and dirac_ make of a "
        "weight? 'Expected a_in <= b_in to be true'?",
        instead="nn.init.eye_(torch.empty(3, 3))  # a matrix\n"
        "nn.init.dirac_(torch.empty(3, 3, 5, 5))  # a kernel",
    ),
    # 2.3 A model's parameters
    Claim(
        "2.3.1",
        "net.parameters() yields each Parameter once, in the order in which they were registered, "
        "a module's own before those of the modules in it: it is a generator, which one pass "
        "empties, and net.parameters()[0] is a TypeError. A name that is set again keeps its "
        "place; deleted first, it comes last. del net[0] renumbers the rest of an nn.Sequential. "
        "For a Conv2d, a BatchNorm2d and a ReLU these are the convolution's weight and bias, then "
        "the batch norm's weight (ones) and bias (zeros), and none for the ReLU.",
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
        "running_mean, running_var and num_batches_tracked, the last of which a plain dict may "
        "lack when it is loaded. named_parameters() names the parameters alone.",
        instead="net = nn.Linear(3, 2); net(torch.ones(1, 3)).sum().backward()\n"
        "gradients = [(name, p.grad) for name, p in net.named_parameters()]",
    ),
    Claim(
        "2.3.5",
        "A Module knows only what is an attribute of it. Modules and Parameters in a plain list "
        "or dict are in neither parameters() nor state_dict(), and eval() and to() pass them by; "
        "nn.ModuleList, ModuleDict and ParameterList hold what is found, also what append(), "
        "extend() or update() adds. A ModuleList's += and extend() refuse a single layer, a "
        "ModuleDict keys but strings (TypeError). An attribute that was None takes a module or a "
        "Parameter later. An optimizer refuses an empty list (ValueError), which is also what is "
        "left of parameters() after one pass.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.ModuleList.html",
        asks="optimizer got an empty parameter list: why are my layers not in parameters()?",
        instead="net = nn.ModuleList([nn.Linear(3, 2), nn.Linear(2, 1)])\n"
        "optim.SGD(net.parameters(), lr=0.1)",
    ),
    Claim(
        "2.3.6",
        "A plain tensor as a Module's attribute is neither moved by to() nor in state_dict(). "
        "Arithmetic with another device's tensors is refused (RuntimeError), except of a CPU "
        "tensor without dimensions (and some on meta, as @). register_buffer has it moved and "
        "saved, with persistent=False only moved; parameters() lacks it, so no optimizer updates "
        "it. nn.Parameter(x, requires_grad=False) learns after net.requires_grad_(). A buffer is "
        "saved once it is not None; until then its key is unexpected. register_buffer, "
        "register_parameter and add_module refuse another attribute's name, '', one with a dot "
        "(KeyError), no string, and values like 5 (TypeError).",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.register_buffer",
        asks="My tensor attribute stays on the CPU and is not saved. Why? A buffer, or a Parameter "
        "with requires_grad=False? 'Expected all tensors to be on the same device', or "
        "'attribute already exists' from register_buffer?",
        instead='net = nn.Linear(3, 2)\nnet.register_buffer("mean", torch.tensor([1.0, 2.0]))',
    ),
    Claim(
        "2.3.7",
        "A Parameter that several modules share, as after one.weight = other.weight, or a layer "
        "that is used several times, as in [layer] * 3, comes once in parameters(), under its "
        "first name, and under every name in state_dict(). It gets the sum of all gradients. So "
        "sum(p.numel() for p in net.parameters()) counts every number once; p.requires_grad tells "
        "those that learn. nn.Parameter(w.T), like one.weight.data = w.T, gives another Parameter "
        "w's memory: a step of either changes both, and each has a gradient of its own, until "
        "net.double() or the like parts them.",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.named_parameters",
        asks="How do I share (tie) the weights of two layers, how are they counted, and how do I "
        "count a model's parameters?",
    ),
    Claim(
        "2.3.8",
        "net.to() and double() change the net and return it; its Parameters stay the same "
        "objects, which an older optimizer updates (but see 2.4.3). On the meta device, and when "
        "to_empty() brings them back (to() refuses: NotImplementedError), new Parameters take "
        "their place. Buffers that change are replaced; integers keep their dtype. x.to() of a "
        "tensor leaves x alone, and returns another, or x if nothing changes: inputs need x = "
        "x.to(device), as layers with weights refuse another device's (RuntimeError), but some "
        "take meta's. A net has no device or dtype (AttributeError): ask "
        "next(net.parameters()).device.",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.to",
        asks="Must I move the model before I make the optimizer, and assign what to() returns? How "
        "do I get the device of a model? "
        '"Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) should be '
        'the same", "Tensor is on CPU, but expected it to be on GPU", "Cannot copy out of meta '
        'tensor"?',
        instead="net = nn.Linear(3, 2).to(torch.float64)",
    ),
    Claim(
        "2.3.9",
        "load_state_dict copies values into the net's own Parameters and buffers, which keep "
        "their dtype; assign=True (since PyTorch 2.1) puts the loaded tensors there, which an "
        "older optimizer does not update, and keeps requires_grad (since 2.3). A missing or "
        "unexpected key is a RuntimeError after the others were loaded, with strict=False "
        "reported (below a module that is None it is ignored); <All keys matched successfully> is "
        "no error. Another shape (except (1,), of old any, where the net's has no dimensions), no "
        "tensor (RuntimeError) and no dict (TypeError) are refused: drop the key, use "
        "strict=False. nn.DataParallel puts module. before every key: "
        "key.removeprefix('module.').",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.load_state_dict",
        asks="Missing key(s) in state_dict, Unexpected key(s), size mismatch: what was loaded, "
        "and what do strict=False and assign=True do? Is '<All keys matched successfully>' an "
        "error, or of old IncompatibleKeys(missing_keys=[], unexpected_keys=[])?",
        instead='net, state = nn.Linear(1, 1), {"module.weight": torch.ones(1, 1), '
        '"module.bias": torch.ones(1)}\n'
        'net.load_state_dict({key.removeprefix("module."): it for key, it in '
        "state.items()})",
    ),
    Claim(
        "2.3.10",
        "state_dict() holds the net's own memory, without grad: a kept one changes with every "
        "step, a copy.deepcopy does not. torch.save and torch.load bring every bit back (before "
        "PyTorch 2.6 not uint16 to uint64: KeyError), as a dict without eval(), for "
        "load_state_dict(); a tuple stays one. Since 2.6 torch.load refuses by default other "
        "classes, such as a whole net (UnpicklingError; 2.4 and 2.5 warn); "
        "torch.serialization.add_safe_globals([Config]) allows a class (since 2.4). "
        "weights_only=False takes all, runs the file's code, and needs a net's class under its "
        "name (AttributeError). What was saved on a missing device needs map_location='cpu'.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.load.html",
        asks='"Weights only load failed", "GLOBAL ... was not an allowed global by default", '
        "\"'OrderedDict' object has no attribute 'eval'\", \"Attempting to deserialize object on "
        'CUDA device": how do I save and load a model? Why has the best state_dict() that I kept '
        "changed?",
        instead="torch.save(nn.Linear(3, 2).state_dict(), 'net.pt')\n"
        "nn.Linear(3, 2).load_state_dict(torch.load('net.pt', weights_only=True))",
    ),
    Claim(
        "2.3.11",
        "net.requires_grad_(False) freezes every parameter; net.requires_grad = False only sets "
        "an attribute. Layers before a frozen one still learn; before one that is run in no_grad, "
        "or whose result is detached, they do not. backward() refuses a net that is frozen as a "
        "whole, unless its input requires grad. An optimizer may hold what is frozen: step() "
        "leaves it alone, but if it was frozen after backward(), set its .grad to None. One that "
        "no optimizer was given stays, but its gradients add up until net.zero_grad(): so do "
        "those of a GAN's G in D(G(z)), but not in D(G(z).detach()).",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.requires_grad_",
        asks="requires_grad=False, no_grad or detach(): how do I freeze a part of a model, and "
        "why does it still change? Why D(G(z).detach()) in a GAN? Must I give the optimizer only "
        "what requires grad?",
        instead="net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 1)); "
        "net[0].requires_grad_(False)\n"
        "net(torch.ones(1, 3)).sum().backward()",
    ),
    Claim(
        "2.3.12",
        "A Module's __init__ must call super().__init__() before it assigns a module or "
        "Parameter; without it parameters(), eval() and a call fail too (AttributeError). A "
        "Module without forward, as nn.ModuleList is, cannot be called (NotImplementedError), nor "
        "can nn.ParameterList (RuntimeError). nn.DataParallel(net) has the net's own attributes "
        "only in its `module` (AttributeError); a net that is not wrapped has no `module` "
        "(AttributeError).",
        _NEIGHBOUR,
        _MODULE,
        asks="cannot assign module before Module.__init__() call, or no attribute '_modules': what "
        "is wrong with my class?",
        instead="class Net(nn.Module):\n"
        "    def __init__(self): super().__init__(); self.layer = nn.Linear(3, 2)",
    ),
    Claim(
        "2.3.13",
        "net(x) calls forward(x) and the net's hooks; net.forward(x) only those of layers it "
        "calls. A layer of one input refuses net() and net(x, y) (TypeError). A "
        "register_forward_hook's function sees the layer, a tuple of inputs and the result, "
        "replaced by what it returns, unless None; a register_forward_pre_hook's the inputs; "
        "until remove(). Named inputs need with_kwargs=True (since 2.0). modules() yields the net "
        "and all within once, children() its own; get_submodule('0.relu') finds one. net[0] "
        "(beyond: IndexError) and net[:2] are an nn.Sequential's own layers. net.fc = "
        "nn.Identity() leaves a layer out. nn.Sequential(*net.children()) lacks the rest of "
        "forward().",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.register_forward_hook",
        asks="net(x) or net.forward(x)? How do I get the result of a layer within, or leave the "
        'last one out? modules() or children()? "forward() takes 2 positional arguments but 3 '
        'were given", "missing 1 required positional argument"?',
    ),
    Claim(
        "2.3.14",
        "torch.save of a list or a dict keeps which tensors share memory (of several dtypes: "
        "RuntimeError), and so does copy.deepcopy, but copies a Parameter apart; pickle keeps "
        "only a tensor that is there twice; copied separately, they share nothing. A view is "
        "saved with all memory of its base: save x[:2].clone(). A Parameter comes back as a "
        "Parameter, frozen or not, a computed result as a leaf, and neither with its .grad. "
        "torch.load refuses a file that was cut short (mostly RuntimeError), an empty one "
        "(EOFError), and one that cannot seek (AttributeError, OSError).",
        _NEIGHBOUR,
        _DOCS + "notes/serialization.html#saving-and-loading-tensors-preserves-views",
        asks="Why is the file of a small slice so large? 'PytorchStreamReader failed reading zip "
        "archive: failed finding central directory', 'Ran out of input': what is wrong with my "
        "file?",
        instead="x = torch.ones(1000, 1000)\ntorch.save(x[:2].clone(), 'slice.pt')",
    ),
    Claim(
        "2.3.15",
        "A call runs the pre-hooks, then forward(), then the forward hooks; where forward() "
        "raises, only those with always_call=True (since PyTorch 2.1). Those for all modules, of "
        "nn.modules.module.register_module_forward_hook, run before a module's own, what they "
        "return replaces, too; each run in order of registration, with prepend=True (since 2.0) "
        "before the module's others. One may remove itself while it runs (not where forward() "
        "raised): the others run nevertheless. Registered twice, a function runs twice. A "
        "register_load_state_dict_post_hook's function sees the net loaded, missing_keys and "
        "unexpected_keys: if it clears these, strict=True refuses nothing but a wrong shape "
        "(RuntimeError).",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.register_forward_hook",
        asks="In which order do hooks run, and before or after forward()? May a hook remove "
        "itself? How do I hook every module at once, or let load_state_dict() forgive a key?",
        instead="net = nn.Linear(1, 1)\n"
        "net.register_load_state_dict_post_hook(lambda net, keys: keys.missing_keys.clear())",
    ),
    # 2.4 The optimizer's parameters
    Claim(
        "2.4.1",
        "An optimizer is given net.parameters(). Its step() updates those Parameters alone, in "
        "place, under no_grad (unless differentiable); it knows no loss, and passes over those "
        "whose .grad is None. SGD, Adam and AdamW, by default, move a complex one as they would "
        "its real and imaginary part (SGD but for rounding). register_step_pre_hook and "
        "register_step_post_hook (since PyTorch 2.0) have a function called before and after "
        "each, until remove(). step(closure) first calls closure, with gradients on, and returns "
        "its loss; LBFGS's needs one (TypeError). [*one.parameters(), *other.parameters()] joins "
        "those of two nets, which + refuses (TypeError).",
        _HOLDS,
        _OPTIM,
    ),
    Claim(
        "2.4.2",
        "optimizer.param_groups is a list of dicts with every setting, as print(optimizer) shows, "
        "and all parameters: [0]['lr'] is the learning rate, [0]['params'][0] the net's first "
        "parameter. A rate or weight_decay set there counts from the next step (once it has "
        "stepped, ASGD's rate from the one after, Rprop's never). SGD, Adam, AdamW, RMSprop and "
        "Adagrad refuse a negative lr=, momentum= or weight_decay= (ValueError), but no group's "
        "lr. Dicts like {'params': a, 'lr': 1e-3} become groups (not in LBFGS); the optimizer's "
        "settings fill the gaps. Biases and norms decay, too, unless their group has "
        "weight_decay=0.",
        _HOLDS,
        _OPTIM + "#per-parameter-options",
    ),
    Claim(
        "2.4.3",
        "An optimizer keeps the Parameter objects that it was given. A layer or a Parameter put "
        "into the net later, as by a forward() that makes its layers, is not updated, until "
        "add_param_group() or a new optimizer takes it. "
        "Once net.to() has changed their dtype, step() of Adam and AdamW refuses if they had "
        "stepped before, and that of Adagrad on the CPU before PyTorch 2.2 always (RuntimeError): "
        "optimizer.load_state_dict(optimizer.state_dict()) converts what they keep. Before PyTorch "
        "2.12 Adagrad's step() fails after add_param_group() (KeyError).",
        _NEIGHBOUR,
        _DOCS + "generated/torch.optim.Optimizer.add_param_group.html",
        asks="I replaced the last layer, or make layers in forward(). Why do they not learn? Why "
        "does step() fail after net.double(): 'expected dtype float for `end` but got dtype "
        "double'?",
    ),
    Claim(
        "2.4.4",
        "backward() adds to .grad until zero_grad() of the optimizer, or of the net, clears the "
        "gradients of its own parameters: to None since PyTorch 2.0, to zeros before, as "
        "set_to_none=False still does. Call it anywhere but between backward() and step(). The "
        "mean losses of n equal batches, each divided by n, add up to the gradient of their mean. "
        "Zeros are not None: with weight decay, AdamW or, after other gradients, momentum or Adam "
        "a step still moves the parameter; with None it stays. A tensor has no zero_grad() "
        "(AttributeError): set x.grad = None.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.optim.Optimizer.zero_grad.html",
        asks="Why must I call zero_grad(), why is .grad None after it, and why do weights with "
        "zero gradients still change? Do I divide the loss when I accumulate gradients?",
    ),
    Claim(
        "2.4.5",
        "SGD and Adam add weight_decay * w to the gradient g (-g with maximize), AdamW multiplies "
        "w by 1 - lr * weight_decay, and neither changes .grad (foreach=True may). SGD's v is g "
        "in the first step or without momentum, and momentum * v + (1 - dampening) * g later; w "
        "moves by -lr * v, or with nesterov by -lr * (g + momentum * v). On the CPU fused=True is "
        "wrong for a parameter with gaps in memory and, before PyTorch 2.14, left most of a "
        "float16 or bfloat16 one unchanged.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.optim.SGD.html",
        asks="What exactly do momentum, dampening and nesterov do, and weight_decay in Adam and "
        "AdamW? Is the decay in .grad?",
    ),
    Claim(
        "2.4.6",
        "to() for another dtype or device, clone(), arithmetic and indexing give a computed, "
        "plain Tensor, even of a Parameter, which no module registers; if it has a grad_fn, an "
        "optimizer refuses it (ValueError), but for retain_grad() or differentiable=True. "
        "nn.Parameter(x.to(device)) is a leaf, and registered. An optimizer also refuses an empty "
        "list, a parameter in two groups (ValueError), the net itself (but not a ParameterList) "
        "and a tensor outside a list (TypeError); one twice in a list it moves twice, and warns. "
        "A tensor without grad moves only once it has a .grad.",
        _NEIGHBOUR,
        _OPTIM,
        asks="can't optimize a non-leaf Tensor (or of old optimizing a parameter that doesn't "
        "require gradients): what is wrong with mine, and why is "
        "nn.Parameter(...).to('cuda') not in parameters()?",
        instead="x = nn.Parameter(0.01 * torch.ones(3, dtype=torch.float64))\n"
        "optim.SGD([x], lr=0.1)",
    ),
    Claim(
        "2.4.7",
        "An optimizer that loads another's state_dict() goes on exactly like it (NAdam and ASGD "
        "exactly only in float32), on its own parameters. Its buffers, except step, take their "
        "dtype and device. Since PyTorch 2.1 both share what needs no conversion, unless the "
        "state was deep-copied. Another number of parameters or groups is refused, other shapes "
        "mostly in step() (RuntimeError). SGD, RMSprop, Adagrad and Adam cannot go on from one "
        "another's state, nor Adam and Adamax after a step (KeyError, often in step()). "
        "capturable=True, which Adam and AdamW load, refuses the CPU in step() (AssertionError).",
        _NEIGHBOUR,
        _DOCS + "generated/torch.optim.Optimizer.load_state_dict.html",
        asks="How do I resume training with the same optimizer, on another device too? "
        "Why \"KeyError: 'momentum'\", 'The size of tensor a must match the size of tensor b' or "
        "'If capturable=False, state_steps should not be CUDA tensors' in step()?",
        instead="one, other = (optim.SGD(nn.Linear(3, 2).parameters(), lr=lr) for lr in (0.1, "
        "0.5))\n"
        "other.load_state_dict(one.state_dict())",
    ),
    Claim(
        "2.4.8",
        "nn.utils.clip_grad_norm_(parameters, most) returns the norm of all gradients together, as "
        "it was, and multiplies each in place by most / (norm + 1e-6) if that is less than 1. "
        "clip_grad_value_ clamps each element. Both change .grad alone, so they stand between "
        "backward() and step(); where gradients add up, after the last backward(), since clipping "
        "in between shrinks the earlier ones alone. A norm that is infinite or NaN makes every "
        "gradient zero or NaN, unless error_if_nonfinite=True refuses it (RuntimeError).",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.utils.clip_grad_norm_.html",
        asks="How do I clip gradients, also accumulated ones, and why is the norm that I get "
        "larger than my limit?",
        instead="w = nn.Parameter(torch.ones(2)); (100 * w).sum().backward()\n"
        "norm = nn.utils.clip_grad_norm_([w], 1.0)  # and then optimizer.step()",
    ),
    Claim(
        "2.4.9",
        "A scheduler takes nothing but an optimizer (most: TypeError); its step() sets 'lr' in "
        "all param_groups, and moves no parameter; get_last_lr() is what it set "
        "(ReduceLROnPlateau's since PyTorch 2.2). It counts its own step()s, by epoch or batch: "
        "StepLR(sgd, 30) lowers the rate in the 30th. Call optimizer.step() first: else it is a "
        "step ahead, and warns, except CosineAnnealingWarmRestarts and ReduceLROnPlateau. To "
        "resume, make optimizer and scheduler, then load both states; made after, LambdaLR and "
        "others set another rate. With most, last_epoch=5 needs each group's 'initial_lr' "
        "(KeyError), and step(epoch), which gives the same rates, and get_lr() warn.",
        _NEIGHBOUR,
        _OPTIM + "#how-to-adjust-learning-rate",
        asks="Detected call of lr_scheduler.step() before optimizer.step(): in which order, what "
        "does a scheduler change, and at which epoch does StepLR change it first? Why is the "
        "rate another after loading a checkpoint?",
        instead="sgd = optim.SGD(nn.Linear(3, 2).parameters(), lr=1.0)\n"
        "rates = optim.lr_scheduler.StepLR(sgd, 10); sgd.step(); rates.step()",
    ),
    Claim(
        "2.4.10",
        "StepLR, ExponentialLR and CosineAnnealingLR made anew go on from the rate they find: "
        "after a whole cosine, at eta_min for T_max steps. First set each group's 'lr' to its "
        "'initial_lr', or take CosineAnnealingWarmRestarts. SequentialLR gives in turn what each "
        "gives alone (not with CyclicLR, OneCycleLR, ReduceLROnPlateau or schedulers of "
        "schedulers; MultiplicativeLR goes on); ChainedScheduler steps all each time. ConstantLR "
        "gives a third of the rate for 5 steps, LinearLR grows from there; both refuse factors "
        "outside 0 to 1, LinearLR also to start at 0 (ValueError). CyclicLR and OneCycleLR move "
        "momentum or (CyclicLR since PyTorch 2.3) betas[0], too, or refuse (ValueError), unless "
        "cycle_momentum=False.",
        _NEIGHBOUR,
        _OPTIM + "#how-to-adjust-learning-rate",
        asks="Why is the learning rate stuck at 0 after I made a new CosineAnnealingLR? How do I "
        "warm up, or use several schedulers: at which rate does the next one of SequentialLR "
        "start? 'optimizer must support momentum or beta1 with `cycle_momentum` option enabled'?",
        instead="s, sgd = optim.lr_scheduler, optim.SGD(nn.Linear(3, 2).parameters(), lr=1.0)\n"
        "s.SequentialLR(sgd, [s.LinearLR(sgd, 0.1), s.CosineAnnealingLR(sgd, 9)], milestones=[5])",
    ),
    Claim(
        "2.4.11",
        "Neither a net's state_dict() nor a net saved whole holds its optimizer. To resume, save "
        "{'net': net.state_dict(), 'optimizer': optimizer.state_dict(), 'scheduler': "
        "scheduler.state_dict()}, and torch.get_rng_state() if the net drops out; make all anew, "
        "load each state: training goes on exactly. An optimizer refuses the whole dict, a net's "
        "and a scheduler's (KeyError: 'param_groups'); StepLR takes any, unnoticed. The learning "
        "rate given to a new optimizer is lost when it loads: set it in param_groups afterwards. "
        "Old files load without newer settings, such as maximize, and into Adam, AdamW, Adagrad "
        "and Adamax with plain numbers for step.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.optim.Optimizer.load_state_dict.html",
        asks="What do I save to resume training: does a saved net hold its optimizer? Why is the "
        "learning rate that I gave the new optimizer lost? KeyError: 'param_groups'? 'Please also "
        "save or load the state of the optimizer when saving or loading the scheduler'?",
        instead="net = nn.Linear(3, 2); sgd = optim.SGD(net.parameters(), lr=0.1, momentum=0.9)\n"
        "torch.save({'net': net.state_dict(), 'optimizer': sgd.state_dict()}, 'checkpoint.pt')",
    ),
    Claim(
        "2.4.12",
        "ReduceLROnPlateau's step(loss) multiplies the rates by factor (0.1) after more than "
        "`patience` (10) steps in a row without a better loss (patience=2: the third); then it "
        "counts anew, after cooldown (0) more. Better is less than 0.9999 times the best "
        "(threshold=1e-4), or with mode='max' more than 1.0001 times. No rate falls below min_lr "
        "(0, or one a group); falls of 1e-8 or less are left out. MultiStepLR(sgd, [30, 80]) "
        "multiplies them by gamma (0.1) in its 30th and 80th step(). OneCycleLR ends at "
        "total_steps (ValueError). verbose= is refused since PyTorch 2.7 (TypeError): print "
        "get_last_lr().",
        _NEIGHBOUR,
        _OPTIM + "#how-to-adjust-learning-rate",
        asks="When does ReduceLROnPlateau lower the rate: what does patience mean? What are the "
        "milestones of MultiStepLR? 'The verbose parameter is deprecated'?",
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
        "registered within it, however deep, and returns the module. A new module is in training "
        "mode. train() trains nothing: it only sets `training`.",
        _HOLDS,
        _MODULE + "#torch.nn.Module.eval",
        instead="nn.Dropout().train(mode=False)",
    ),
    Claim(
        "3.3",
        "Dropout in training zeroes each element with probability p (an infinite one becomes NaN) "
        "and multiplies the others by 1/(1-p), so that on average the mean stays. Unless p is 0 "
        "or 1, it refuses integers and bool, which cannot be scaled so, and on the CPU, before "
        "PyTorch 2.2, float16, and before 2.15 complex numbers; unless p is 0, on the CPU it "
        "refuses float8 (RuntimeError). A p below 0 or above 1 is refused (ValueError). In "
        "evaluation it returns its input itself.",
        _HOLDS,
        _DROPOUT,
        instead="nn.Dropout(p=0.5)(torch.arange(3).float())",
    ),
    Claim(
        "3.4",
        "BatchNorm in training normalises by the batch's mean and (biased) variance, to which it "
        "adds eps before the root, and moves its running statistics to the batch's mean and "
        "(unbiased) variance: a tenth of the way, unless told another momentum. backward() goes "
        "through the mean and variance: in each channel the gradients of its input add up to 0, "
        "but for rounding. A channel of equal values gives its bias, but for rounding, which a "
        "small eps magnifies; since PyTorch 2.10 training refuses eps=0 (ValueError). Before "
        "PyTorch 2.6 a large batch of float16 overflows.",
        _HOLDS,
        _BATCH_NORM,
    ),
    Claim(
        "3.5",
        "BatchNorm in evaluation normalises by its running statistics, if it has any, and leaves "
        "them alone. To backward() they are constants: even where the results agree with "
        "training's, the gradients before it may not.",
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
        "statistics differ give different results in evaluation. Made with "
        "track_running_stats=False it has none, and eval() changes nothing.",
    ),
    Claim(
        "3.7",
        "eval() and no_grad() do different things, and a prediction wants both. eval() leaves "
        "grad mode and every requires_grad as they are, and still records a graph; backward() "
        "works; only the RNN, LSTM and GRU of cuDNN are said to want training mode for it. "
        "no_grad(), like inference_mode(), leaves dropout on, running statistics moving and every "
        "requires_grad as it is; in evaluation it changes no more of a result than its last "
        "digits, and what attention layers give with a mask or nn.GELU('tanh') (3.17).",
        _NEIGHBOUR,
        _AUTOGRAD + "#evaluation-mode-nn-module-eval",
        asks='model.eval() or torch.no_grad(): do I need both? And "cudnn RNN backward can only '
        'be called in training mode"?',
        instead="net = nn.Linear(3, 1).eval()\nwith torch.no_grad(): net(torch.ones(1, 3))",
    ),
    Claim(
        "3.8",
        "Without eval() two predictions of the same input differ where dropout is used; with a "
        "batch norm each depends on its batch and changes later results. In evaluation a "
        "Linear, a convolution and a batch norm with running statistics give a row the same with "
        "any others, but for its last digits. load_state_dict() "
        "brings the running statistics, which are buffers and not among parameters(), but not "
        "the mode: call eval() after it. A copied or pickled net keeps its mode. Evaluation "
        "lasts until train().",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.eval",
        asks="I predict twice, with another batch size or with a loaded model, and get another "
        "result. Why? Do I need eval() after load_state_dict()?",
    ),
    Claim(
        "3.9",
        "Running statistics start at mean 0 and variance 1, so a fresh batch norm hardly changes "
        "its input in evaluation. Each training batch moves them: running = (1 - momentum) * "
        "running + momentum * batch; after n, (1 - momentum)**n of the start is left. Momentum 0 "
        "never moves them, 1 keeps the last, None averages all; a NaN or infinity leaves its "
        "channel's not finite until a reset. checkpoint(f, x) of torch.utils.checkpoint moves "
        "them twice. The gradient of an evaluation uses the statistics at backward(), even if a "
        "batch has moved them since.",
        _NEIGHBOUR,
        _BATCH_NORM,
        asks="My model is good in train() and bad in eval(). Why? What does momentum mean: is it "
        "0.1 or 0.9? And None?",
    ),
    Claim(
        "3.10",
        "eval() reaches modules, not functions: F.dropout(x) in forward() drops in evaluation "
        "too, unless it is given training=self.training, and so do "
        "F.scaled_dot_product_attention(dropout_p=) and an nn.Dropout() made in forward(); a "
        "batch norm made there normalises by its batch. F.alpha_dropout drops in neither mode "
        "unless told to. F.batch_norm evaluates in both modes unless it is given training=True; "
        "only then may its running statistics be None (RuntimeError).",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.functional.dropout.html",
        asks="Dropout or a layer made in forward() is still in training after model.eval(). Why? "
        "'running_mean must be defined in evaluation mode'?",
    ),
    Claim(
        "3.11",
        "Each module has a mode of its own, and the call that came last decides: after eval() of "
        "a net, train() of its Dropouts switches them alone back on. eval() calls train() of each "
        "registered module: a train() that a part overrides decides for it, and returns what "
        "eval() of that part returns; an eval() that a part overrides is not called. Modules in a "
        "plain list or dict stay in training.",
        _NEIGHBOUR,
        _MODULE + "#torch.nn.Module.eval",
        asks="A part of my model stays in training mode after eval(). Why? How do I keep dropout "
        "on when I predict (Monte Carlo dropout)?",
    ),
    Claim(
        "3.12",
        "BatchNorm in training refuses a batch with one value a channel, such as a last batch of "
        "one row; in evaluation it takes it, if it has running statistics. "
        "DataLoader(drop_last=True) leaves such a batch out, and LayerNorm takes it. In either "
        "mode BatchNorm2d takes (N, C, H, W) alone, BatchNorm1d (N, C) or (N, C, L), and C must be "
        "num_features, unless it has neither weight nor running statistics.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.BatchNorm1d.html",
        asks="Expected more than 1 value per channel when training: why for my last batch only? "
        "And expected 4D input (got 2D input)?",
        instead="norm = nn.BatchNorm1d(2).eval()  # or a batch of two rows\nnorm(torch.ones(1, 2))",
    ),
    Claim(
        "3.13",
        "requires_grad_(False) does not freeze a batch norm's statistics: in training they still "
        "move. Its own eval() stops them, until train() of the whole net, and leaves weight and "
        "bias to the optimizer. Made with track_running_stats=False it has none, and uses the "
        "batch's own in evaluation too; set later, that only stops the updates. With affine=False "
        "it has no weight and bias. In training the bias of a layer just before a batch norm "
        "changes no result, and its gradient is 0, but for rounding: leave it out (bias=False).",
        _NEIGHBOUR,
        _BATCH_NORM,
        asks="I froze all parameters. Why does running_mean still change? What does "
        "track_running_stats=False do? Why bias=False before a batch norm?",
        instead="net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).train()\n"
        "net[1].eval().requires_grad_(False)",
    ),
    Claim(
        "3.15",
        "LayerNorm, GroupNorm and InstanceNorm do the same in both modes: they normalise each "
        "image by itself and keep no running statistics. So with LayerNorm, as with a batch norm "
        "in evaluation, gradients accumulated over small batches agree with those of the whole up "
        "to rounding; with a batch norm in training they differ, as it normalises each batch by "
        "itself and moves its statistics. GroupNorm refuses one image with one value a group, "
        "InstanceNorm one value a channel; told to track running statistics, it uses them in "
        "evaluation, and takes one.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.InstanceNorm2d.html",
        asks="Which normalisations does eval() change? Is gradient accumulation the same as a "
        "larger batch?",
        instead="nn.InstanceNorm1d(2)(torch.ones(3, 2, 5))  # several values a channel",
    ),
    Claim(
        "3.16",
        "Dropout zeroes single elements; Dropout1d, Dropout2d and Dropout3d zero whole channels. "
        "Dropout2d takes three dimensions for a batch (N, C, L), not for one image, and warns. "
        "The dropout of an RNN, LSTM or GRU acts between stacked layers only, and in training "
        "only: one layer drops nothing and warns, and no element of the result is zeroed. "
        "AlphaDropout sets what it drops to one negative value, then scales and shifts all, so "
        "that a mean of 0 and a std of 1 remain; with p=1 it gives zeros, NaN of infinity and "
        "NaN.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.Dropout2d.html",
        asks="Dropout or Dropout2d: what is the difference? LSTM(dropout=0.5) with one layer "
        "warns: does it do anything?",
        instead="nn.LSTM(3, 2, num_layers=2, dropout=0.5)",
    ),
    Claim(
        "3.17",
        "In evaluation, if nothing records gradients, a TransformerEncoder with batch_first=True "
        "takes another path. There a float mask hides what is not 0 (an attention mask since "
        "PyTorch 2.0), nn.GELU('tanh') counts as nn.GELU(), and padding becomes zeros (before 2.1 "
        "cut off behind the longest row); else last digits differ. With padding the CPU refuses "
        "float32 under autocast and, since 2.2, padding alone (RuntimeError). Padding stays with "
        "norm_first=True, an odd nhead, an activation but ReLU and GELU (since 2.1 each warns "
        "when made, as batch_first=False), bias=False (since 2.3), enable_nested_tensor=False, an "
        "attention mask, or left padding.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.nn.TransformerEncoder.html",
        asks="Why does TransformerEncoder give other results in eval(), or NaN with an attention "
        "bias? What does 'enable_nested_tensor is True, but self.use_nested_tensor is False' "
        "mean?",
        instead="layer = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True).eval()\n"
        "layer(torch.ones(1, 3, 4), src_mask=torch.rand(3, 3)).detach()  # not within no_grad",
    ),
    # 4 torch.no_grad() and torch.set_grad_enabled()
    Claim(
        "4.1",
        "In a no_grad block every computed result has requires_grad=False, whatever its inputs "
        "have.",
        _CORRECTED,
        _NO_GRAD,
        truth="True of what is computed into new memory. A view taken in the block, such as x[0], "
        "still says requires_grad=True if x does, but has no grad_fn and passes no gradient; "
        "x.detach(), x.data and x.view(dtype) say False. What returns x itself, as x.float() of "
        "float32 does, or writes into it, leaves it as it is. Who asks for grad gets it: "
        "requires_grad=True, a new layer or Parameter, a leaf that copy, deepcopy, pickle or "
        "torch.load copied, create_graph=True or, since PyTorch 2.12, torch.asarray(x, "
        "copy=True).",
    ),
    Claim(
        "4.2",
        "no_grad ends with its block, however that is left: at its end, by return or break, or by "
        "any exception.",
        _HOLDS,
        _NO_GRAD,
    ),
    Claim(
        "4.3",
        "no_grad can reduce memory: what is computed in its block saves nothing for a backward() "
        "that will not come. detach() of a result comes too late for that: it only lets go of what "
        "was saved.",
        _HOLDS,
        _NO_GRAD,
    ),
    Claim(
        "4.4",
        "backward() refuses a result computed or a view taken under no_grad (RuntimeError), and in "
        "later computations both count as constants; backward() of what is computed from such a "
        "view alone is accepted, and gives no gradient. A result "
        "recorded before and changed in place under no_grad is accepted, and the gradient ignores "
        "the change, unless the overwritten value was saved for it. backward() itself may be "
        "called under no_grad.",
        _HOLDS,
        _NO_GRAD,
        instead="x = torch.ones(3, requires_grad=True); h = x.exp().detach()  # a constant\n"
        "(h * x).sum().backward()",
    ),
    Claim(
        "4.5",
        "set_grad_enabled(mode) turns gradients on or off by its argument, which must be a bool, "
        "so that one block of code serves training and validation.",
        _HOLDS,
        _SET_GRAD_ENABLED,
        instead="train = 1\nwith torch.set_grad_enabled(bool(train)): torch.ones(3)",
    ),
    Claim(
        "4.6",
        "As a context manager set_grad_enabled puts the former mode back at the end, also when its "
        "block raises; as a function it takes effect at once and stays, until the next call or the "
        "end of the grad mode's block that it stands in.",
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
        "order the contexts are nested. PyTorch turns gradients off by itself in the forward of a "
        "custom autograd.Function, and, unless create_graph=True, in its backward and in hooks "
        "that backward() calls. The quoted sentence is gone from today's documentation.",
    ),
    Claim(
        "4.9",
        "Grad mode belongs to its thread: a new thread starts with gradients on, whatever the "
        "others do, and keeps its own mode.",
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
        "A view taken in no_grad that requires grad may be written to within no_grad, and not "
        "outside (RuntimeError; but for logical_not_() and its kin see 1.2.5). Once it or its "
        "base was written to (not through .data), as an optimizer's step() writes to a weight "
        "(unless fused), computing with the view outside is refused as well. Take detach() or "
        "clone() of it in the block instead. A view of a tensor without grad may be written to "
        "anywhere, until a gradient comes in.",
        _NEIGHBOUR,
        _AUTOGRAD + "#in-place-operations-with-autograd",
        asks='"A view was created in no_grad mode and is being modified inplace": what did I do?',
        instead="with torch.no_grad(): row = torch.ones(3, requires_grad=True)[:1].clone()\n"
        "row.mul_(2)",
    ),
    Claim(
        "4.12",
        "inference_mode gives no_grad's values, but outside it its results refuse to be saved for "
        "a gradient, to be changed in place (but through detach() or .data), and requires_grad_() "
        "(RuntimeError). A clone() made outside allows these; y + y and what was only written "
        "into are ordinary. A view taken in it of what requires grad refuses writes outside, and "
        "computing after a write to its base (4.11). Within it inference_mode(False) records "
        "again, enable_grad() only custom autograd.Functions. A leaf or layer made in it says "
        "requires_grad=True, but records nothing outside, and step() refuses it (unless fused): "
        "train a deepcopy made outside.",
        _NEIGHBOUR,
        _INFERENCE_MODE,
        asks='inference_mode or no_grad? "Inference tensors cannot be saved for backward": why '
        "does my new model not train? \"module 'torch' has no attribute 'inference_mode'\" "
        "(before PyTorch 1.9)?",
        instead="with torch.inference_mode(): y = torch.ones(3)\n"
        "(torch.ones(3, requires_grad=True) * y.clone()).sum().backward()",
    ),
    Claim(
        "4.13",
        "@torch.no_grad() turns gradients off in each call of a function or method, and puts the "
        "caller's mode back; on a class it acts in the constructor alone, and leaves a "
        "function in the class's place. The parentheses may be "
        "left out since PyTorch 2.1, in `with torch.no_grad():` never, and the mere call does "
        "nothing. Before PyTorch 2.2 decorating with set_grad_enabled(False) switched gradients "
        "off for the rest of the program; since, it acts in the function's calls alone. "
        "Variable(x, volatile=True) does nothing any more but warn.",
        _NEIGHBOUR,
        _NO_GRAD,
        asks="@torch.no_grad or @torch.no_grad()? Why has my whole program no gradients after "
        "@torch.set_grad_enabled(False)?",
        instead="@torch.no_grad()\ndef predict(net, x): return net(x)",
    ),
    Claim(
        "4.14",
        "A no_grad block that is suspended, in a generator at a yield or in an event loop's task "
        "at an await, holds for all code that runs in its thread meanwhile, and two that overlap "
        "can leave gradients off for good. A block without either is safe. A generator function "
        "decorated with @torch.no_grad() records nothing, and leaves its consumer's mode alone; "
        "to an async function the decorator does nothing.",
        _NEIGHBOUR,
        _SET_GRAD_ENABLED,
        asks="Does no_grad work on generators and in asyncio code, and why has the caller no "
        "gradients?",
    ),
    Claim(
        "4.15",
        "A no_grad object may be used for one block after another; entered twice at once, it "
        "leaves gradients off for good. A set_grad_enabled object acts when it is made, and its "
        "block puts back the mode from before that. A mode entered by __enter__() lasts until "
        "__exit__(). A new `with torch.no_grad():` for each block has none of these.",
        _NEIGHBOUR,
        _NO_GRAD,
        asks="Why does nothing require grad any more, long after my no_grad?",
    ),
    Claim(
        "4.17",
        "Within one autocast block, a pass without grad used to leave its casts of the weights to "
        "the next pass, which then gave them no gradient; since PyTorch 2.11 it does. On earlier "
        "releases give each pass an autocast block of its own, or cache_enabled=False.",
        _NEIGHBOUR,
        _DOCS + "amp.html",
        asks="Why do my weights get no gradient after a no_grad pass inside autocast?",
    ),
    # 5 nn.ReLU and nn.functional.relu
    Claim(
        "5.1",
        "nn.ReLU and nn.functional.relu (torch.relu and x.relu() too) give the same values, "
        "max(x, 0), and the same gradient for every input: one above zero, zero at zero and below. "
        "NaN stays NaN; on the CPU its gradient is one.",
        _HOLDS,
        _F_RELU,
    ),
    Claim(
        "5.2",
        "nn.ReLU() makes a Module without parameters, which fits into nn.Sequential. "
        "nn.functional.relu is a function: nn.Sequential refuses it, and it is called in forward.",
        _HOLDS,
        _SEQUENTIAL,
        instead="net = nn.Sequential(nn.Linear(3, 2), nn.ReLU())",
    ),
    Claim(
        "5.3",
        "print(model) shows each nn.ReLU that is registered in the model, and never "
        "nn.functional.relu.",
        _HOLDS,
        _MODULE + "#torch.nn.Module.extra_repr",
    ),
    Claim(
        "5.4",
        "ReLU with inplace=True writes into its input and returns it, so that relu(x) + x is "
        "twice the result; by default it leaves its input alone. In place it refuses an expanded "
        "tensor and, unless under no_grad, a leaf that requires grad and a view of one. It "
        "allocates no result, but what a Linear and a ReLU keep for backward() is the same with "
        "and without it.",
        _NEIGHBOUR,
        _RELU,
        asks="What does inplace=True do, and does it save memory?",
        instead="x = torch.ones(3, requires_grad=True)\ny = F.relu(x)",
    ),
    Claim(
        "5.5",
        "relu(x), x.clamp(min=0) and torch.maximum(x, torch.tensor(0)), which refuses a plain 0 "
        "(TypeError), give the same values, and different gradients at zero: 0 for relu, 0.5 for "
        "maximum, and for clamp 1 before PyTorch 2.14 and 0 since. relu refuses bool, complex and "
        "float8 tensors, before PyTorch 2.1 float16 on the CPU, and before 2.15 uint16, uint32 "
        "and uint64.",
        _NEIGHBOUR,
        _F_RELU,
        asks="Are relu, clamp(min=0) and maximum(x, 0) the same? clamp is not supported for "
        "complex types: which tensors does relu take?",
        instead="z = torch.tensor([1 - 1j])\ny = torch.complex(F.relu(z.real), F.relu(z.imag))",
    ),
    Claim(
        "5.6",
        "One nn.ReLU may stand at several places: it holds no state. A forward hook sees its "
        "calls, none of F.relu. A full backward hook makes a ReLU in place raise where its input "
        "records (RuntimeError). Make a layer, then call it: nn.ReLU()(x), "
        "nn.CrossEntropyLoss()(y, t). x = self.fc1 is the layer, which the next Linear or ReLU "
        "refuses (TypeError). nn.ReLU(x) is a module whose inplace is x: of several elements, its "
        "call or print raises a RuntimeError, nn.CrossEntropyLoss(y, t) at once, nn.Sigmoid(x) a "
        "TypeError. nn.Sequential refuses nn.ReLU without parentheses. nn.relu and F.ReLU are "
        "AttributeErrors.",
        _NEIGHBOUR,
        _RELU,
        asks='nn.ReLU or F.relu? May I use one nn.ReLU twice? "Output 0 of BackwardHookFunction '
        'is a view and is being modified inplace": what is wrong with my hook? Why is nn.ReLU(x) '
        "no tensor, and what is wrong with nn.CrossEntropyLoss(y, t)? 'takes 1 positional "
        "argument but 2 were given'? 'must be Tensor, not Linear'?",
        instead="relu, x = nn.ReLU(), torch.ones(2)  # not in place\n"
        "y = relu(x); relu.register_full_backward_hook(lambda module, given, got: None)",
    ),
    Claim(
        "5.7",
        "relu keeps its result for the gradient, so a result that is changed in place (y += x) "
        "makes backward() refuse; y = y + x is safe. ReLU(inplace=True) may follow an operation "
        "that keeps its input or nothing, such as Linear, Conv2d, BatchNorm, * and +, but not one "
        "that keeps its result: exp, sqrt, sigmoid, tanh, softmax or relu.",
        _NEIGHBOUR,
        _AUTOGRAD + "#in-place-operations-with-autograd",
        asks="Modified by an inplace operation, after ReLU and out += residual: when is in place "
        "safe?",
        instead="x = torch.ones(3, requires_grad=True)\ny = F.relu(x) + x",
    ),
    Claim(
        "6.1",
        'With the backend "eager" a compiled function without an optimizer gives the values'
        ' and gradients of the plain one bit for bit. "aot_eager" and "inductor" replace '
        "some operators: theirs agree within rounding. After the same seed dropout drops "
        'the same elements, except with "inductor".',
        _NEIGHBOUR,
        _DOCS + "generated/torch.compile.html",
        asks="Does torch.compile change my results?",
    ),
    Claim(
        "6.2",
        "Since PyTorch 2.5, no_grad, enable_grad and set_grad_enabled, as blocks and "
        "decorators, do in compiled code what they do in plain code; since 2.12, "
        "set_grad_enabled called inside does too, and since 2.2 requires_grad_() and "
        "detach_(). A compiled function follows the grad mode of each call. Before 2.5, "
        "AOTAutograd lost enable_grad in a call under no_grad, and the gradient of a term that "
        "a no_grad block had computed before.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.compile.html",
        asks="Does no_grad still work inside, and around, a compiled function?",
    ),
    Claim(
        "6.3",
        'With AOTAutograd, which "aot_eager" and "inductor" use, a view taken in no_grad '
        "and returned has a grad_fn; before PyTorch 2.12 the call failed if it was a view of a "
        "result that requires grad. Since 2.3, a result of inference_mode inside is no "
        "inference tensor, and inference_mode(False) inside an outer inference_mode is lost.",
        _NEIGHBOUR,
        _DOCS + "torch.compiler_faq.html",
        asks="Why does a result of compiled code have a grad_fn in spite of no_grad? Why is it "
        "no inference tensor?",
    ),
    Claim(
        "6.4",
        "With AOTAutograd a gradient cannot be differentiated again, one backward() frees the "
        "graph of all results of a call unless retain_graph=True, an argument that a result "
        "does not need gets zeros, not None, and one result has no gradient by another. Before "
        "PyTorch 2.7, retain_grad() inside kept nothing.",
        _NEIGHBOUR,
        _DOCS + "torch.compiler_faq.html",
        asks="Why does double backward fail in compiled code? Why must I retain the graph? 'This "
        "backward function was compiled with non-empty donated buffers'?",
    ),
    Claim(
        "6.5",
        "In compiled code numpy() takes a tensor that requires grad, or one with the conjugate "
        "bit, without a word. Since PyTorch 2.2 the gradient flows through NumPy's functions, "
        "which become part of the graph; before, it ended there. It ends at detach(). Memory is "
        "shared as in plain code. But NumPy divides integers in float32 there, gives arrays "
        "instead of numbers, and draws random numbers by PyTorch's seed, not its own; "
        "random.random() draws as in plain code, before PyTorch 2.3 rounded to float32.",
        _NEIGHBOUR,
        _DOCS + "torch.compiler_faq.html",
        asks="Can I use NumPy or Python's random in compiled code? Why is there no error for "
        "numpy() on a tensor that requires grad?",
    ),
    Claim(
        "6.7",
        "A write in place to an argument shows in all that shares its memory, and a tensor may be "
        "given twice. But with AOTAutograd the call that compiles settles which arguments are "
        "views of the same memory: if others are in a later call, the result may be wrong without "
        "a word. So may the result of a view taken before x.data = y. Before PyTorch 2.14 it lost "
        "a write through what dropout in evaluation returned.",
        _NEIGHBOUR,
        _DOCS + "torch.compiler_faq.html",
        asks="Are in-place operations safe in compiled code?",
    ),
    Claim(
        "6.8",
        "In compiled code an operator's error is raised as another subclass of RuntimeError, as "
        "are a layer's ValueError and, before PyTorch 2.13, an IndexError; a write before it is "
        "not done. Before 2.14 an except clause inside missed it; it still misses an IndexError. "
        "A failed assert on values raises a RuntimeError. AOTAutograd refuses at the call to "
        "overwrite what was saved for the gradient; before 2.10 it took a write to an element of "
        'a leaf. "inductor" misses that a matrix product\'s argument is overwritten before '
        "backward(): the gradient is silently wrong.",
        _NEIGHBOUR,
        _DOCS + "torch.compiler_faq.html",
        asks="Why does my except clause not catch the exception in compiled code?",
    ),
    Claim(
        "6.9",
        "The keys of a compiled module's state_dict() begin with _orig_mod., and print shows it; "
        "a state_dict() that the module defines is not called. So it does not load into the plain "
        "module, nor the other way round; with strict=False nothing is loaded, without a word. Of "
        "a saved one, key.removeprefix('_orig_mod.') mends the keys. Save and load through the "
        "module itself, or call net.compile() (since PyTorch 2.2), which changes no key; before "
        "2.14 it did not compile PyTorch's own layers.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.compile.html",
        asks="Missing key(s) in state_dict: _orig_mod. Why?",
    ),
    Claim(
        "6.10",
        "A compiled module has the Parameters and the mode of the module, but is no instance of "
        "its class. An optimizer may be given either, and its steps compile nothing anew. train() "
        "and eval() of either, requires_grad_() and to() reach the next call; but from PyTorch "
        "2.2 to 2.11 AOTAutograd ignored requires_grad_() after a call without. Running "
        "statistics move in training alone. Its own attribute training is the module's since "
        "PyTorch 2.5; before, ask the module. A deepcopy is compiled too; pickle works with every "
        "backend since PyTorch 2.6.",
        _NEIGHBOUR,
        _DOCS + "generated/torch.compile.html",
        asks="Do I give the optimizer the compiled model's parameters? Do I have to compile again "
        "after eval()? Can I copy or pickle a compiled model?",
    ),
    Claim(
        "6.11",
        "What cannot be compiled, such as a print, a branch on values or item(), breaks the"
        " graph: the rest is compiled, and the result is the same. With fullgraph=True it "
        "is refused at the call instead; but item() is then compiled since PyTorch 2.11.",
        _NEIGHBOUR,
        _DOCS + "torch.compiler_faq.html",
        asks="What is a graph break? What does fullgraph=True refuse? "
        '"torch._dynamo.exc.Unsupported: Attempted to call function marked as skipped"?',
    ),
    Claim(
        "6.12",
        "Nothing is compiled before the first call. Another grad mode, requires_grad, dtype, rank "
        "or training flag compiles anew, and so does the first other size of each dimension; "
        "further sizes do not, but for 0 and 1. After eight graphs of a function (since PyTorch "
        "2.2) it runs as plain code, or with fullgraph=True raises an exception. A number, a "
        "Parameter or a layer of a module that changed is seen since PyTorch 2.5.",
        _NEIGHBOUR,
        _DOCS + "torch.compiler_faq.html",
        asks='When does torch.compile compile again? How often? "torch._dynamo hit '
        'config.recompile_limit (8)"?',
    ),
    Claim(
        "6.13",
        "A module's hooks of the forward and the backward pass run in compiled code (since PyTorch "
        "2.4) if they are there at the first call. Since 2.6 hooks that come later, to a module "
        "that had none or to one inside it, are ignored without a word until "
        "torch._dynamo.reset(); beside a hook that was there a later one may run. Hooks of the "
        "compiled module and of a Parameter run.",
        _NEIGHBOUR,
        _DOCS + "torch.compiler_faq.html",
        asks="Why does my hook not run in a compiled model? 'nn.Module hooks are not fully "
        "supported, they may be ignored'?",
        instead="net = nn.Linear(1, 1); net.register_forward_hook(lambda *_: None)\n"
        'compiled = torch.compile(net, backend="eager")  # after the hooks',
    ),
)

#: The claims by id, in the article's order.
LEDGER = {entry.id: entry for entry in _CLAIMS}
if len(LEDGER) != len(_CLAIMS):
    raise ValueError("two claims of the ledger have the same id")
