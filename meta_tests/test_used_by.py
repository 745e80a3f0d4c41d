"""The upgrade check names the lines of somebody's code that a change touches, and no others."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import pytest

from harness.history import reading
from harness.history.used_by import NothingToRead, touches, uses

VERBOSE = SimpleNamespace(
    snippets=("o = optim.SGD([], 0.1); optim.lr_scheduler.StepLR(o, 1, verbose=True) is None",),
    before="False",
    after="raises TypeError: StepLR.__init__() got an unexpected keyword argument 'verbose'",
)
SAME = ("o = optim.SGD([], 0.1); optim.lr_scheduler.StepLR(o, 1) is None", "torch.ones(1).item()")


def change(snippet, before, after):
    return SimpleNamespace(snippets=(snippet,), before=before, after=after)


def lines(path, code):
    (path / "code.py").write_text(code)
    return [it.line for it in touches([VERBOSE], SAME, uses(path))[0]]


@pytest.mark.parametrize(
    "call",
    [
        "StepLR(opt, 1, verbose=False)",
        "StepLR(opt, **options)",
        "make(sch=StepLR)\nclass A:\n def f(self):\n  self.sch(opt, **options)",
    ],
)
def test_a_keyword_that_is_gone_touches_calls_that_pass_or_may_pass_it(tmp_path, call):
    code = f"from torch.optim.lr_scheduler import StepLR\n{call}"

    assert lines(tmp_path, code) == [len(code.splitlines())]


@pytest.mark.parametrize(
    ("says", "is_named"),
    [
        ("StepLR.__init__() got an unexpected keyword argument 'verbose'", True),
        ("verbose and gamma cannot be combined", False),
    ],
)
def test_a_keyword_beside_the_one_that_the_message_names_is_needed_only_if_it_names_both(
    tmp_path, says, is_named
):
    text = (
        "o = optim.SGD([], 0.1)\noptim.lr_scheduler.StepLR(o, 1, gamma=0.5, verbose=True) is None"
    )
    gone = SimpleNamespace(snippets=(text,), before="False", after=f"raises TypeError: {says}")
    (tmp_path / "code.py").write_text(
        "from torch.optim.lr_scheduler import StepLR\nStepLR(o, 1, gamma=0.5)\n"
        "StepLR(o, 1, verbose=True)\nStepLR(o, 1, verbose=True, gamma=0.5)\n"
        "StepLR(o, 1, last_epoch=3, verbose=False)"
    )

    named = [it.line for it in touches([gone], OTHERS, uses(tmp_path))[0]]
    assert named == ([3, 4, 5] if is_named else [4])


@pytest.mark.parametrize(
    ("layer", "is_named"),
    [
        ("from torch.nn import Module", True),
        ("from torch.nn.modules.transformer import Module, Tensor, Optional", True),
        ("from other import Module", False),
    ],
)
def test_a_layer_of_ones_own_is_called_by_a_class_that_another_file_makes(
    tmp_path, layer, is_named
):
    text = "nn.TransformerEncoder(Layer(), 1)(torch.ones(1))"
    found = change(
        "class Layer(nn.Module):\n    def forward(self, src, src_mask=None):\n"
        f"        return src\n{text}",
        "1",
        "raises TypeError: Layer.forward() got an unexpected keyword argument 'is_causal'",
    )
    (tmp_path / "layer.py").write_text(
        f"import torch\n{layer}\nclass Layer(Module):\n def forward(self, src, src_mask):\n  pass"
    )
    (tmp_path / "net.py").write_text(
        "from torch import nn\nfrom .layer import Layer\n\n\nn = nn.TransformerEncoder(Layer(), 2)"
    )

    touched = touches([found], [*OTHERS, "nn.Linear(1, 1)(1)"], uses(tmp_path))[0]

    assert [(it.line, it.why) for it in touched] == [
        (4, "overrides torch.nn.Module().forward"),
        (5, "calls torch.nn.TransformerEncoder"),
    ] * is_named


@pytest.mark.parametrize(
    "code",
    [
        "from torch.nn.modules.linear import Linear\nn = Linear(1, 1)\nn.half()",
        "from torch.nn.modules.activation import F\n\nF.relu(x)",
        "from torch.optim.adam import Adam\n\nAdam(w, fused=True)",
    ],
)
def test_a_class_that_is_imported_from_elsewhere_is_the_same_class(tmp_path, code):
    (tmp_path / "code.py").write_text(code)
    found = [
        change(text, "1", "2")
        for text in ("nn.Linear(1, 1).half()", "F.relu(1)", "optim.Adam([], fused=True)")
    ]

    touched = touches(found, OTHERS, uses(tmp_path))

    assert {it.line for of in touched for it in of} == {3}


DERIVED = """class Mine(optim.lr_scheduler.LRScheduler):
    def __init__(self, optimizer):
        super().__init__(optimizer, -1, False)
