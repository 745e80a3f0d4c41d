"""1.1 Taking a value out of a tensor: what a release chooses."""

from __future__ import annotations

import numpy as np
import torch

from specs.ledger import claim
from specs.observed.dtypes import by_dtype
from specs.observed.surface import signature


@claim("1.1.1")
def test_what_item_gives_by_dtype(observe, device):
    observe(
        "item() of a one, by dtype",
        by_dtype(lambda one: _typed(one.item()), device),
    )


@claim("1.1.1")
def test_what_other_ways_out_give(observe, device):
    one = torch.tensor([2.5], device=device)

    observe("float(tensor)", lambda: _typed(float(one)))
    observe("int(tensor)", lambda: _typed(int(one)))
    observe("complex(tensor)", lambda: _typed(complex(one)))
    observe("bool(tensor)", lambda: _typed(bool(one)))
    observe("tolist() of no dimension", lambda: _typed(torch.tensor(2.5, device=device).tolist()))
    observe("tolist() of one dimension", lambda: _typed(one.tolist()))
    observe("format(tensor, '.1f')", lambda: format(one[0], ".1f"))
    observe("format(tensor, '.1f') of one dimension", lambda: format(one, ".1f"))
    observe("round(tensor)", lambda: round(torch.tensor(2.5, device=device)))
    observe("tensor as an index of a list", lambda: "abc"[torch.tensor(1, device=device)])
    observe("range(tensor)", lambda: range(torch.tensor(3, device=device)))
    observe("hash(tensor) is that of its identity", lambda: hash(one) == id(one))


@claim("1.1.1")
def test_what_ways_out_do_with_grad(observe, device):
    one = torch.ones(1, device=device, requires_grad=True)

    observe("item() of a tensor that requires grad", one.item)
    observe("float() of a tensor that requires grad", lambda: float(one))
    observe("int() of a tensor that requires grad", lambda: int(one))
    observe("tolist() of a tensor that requires grad", one.tolist)
    observe("math.sqrt of a tensor that requires grad", lambda: __import__("math").sqrt(one))


@claim("1.1.1")
def test_signature_of_item(observe):
    observe("signature of Tensor.item", signature, "torch.Tensor.item")
    observe("signature of Tensor.tolist", signature, "torch.Tensor.tolist")


@claim("1.1.2")
def test_what_item_without_parentheses_is(observe):
    observe("type of item", lambda: type(torch.ones(1).item))
    observe("print of item", lambda: torch.ones(1).item)


@claim("1.1.3")
def test_how_several_elements_or_none_are_refused(observe, device):
    several, none = torch.ones(2, device=device), torch.ones(0, device=device)

    observe("item() of two elements", several.item)
    observe("item() of two by two elements", torch.ones(2, 2, device=device).item)
    observe("item() of no element", none.item)
    for name, convert in (("float", float), ("int", int), ("complex", complex), ("bool", bool)):
        observe(f"{name}() of two elements", convert, several)
        observe(f"{name}() of no element", convert, none)
    observe("if tensor: of two elements", lambda: 1 if several else 0)
    observe("not tensor of two elements", lambda: not several)
    observe("tensor and tensor of two elements", lambda: several and several)
    observe("tensor as an index, of two elements", lambda: "abc"[several])
    observe("tensor as an index, of a float", lambda: "abc"[torch.ones(1, device=device)])
    observe("numpy float of two elements", lambda: np.float32(several.cpu()))


@claim("1.1.3")
def test_how_other_wrong_questions_are_refused(observe, device):
    none = torch.tensor(1.0, device=device)

    observe("len() of no dimension", len, none)
    observe("iteration over no dimension", lambda: list(none))
    observe("index into no dimension", lambda: none[0])
    observe("index beyond the end", lambda: torch.ones(2, device=device)[2])
    observe("in of another type", lambda: "a" in torch.ones(2, device=device))
    observe("item() with an argument", lambda: none.item(0))
    observe("a float index", lambda: torch.ones(2, device=device)[1.0])


def _typed(value: object) -> str:
    return f"{type(value).__name__} {value}"
