"""2.3 A model's parameters: what a release chooses."""

from __future__ import annotations

import copy
import pickle

import torch
from torch import nn

from specs.ledger import claim
from specs.nets import Net
from specs.observed.surface import names, signature


@claim("2.3.1")
def test_signatures_of_the_ways_through_a_module(observe):
    for method in (
        "parameters named_parameters children named_children modules named_modules buffers "
        "named_buffers zero_grad requires_grad_ to float apply register_buffer register_parameter "
        "register_module add_module get_parameter get_submodule set_submodule forward __call__ "
        "register_forward_hook register_forward_pre_hook register_full_backward_hook compile "
        "share_memory to_empty"
    ).split():
        observe(f"signature of Module.{method}", signature, f"torch.nn.Module.{method}")


@claim("2.3.1")
def test_what_parameters_gives(observe):
    observe("type of parameters()", lambda: type(Net().parameters()))
    observe("type of named_parameters()", lambda: type(Net().named_parameters()))
    observe("len(parameters())", lambda: len(Net().parameters()))
    observe("parameters()[0]", lambda: Net().parameters()[0])
    observe("shapes of parameters()", lambda: [str(it.shape) for it in Net().parameters()])
    observe("repr of parameters()", lambda: Net().parameters())


@claim("2.3.1")
def test_what_zero_grad_leaves(observe):
    def after(**settings):
        net = nn.Linear(1, 1)
        net(torch.ones(1)).backward()
        net.zero_grad(**settings)
        return net.weight.grad

    observe("grad after Module.zero_grad()", after)
    observe("grad after Module.zero_grad(set_to_none=False)", after, set_to_none=False)


@claim("2.3.1")
def test_how_modules_refuse_mistakes(observe):
    def before_init():
        class Forgetful(nn.Module):
            def __init__(self):
                self.layer = nn.Linear(1, 1)

        return Forgetful()

    class Empty(nn.Module):
        pass

    observe("a layer set before Module.__init__", before_init)
    observe("a module without forward", lambda: Empty()(torch.ones(1)))
    observe("an unknown argument of Module.__init__", lambda: nn.Module(1))
    observe(
        "register_parameter of a tensor", lambda: Empty().register_parameter("a", torch.ones(1))
    )
    observe("register_parameter of a result", lambda: Empty().register_parameter("a", _result()))
    observe(
        "register_parameter of a name with a dot", lambda: Empty().register_parameter("a.b", None)
    )
    observe("register_buffer of a list", lambda: Empty().register_buffer("a", [1.0]))
    observe("add_module of a function", lambda: Empty().add_module("a", torch.relu))
    observe("get_parameter of no such name", lambda: Net().get_parameter("no_such"))
    observe("get_submodule of no such name", lambda: Net().get_submodule("no_such"))
    observe("an attribute that a module lacks", lambda: Net().no_such)
    observe("to(int64)", lambda: Net().to(torch.int64))
    observe("to() an unknown device", lambda: Net().to("no_such"))
    observe("float(), in place", lambda: type(Net().double().float()).__name__)
    observe(
        "requires_grad_(False)",
        lambda: [it.requires_grad for it in Net().requires_grad_(False).parameters()],
    )


def _result() -> torch.Tensor:
    return nn.Parameter(torch.ones(1)) * 2


@claim("2.3.2")
def test_how_the_net_prints(observe):
    observe("print(net)", lambda: Net())


@claim("2.3.3")
def test_what_a_state_dict_is(observe):
    state = Net().state_dict()

    observe("print of state_dict().keys()", state.keys)
    observe("type of state_dict()", lambda: type(state))
    observe("type of state_dict().keys()", lambda: type(state.keys()))
    observe("_metadata of state_dict()", lambda: state._metadata)
    observe("dtypes in state_dict()", {key: lambda it=it: it.dtype for key, it in state.items()})
    observe("shapes in state_dict()", {key: lambda it=it: it.shape for key, it in state.items()})
    observe("requires_grad in state_dict()", lambda: {it.requires_grad for it in state.values()})
    observe("types in state_dict()", lambda: [type(it).__name__ for it in state.values()])
    observe("types in state_dict(keep_vars=True)", lambda: _types(keep_vars=True))
    observe("keys of state_dict(prefix='a.')", lambda: list(Net().state_dict(prefix="a.")))
    observe("state_dict({}, 'a.')", lambda: list(Net().state_dict({}, "a.")))


def _types(**settings: bool) -> list[str]:
    return [type(it).__name__ for it in Net().state_dict(**settings).values()]


@claim("2.3.3")
def test_how_a_state_dict_is_loaded(observe):
    net, state = Net(), Net().state_dict()
    fewer = {key: it for key, it in state.items() if key != "bn.bias"}

    observe("signature of Module.state_dict", signature, "torch.nn.Module.state_dict")
    observe("signature of Module.load_state_dict", signature, "torch.nn.Module.load_state_dict")
    observe("signature of torch.save", signature, "torch.save")
    observe("signature of torch.load", signature, "torch.load")
    observe("load_state_dict", lambda: net.load_state_dict(state))
    observe("load_state_dict with a missing key", lambda: net.load_state_dict(fewer))
    observe("load_state_dict, not strict", lambda: net.load_state_dict(fewer, strict=False))
    observe("load_state_dict with a foreign key", lambda: net.load_state_dict({**state, "a": 1}))
    observe("load_state_dict of another shape", lambda: net.load_state_dict(Net(3, 4).state_dict()))
    observe("load_state_dict of a list", lambda: net.load_state_dict([1]))
    observe(
        "load_state_dict of an array",
        lambda: net.load_state_dict({**state, "bn.bias": state["bn.bias"].numpy()}),
    )
    observe(
        "load_state_dict of another dtype",
        lambda: net.load_state_dict({key: it.double() for key, it in state.items()}),
    )


@claim("2.3.3")
def test_what_a_saved_net_is(observe, tmp_path):
    file = tmp_path / "net.pt"

    def saved_and_loaded(what, **settings):
        torch.save(what, file)
        return type(torch.load(file, **settings)).__name__

    observe("torch.load of a state_dict", saved_and_loaded, Net().state_dict())
    observe("torch.load of a net", saved_and_loaded, Net())
    observe("torch.load of an array", saved_and_loaded, torch.ones(1).numpy())
    observe("pickle of a net", lambda: type(pickle.loads(pickle.dumps(Net()))).__name__)
    observe("deepcopy of a net", lambda: type(copy.deepcopy(Net())).__name__)


@claim("2.3.4")
def test_which_names_a_net_gives(observe):
    observe("named_parameters()", lambda: [name for name, _ in Net().named_parameters()])
    observe("named_buffers()", lambda: [name for name, _ in Net().named_buffers()])
    observe("named_modules()", lambda: [name for name, _ in Net().named_modules()])
    observe("named_parameters() of a shared layer", lambda: _of_shared(remove_duplicate=True))
    observe("named_parameters(remove_duplicate=False)", lambda: _of_shared(remove_duplicate=False))
    observe("num_batches_tracked before training", lambda: Net().bn.num_batches_tracked)
    observe("public names of torch.nn", names, "torch.nn")


def _of_shared(**settings: bool) -> list[str]:
    layer = nn.Linear(1, 1)
    return [name for name, _ in nn.Sequential(layer, layer).named_parameters(**settings)]