Mine(o).get_last_lr()"""


SIGNATURES = [
    (
        "inspect.signature(optim.lr_scheduler.LRScheduler).parameters",
        "['optimizer', 'last_epoch=-1', 'verbose=False']",
    )
]


@pytest.mark.parametrize(
    ("arguments", "is_named"),
    [
        ("o", False),
        ("o, last_epoch=-1", False),
        ("o, -1", False),
        ("o, -1, False", True),
        ("o, -1, verbose=False", True),
        ("o, **options", True),
        ("*options", True),
    ],
)
def test_a_deprecated_argument_touches_only_calls_that_pass_it(tmp_path, arguments, is_named):
    warns = SimpleNamespace(
        snippets=(DERIVED, DERIVED.replace("-1, False", "verbose=False")),
        before="[0.5]",
        after="[0.5]; warns UserWarning: The verbose parameter is deprecated",
    )
    code = "from torch.optim.lr_scheduler import LRScheduler\nclass A(LRScheduler):\n"
    code += f" def __init__(self, o):\n  super().__init__({arguments})"
    (tmp_path / "code.py").write_text(code)

    named = [it.line for it in touches([warns], OTHERS, uses(tmp_path), SIGNATURES)[0]]
    assert named == [4] * is_named


def test_what_comes_by_a_star_from_another_file_is_followed(tmp_path):
    (tmp_path / "base.py").write_text("import torch\nfrom torch import nn")

    code = "from .base import *\ntorch.optim.lr_scheduler.StepLR(opt, 1, verbose=False)"
    assert lines(tmp_path, code) == [2]


def test_other_lines_are_not_named(tmp_path):
    code = "import torch\nfrom torch.optim.lr_scheduler import StepLR\nStepLR(opt, 1)\nloss.item()"

    assert lines(tmp_path, code) == []


def test_a_file_that_cannot_be_read_is_named_and_passed_over(tmp_path):
    (tmp_path / "bad.py").write_text("import torch\ndef (")

    assert lines(tmp_path, "import torch") == []
    assert (
        uses(tmp_path)
        .passed_over[0]
        .endswith("bad.py: it is not valid Python: invalid syntax, line 2")
    )


@pytest.mark.parametrize("python", [sys.executable, "/no/such/python"])
def test_much_code_is_read_in_several_processes_and_found_the_same(tmp_path, monkeypatch, python):
    for i in range(5):
        (tmp_path / f"file{i}.py").write_text(
            "import torch\nfrom torch.optim.lr_scheduler import StepLR, LambdaLR\n"
            "kind = StepLR if old else LambdaLR\n" + "\n" * i + "kind(opt, 1, verbose=True)"
        )
    (tmp_path / "bad.py").write_text("import torch\ndef (")
    one = uses(tmp_path)

    monkeypatch.setattr(reading, "MUCH", 0)
    monkeypatch.setattr(reading, "_cores", lambda: 2)
    monkeypatch.setattr(sys, "executable", python)
    two = uses(tmp_path)

    assert two.passed_over == one.passed_over != []
    assert list(two.files) == list(one.files)
    found = touches([VERBOSE], SAME, two)
    assert [it.line for it in found[0]] == [4, 5, 6, 7, 8]
    assert found == touches([VERBOSE], SAME, one)


def test_a_path_without_python_is_refused(tmp_path):
    with pytest.raises(NothingToRead, match="no Python files"):
        uses(tmp_path)


MINE = (
    "class Mine(optim.Optimizer):\n    def __init__(self):\n        self.state = {}\nMine().step()"
)
OTHERS = (
    "optim.lr_scheduler.StepLR is None",
    "torch.cuda.amp.autocast()",
    "copy.copy(torch.ones(1))",
    "float(torch.ones(1))",
)


@pytest.mark.parametrize(
    ("found", "code", "line"),
    [
        (
            change("isinstance(s, optim.lr_scheduler._LRScheduler)", "True", "False"),
            "kinds = (torch.optim.lr_scheduler._LRScheduler, int)",
            2,
        ),
        (
            change(
                "torch.cuda.amp.GradScaler()",
                "1",
                "raises AttributeError: module 'torch.cuda.amp' has no attribute 'GradScaler'",
            ),
            "torch.cuda.is_available()\ntorch.cuda.amp.GradScaler()",
            3,
        ),
        (
            change("from torch._six import inf\ninf", "inf", "raises ModuleNotFoundError: '_six'"),
            "import torch._six",
            2,
        ),
        (
            change(MINE, "None", "raises AttributeError: 'Mine' object has no attribute 'hooks'"),
            "from torch.optim import Optimizer\n"
            "class A(Optimizer):\n def __init__(self):\n  self.state = 1\n"
            "class B(Optimizer):\n def __init__(self):\n  super().__init__([], {})",
            3,
        ),
        (
            change(
                "optim.lr_scheduler.StepLR(o, 2, 0.1, -1, False)",
                "1",
                "raises TypeError: StepLR.__init__() takes from 3 to 5 positional arguments "
                "but 6 were given",
            ),
            "from torch.optim.lr_scheduler import StepLR\n"
            "StepLR(o, 2)\nStepLR(o, 2, 0.1, -1, True)",
            4,
        ),
        (
            change(
                "import inspect\n"
                "[str(p) for p in inspect.signature(nn.Module.zero_grad).parameters.values()]",
                "['self', 'set_to_none=False']",
                "['self', 'set_to_none=True']",
            ),
            "net = torch.nn.Linear(1, 1)\n"
            "net.zero_grad(set_to_none=True)\nnet.zero_grad(True)\nnet.zero_grad()",
            5,
        ),
        (
            change("np.array([1]) == torch.ones(1)", "1", "2"),
            "def f(a, b):\n return a == b\n"
            "f(torch.ones(1), np.ones(1))\nnp.ones(1) == torch.ones(1)",
            5,
        ),
        (
            change("issubclass(optim.AdamW, optim.Adam)", "False", "True"),
            "make(torch.optim.Adam)\ncase = (torch.optim.Adam, 1)\nkinds = (torch.optim.Adam, int)",
            4,
        ),
        (
            change(
                "optim.AdamW([1], **optim.AdamW([1]).defaults)",
                "1",
                "raises TypeError: AdamW.__init__() got an unexpected keyword argument 'mine'",
            ),
            "opt = torch.optim.AdamW(w, lr=1)\n"
            "torch.optim.AdamW(w, **options)\ntorch.optim.AdamW(w, **opt.defaults)",
            4,
        ),
        (
            change(
                "optim.Adam([1], betas=(1, 2)) is None",
                "False",
                "raises ValueError: betas must be either both floats or both Tensors",
            ),
            "torch.optim.Adam(w)\ntorch.optim.Adam(w, betas=b)",
            3,
        ),
        (
            change("nn.Dropout2d(0.5)(torch.ones(1, 4))", "1", "2"),
            "from torch import nn\n"
            "class A(nn.Module):\n"
            " def __init__(self):\n  self.drop = nn.Dropout2d(0.5)\n"
            " def forward(self, x):\n  return self.drop(x)\n"
            "class B(nn.Module):\n"
            " def __init__(self):\n  self.drop = nn.Dropout(0.5)\n"
            " def forward(self, x):\n  return self.drop(x)",
            7,
        ),
        (
            change(
                "float(torch.ones(1, requires_grad=True))",
                "1.0",
                "1.0; warns UserWarning: gradient",
            ),
            "x = torch.nn.Linear(1, 1)(y)\n[float(x) for x in '12']\n"
            "def f(x):\n return float(x)\nfloat(x)",
            6,
        ),
        (
            change(
                "torch.tensor([torch.ones((), requires_grad=True)])",
                "tensor([1.])",
                "tensor([1.]); warns UserWarning: gradient",
            ),
            "net = torch.nn.Linear(1, 1)\nareas, sizes = [], []\n"
            "areas.append(torch.dot(a, b))\nsizes.append(len(a))\n"
            "torch.tensor(sizes)\ntorch.tensor(areas)",
            7,
        ),
        (
            change("torch.compile(f)(torch.ones(4).reshape(2, 2))", "1", "2"),
            "def f():\n return torch.compile(g)(x.reshape(2, 2))",
            3,
        ),
        (
            change("import copy\ncopy.copy(torch.ones(2))", "1", "2"),
            "import copy\np = torch.nn.Parameter(w)\ncopy.copy(options)\ncopy.copy(p)",
            5,
        ),
        (
            change("[name for name in dir(optim)]", "['Adam']", "['Adafactor', 'Adam']"),
            "from torch import optim\noptim.Adam(w)\nfor name in dir(optim):\n pass",
            4,
        ),
        (
            change(
                "torch.cross(torch.ones(3), torch.ones(3))", "1", "1; warns A: pass the dim arg"
            ),
            "torch.cross(a, b, dim=1)\ntorch.cross(a, b)",
            3,
        ),
        (
            change("from torch.utils.checkpoint import checkpoint\ncheckpoint(f, 1)", "1", "2"),
            "from torch.utils.checkpoint import checkpoint\ncheckpoint(f, 1)",
            3,
        ),
        (
            change(
                "class A(nn.RNNBase):\n    def forward(self, x):\n        pass\nA()(1)",
                "1",
                "raises TypeError: A.forward() got an unexpected keyword argument 'mask'",
            ),
            "from torch import nn\n"
            "class A(nn.RNNBase):\n def __init__(self):\n  pass\n"
            "class B(nn.RNNBase):\n def forward(self, x):\n  pass",
            7,
        ),
        (
            change("nn.utils.weight_norm(1)", "1", "2"),
            "torch.nn.utils.parametrizations.weight_norm(1)\ntorch.nn.utils.weight_norm(1)",
            3,
        ),
        (
            change("torch.ones(1) + np.ones(1)", "1", "2"),
            "def f(x):\n return torch.ones(1) + x\nf(np.ones(1))\ntorch.ones(1) + np.ones(1)",
            5,
        ),
        (
            change("(1,) + torch.Size([2])", "(1, 2)", "torch.Size([1, 2])"),
            "1 + x.size(0)\n(1,) + x.size()",
            3,
        ),
        (
            change(
                "p = nn.Parameter(torch.ones(1))\np.extra = lambda: None\ntorch.save(p, 'a')",
                "None",
                "raises PicklingError: no",
            ),
            "net = torch.nn.Linear(1, 1)\nnet.weight.data.fill_(1)\nnet.extra = 1\n"
            "w = torch.ones(1)\nw.extra = f\ntorch.save(w, 'a')\ntorch.save(net, 'b')",
            6,
        ),
    ],
)
def test_a_change_names_the_line_that_it_touches_and_no_other(tmp_path, found, code, line):
    (tmp_path / "code.py").write_text(f"import torch, numpy as np\n{code}")

    assert {it.line for it in touches([found], OTHERS, uses(tmp_path))[0]} == {line}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("raises RuntimeError: a b c d e f", "raises RuntimeError: another message"),
        ("raises RuntimeError: a", "raises NotImplementedError: a"),
        ("tensor([1.], grad_fn=<AddBackward0>)", "tensor([1.], grad_fn=<ViewBackward0>)"),
    ],
)
def test_code_that_works_after_as_before_is_not_touched(tmp_path, before, after):
    (tmp_path / "code.py").write_text(
        "import torch\ntry:\n  torch.relu(x)\nexcept RuntimeError:\n  pass\n'c d' in options\n"
    )
    found = change("torch.relu(torch.ones(1))", before, after)

    assert touches([found], OTHERS, uses(tmp_path))[0] == []


def test_what_compiled_code_does_touches_no_code_that_compiles_nothing(tmp_path):
    (tmp_path / "code.py").write_text("import torch\ntorch.ones(4).reshape(2, 2)")
    found = change("torch.compile(f)(torch.ones(4).reshape(2, 2))", "1", "2")

    assert touches([found], OTHERS, uses(tmp_path))[0] == []


def test_what_a_file_holds_does_not_stop_the_check(tmp_path):
    (tmp_path / "null.py").write_bytes(b"import torch\n\0")
    (tmp_path / "latin.py").write_bytes(b"# coding: latin-1\nimport torch\nx = '\xe9'\n")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "deep.py").write_text("import torch\nx = " + "-" * 20_000 + "1")
    os.mkfifo(tmp_path / "pipe.py")

    found = uses(tmp_path)

    assert [it.partition(": ")[2] for it in found.passed_over] == [
        "it is nested too deeply",
        "it is not valid Python: source code string cannot contain null bytes",
    ]
    assert [it.rpartition("/")[2] for it in found.files] == ["latin.py"]


def test_a_row_that_the_code_cannot_be_seen_to_have_touches_nothing(tmp_path):
    """Of a table only the dtype float16 changed, and not what the code is seen to do."""
    (tmp_path / "code.py").write_text("import torch\ntorch.nn.init.normal_(torch.ones(1)).sum()")
    texts = [
        f"w = nn.init.normal_(torch.ones(32, 32, dtype=torch.{dtype}))\n"
        "round(w.abs().double().sum().item(), 2)"
        for dtype in ("float16", "float32", "float64")
    ]

    def touched(changed, same):
        return touches([change(text, "1", "2") for text in changed], same, uses(tmp_path))

    assert touched(texts[:1], texts[1:]) == [[]]
    assert [[it.line for it in lines] for lines in touched(texts, [])] == [[2], [2], [2]]


def test_a_file_without_gradients_is_not_warned_about_them(tmp_path):
    (tmp_path / "code.py").write_text("import torch\nx = torch.ones(1)\nfloat(x)")
    found = change("float(torch.ones(1, requires_grad=True))", "1.0", "1.0; warns UserWarning: a")

    assert touches([found], OTHERS, uses(tmp_path)) == [[]]


def test_an_attribute_on_a_tensor_matters_only_to_code_that_sets_one(tmp_path):
    (tmp_path / "code.py").write_text("import copy, torch\ncopy.copy(torch.ones(1))")
    found = change("import copy\nx = torch.ones(1)\nx.extra = 1\ncopy.copy(x)", "1", "2")

    assert touches([found], OTHERS, uses(tmp_path)) == [[]]


def test_a_default_that_says_that_the_argument_is_deprecated_touches_nothing(tmp_path):
    (tmp_path / "code.py").write_text("import torch\ntorch.optim.lr_scheduler.StepLR(o, 1)")
    found = change(
        "import inspect\n[str(p) for p in inspect.signature(optim.lr_scheduler.StepLR).parameters]",
        "['optimizer', 'step_size', 'verbose=False']",
        """['optimizer', 'step_size', "verbose='deprecated'"]""",
    )

    assert touches([found], OTHERS, uses(tmp_path)) == [[]]


def test_what_an_optimizer_prints_touches_no_code_that_prints_none(tmp_path):
    (tmp_path / "code.py").write_text("import torch\ntorch.optim.Adam(w, foreach=True)")
    found = change("optim.Adam([], foreach=True)", "Adam (\n    a: 1\n)", "Adam (\n    a: 2\n)")

    assert touches([found], OTHERS, uses(tmp_path)) == [[]]


def test_two_methods_of_tensors_are_one_use_only_in_one_function(tmp_path):
    (tmp_path / "code.py").write_text(
        "import torch\ndef f(p):\n p.register_hook(g)\ndef g(x):\n return x.view(2)\n"
        "def h(x):\n x.view(2).register_hook(g)"
    )
    found = change("torch.ones(2).view(2).register_hook(print)", "1", "2")
    same = [f"torch.ones({n}).{it}" for n in (1, 2) for it in ("view(2)", "register_hook(print)")]

    assert [it.line for it in touches([found], same, uses(tmp_path))[0]] == [7]


@pytest.mark.parametrize(
    ("found", "same", "code", "line"),
    [
        (
            change("np.array(torch.ones(2), copy=False)", "1", "raises ValueError: a copy"),
            "np.array(torch.ones(2))",
            "np.array(torch.ones(2))\nnp.array(torch.ones(2), copy=False)",
            3,
        ),
        (
            change("optim.Adam(w, lr=torch.ones(1))", "1", "raises ValueError: lr as a Tensor"),
            "optim.Adam(w, lr=0.1)",
            "torch.optim.Adam(w, lr=0.1)\ntorch.optim.Adam(w, lr=torch.ones(1))",
            3,
        ),
        (
            change("nn.Linear(1, 1)(torch.ones(1))", "1", "raises RuntimeError: a b"),
            "nn.Linear(1, 1)",
            "kind = torch.nn.Linear if old else torch.nn.Identity\nlayer = kind(1, 1)\nlayer(x)",
            4,
        ),
        (
            change("nn.Linear(1, 1)(torch.ones(1))", "1", "raises RuntimeError: a b"),
            "nn.Linear(1, 1)",
            "layer = torch.nn.Identity() if old else torch.nn.Linear(1, 1)\nlayer(x)",
            3,
        ),
    ],
)
def test_of_two_calls_only_the_one_that_does_what_the_snippet_does_is_named(
    tmp_path, found, same, code, line
):
    (tmp_path / "code.py").write_text(f"import torch, numpy as np\n{code}")

    touched = touches([found], [same, *OTHERS], uses(tmp_path))[0]

    assert {it.line for it in touched} == {line}


@pytest.mark.parametrize(
    ("found", "same", "code"),
    [
        (  # the key of the dictionary fails, not the methods
            change("n.load_state_dict({**nn.Linear(1, 1).state_dict(), 'a': 1})", "1", "raises A:"),
            [f"nn.Linear(1, {it}).load_state_dict(nn.Linear(1, 1).state_dict())" for it in "123"],
            "net = torch.nn.Linear(1, 1)\nnet.load_state_dict(net.state_dict())",
        ),
        (
            change("torch.ones(1).std()", "1", "1; warns A: std(): degrees of freedom is <= 0"),
            [],
            "torch.ones(2).std()",
        ),
        (
            change(
                "optim.lr_scheduler.CosineAnnealingLR(o, 2, eta_min='0')",
                "1",
                "raises ValueError: Expected float or int eta_min, got 0 of type <class 'str'>",
            ),
            [],
            "torch.optim.lr_scheduler.CosineAnnealingLR(o, 2, eta_min=low)",
        ),
        (
            change("nn.InstanceNorm1d(2)(torch.ones(1))", "1", "1; warns A: 1 does not match b"),
            [],
            "torch.nn.InstanceNorm1d(2)(torch.ones(2))",
        ),
        (
            change("torch.ones(1)[torch.tensor(1, dtype=torch.uint8)] = 0", "1", "raises A: b"),
            [
                *("torch.ones(1)[0] = 0", "torch.ones(1)[1] = 0"),
                *("torch.tensor(1, dtype=torch.uint8)", "torch.tensor(2, dtype=torch.uint8)"),
            ],
            "def f():\n return torch.uint8\ndef g():\n torch.ones(1)[0] = 0",
        ),
        (
            change(
                "[f(x).grad_fn.name() for f in (nn.Flatten(),)]", "['ABackward0']", "['BBackward0']"
            ),
            [],
            "torch.nn.Flatten()",
        ),
    ],
)
def test_a_change_that_is_about_a_value_touches_no_code_without_it(tmp_path, found, same, code):
    (tmp_path / "code.py").write_text(f"import torch\n{code}")

    assert touches([found], [*same, *OTHERS], uses(tmp_path)) == [[]]


@pytest.mark.parametrize(
    ("code", "is_named"),
    [
        ("class A(torch.optim.lr_scheduler.StepLR):\n pass\nA(o, 1, verbose=True)", True),
        ("class A(torch.optim.lr_scheduler.StepLR):\n pass\nA(o, 1, 0.1, -1, True)", True),
        ("class A(torch.optim.lr_scheduler.StepLR):\n pass\nA(o, 1, 0.1, -1)", False),
        (
            "class A(torch.optim.lr_scheduler.StepLR):\n def __init__(self, *a):\n  pass\nA(o)",
            False,
        ),
    ],
)
def test_an_argument_that_is_gone_touches_calls_of_subclasses_that_inherit_init(
    tmp_path, code, is_named
):
    (tmp_path / "code.py").write_text(f"import torch\n{code}")
    text = "inspect.signature(optim.lr_scheduler.StepLR).parameters"
    before = ["optimizer", "step_size", "gamma=0.1", "last_epoch=-1", "verbose=False"]
    gone = change(text, str(before), str(before[:-1]))

    named = [it.line for it in touches([gone], OTHERS, uses(tmp_path))[0]]
    assert named == [len(code.splitlines()) + 1] * is_named


@pytest.mark.parametrize(
    "value", ["x.detach()", "x.detach().sum()", "torch.tensor([1.0]).mean()", "x.detach() + 1"]
)
def test_a_tensor_without_a_gradient_is_not_warned_about_one(tmp_path, value):
    (tmp_path / "code.py").write_text(
        f"import torch\nx = torch.ones(1, requires_grad=True)\nfloat(x)\nfloat({value})"
    )
    found = change("float(torch.ones(1, requires_grad=True))", "1.0", "1.0; warns UserWarning: a")

    assert [it.line for it in touches([found], OTHERS, uses(tmp_path))[0]] == [3]


@pytest.mark.parametrize(
    ("found", "same", "code", "lines_of_it"),
    [
        (  # a row of nested lists is not one of a flat list
            change("torch.ones(2)[[[0, 1]]]", "1", "2"),
            [],
            "x = torch.ones(2)\nx[[0]]\nx[[[0]]]",
            [4],
        ),
        (  # neither ** nor numbers are seen to be a tensor
            change("optim.Adam(w, betas=(torch.ones(1), 0.9))", "1", "raises ValueError: betas"),
            ["optim.Adam(w, betas=(0.9, 0.99))", "optim.Adam(w, betas=(0.8, 0.99))"],
            "Adam = torch.optim.Adam\nAdam(w, **options)\nAdam(w, betas=(0.9, 0.99))\n"
            "Adam(w, betas=(0.9, torch.ones(1)))",
            [5],
        ),
        (  # the arrays of NumPy stay as they are
            change("np.dot(torch.ones(2), np.ones(2))", "1", "1; warns A: b"),
            [],
            "np.dot(a, b)\nnp.dot(torch.ones(2), b)",
            [3],
        ),
        (  # a dtype alone says nothing
            change("torch.ones(2, dtype=torch.complex64).grad", "1", "2"),
            ["torch.ones(2).grad", "torch.ones(3).grad"],
            "x.type(torch.complex64)",
            [],
        ),
        (  # no method of tensors has such a name
            change("torch.ones(2) @ np.ones(2)", "1", "2"),
            [],
            "x = torch.ones(2)\nx.Direction() @ np.ones(2)\nx @ np.ones(2)",
            [4],
        ),
        (  # an abstract class is asked for its subclasses
            change("isinstance(s, optim.lr_scheduler._LRScheduler)", "True", "False"),
            [],
            "from torch.optim.lr_scheduler import StepLR, _LRScheduler\nresolver(_LRScheduler)\n"
            "cast(_LRScheduler, s)\nresolver(StepLR)",
            [3],
        ),
        (  # what an equal name holds elsewhere says nothing of an attribute
            change("np.ones(1) == torch.ones(1)", "1", "2"),
            [],
            "class A:\n def f(self):\n  return self.want == torch.ones(1)\nrun(want=np.ones(1))\n"
            "class B:\n def f(self):\n  self.want = np.ones(1)\n"
            "  return self.want == torch.ones(1)",
            [9],
        ),
        (  # not every scheduler is one of learning rates
            change("optim.lr_scheduler.StepLR(o, 1).state_dict()", "1", "2"),
            [],
            "torch.optim.lr_scheduler.StepLR(o, 1)\nnoise_scheduler.state_dict()\n"
            "lr_scheduler.state_dict()",
            [4],
        ),
        (  # neither a number nor a name is seen to be a tensor
            change("nn.Dropout(torch.tensor(0.5))(torch.ones(1))", "1", "2"),
            [],
            "from torch.nn import Dropout\nDropout(0.5)(x)\nDropout(p)(x)\n"
            "Dropout(torch.tensor(0.5))(x)",
            [5],
        ),
        (  # another layer of one's own is called otherwise
            change(
                "class Layer(nn.Module):\n    def forward(self, src, src_mask=None, pad=None):\n"
                "        return src\nnn.TransformerEncoder(Layer(), 1)(torch.ones(1))",
                "1",
                "raises TypeError: Layer.forward() got an unexpected keyword argument 'is_causal'",
            ),
            ["class A(nn.Module):\n    def forward(self, src):\n        return src\nA()(1)"],
            "from torch import nn\nnet = nn.TransformerEncoder(layer, 1)\nclass A(nn.Module):\n"
            " def forward(self, src, src_mask, mask):\n  pass\nclass B(nn.Module):\n"
            " def forward(self, src, mask, pad):\n  pass\nclass C(nn.Module):\n"
            " def forward(self, src, src_mask, pad):\n  pass",
            [3, 11],
        ),
        (  # only a copy is wrong
            change("import pickle\npickle.dumps(torch.ones(1).imag)", "1", "2"),
            [],
            "import pickle\ndef f():\n return torch.ones(1).imag\n"
            "def g():\n pickle.dumps(torch.ones(1).imag)",
            [6],
        ),
        (  # a layer of one's own that is called so
            change(
                "class Layer(nn.Module):\n    def forward(self, src, src_mask=None):\n"
                "        return src\nnn.TransformerEncoder(Layer(), 1)(torch.ones(1))",
                "1",
                "raises TypeError: Layer.forward() got an unexpected keyword argument 'is_causal'",
            ),
            ["class A(nn.Module):\n    def forward(self, src):\n        return src\nA()(1)"],
            "from torch import nn\nnet = nn.TransformerEncoder(layer, 1)\nclass A(nn.Module):\n"
            " def forward(self, src):\n  pass\nclass B(nn.Module):\n"
            " def forward(self, src, src_mask, is_causal):\n  pass\nclass C(nn.Module):\n"
            " def forward(self, src, src_mask):\n  pass",
            [3, 11],
        ),
        (  # what is passed by position may be the default, whose numbers changed
            change("F.dropout(x, 0.5)", "1", "2"),
            ["F.dropout(x, 0.5, training=False)", "F.dropout(x, 0.1, training=False)"],
            "from torch.nn.functional import dropout\ndropout(x, 0.5, training)\n"
            "dropout(x, training=self.training)\ndropout(x, training=False)",
            [3, 4],
        ),
    ],
)
def test_only_what_is_of_the_kind_that_changed_is_named(tmp_path, found, same, code, lines_of_it):
    (tmp_path / "code.py").write_text(f"import torch, numpy as np\n{code}")

    touched = touches([found], [*same, *OTHERS], uses(tmp_path))[0]

    assert sorted({it.line for it in touched}) == lines_of_it
