"""``--explain`` leads from a message to the claims whose specs provoke it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from harness.history.explain import SAYS, Said, explain, known, nearest, rank
from meta_tests.copies import PROJECT
from specs.ledger import LEDGER

NUMPY = "RuntimeError: Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy()"
SHAPES = "RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x1 and 2x3)"
KNOWN = [
    Said(NUMPY, ("1.3.11", "1.4.5")),
    Said(SHAPES, ("2.1.4",)),
    Said("RuntimeError: expected scalar type Float but found Double", ("1.3.3",)),
    Said("TypeError: len() of a 0-d tensor", ("1.1.8",)),
    Said("UserWarning: The given NumPy array is not writable", ("1.3.8",)),
]


def claims_of(lines: list[str]) -> list[str]:
    return re.findall(r"^(\d[\d.]*) \[", "\n".join(lines), re.MULTILINE)


@pytest.mark.parametrize(
    ("question", "id"),
    [
        (NUMPY, "1.4.5"),
        ("can't call NUMPY() on tensor that requires grad", "1.4.5"),
        ("mat1 and mat2 shapes cannot be multiplied (32x784 and 512x10)", "2.1.4"),
        ("RuntimeError: expected scalar type Half but found Float", "1.3.3"),
        ("x.py:3: UserWarning: The given NumPy array is not writable, and\n  f(x)", "1.3.8"),
    ],
)
def test_numbers_names_dtypes_and_small_changes_of_words_do_not_matter(question, id):
    lines, is_known = explain(question, KNOWN)

    assert is_known
    assert claims_of(lines)[0] == id


@pytest.mark.parametrize(
    ("question", "id"),
    [
        ("RuntimeError: Can't call numpy() on Variable that requires grad.", "1.4.4"),
        ("a leaf Variable that requires grad has been used in an in-place operation", "1.2.5"),
    ],
)
def test_the_words_of_releases_before_the_history_are_near_enough(question, id):
    lines, is_known = explain(question, known())

    assert is_known
    assert claims_of(lines)[0] == id


@pytest.mark.parametrize(
    ("question", "id"),
    [
        ("AttributeError: 'MyModel' object has no attribute '_modules'", "2.3.12"),
        ("AttributeError: 'Conv2d' object has no attribute 'weight'", "2.2.9"),
        ("AttributeError: 'Tensor' object has no attribute 'copy'", "1.3.4"),
        ("AttributeError: 'NoneType' object has no attribute 'zero_'", "1.2.10"),
        ("AttributeError: 'tuple' object has no attribute 'shape'", "2.1.4"),
    ],
)
def test_of_an_attribute_that_is_missing_the_class_counts_unless_it_is_the_users(question, id):
    said = [
        Said("AttributeError: 'Net' object has no attribute 'no_such'", ("2.3.12",)),
        Said("AttributeError: 'Tensor' object has no attribute 'astype'", ("1.3.4",)),
        Said("AttributeError: 'NoneType' object has no attribute 'data'", ("1.2.10",)),
        Said("AttributeError: 'tuple' object has no attribute 'size'", ("2.1.4",)),
    ]

    lines, is_known = explain(question, [*known(), *said])

    assert is_known
    assert claims_of(lines)[0] == id


@pytest.mark.parametrize(
    ("question", "id"),
    [
        ("Detected call of lr_scheduler.step() before optimizer.step()", "2.4.9"),
        ('"grad can be implicitly created only for scalar outputs"', "1.2.6"),
        ("multi-target not supported at /pytorch/aten/src/THNN/ClassNLLCriterion.c:22", "1.3.12"),
    ],
    ids=["without backticks", "in quotes", "with a path"],
)
def test_quotes_backticks_and_paths_do_not_matter(question, id):
    lines, is_known = explain(question, known())

    assert is_known
    assert claims_of(lines)[0] == id


OVERWRITTEN = (
    "RuntimeError: one of the variables needed for gradient computation has been modified by an "
    "inplace operation"
)
HINTS = (
    "Hint: enable anomaly detection to find the operation that failed to compute its gradient, "
    "with torch.autograd.set_detect_anomaly(True).",
    "Hint: the backtrace further above shows the operation that failed to compute its gradient. "
    "The variable in question was changed in there or anywhere later. Good luck!",
)


@pytest.mark.parametrize("hint", ["", *HINTS])
@pytest.mark.parametrize(
    ("what", "id"),
    [
        ("[torch.cuda.FloatTensor [48, 32]], which is output 0 of ReluBackward0,", "5.7"),
        ("[torch.cuda.FloatTensor [2, 64, 7, 7]], which is output 0 of MulBackward0,", "1.2.5"),
        ("[torch.cuda.FloatTensor [512]]", "1.2.13"),
    ],
    ids=["of a relu", "of a product", "a weight"],
)
def test_what_was_overwritten_counts_and_not_the_hint(what, id, hint):
    question = f"{OVERWRITTEN}: {what} is at version 4; expected version 3 instead. {hint}"

    lines, is_known = explain(question, known())

    assert is_known
    assert claims_of(lines)[0] == id


@pytest.mark.parametrize("hint", ["", *HINTS])
def test_where_a_message_leaves_it_open_all_claims_are_named(hint):
    lines, is_known = explain(f"{OVERWRITTEN} {hint}", known())

    assert is_known
    assert {"1.2.5", "1.2.13", "5.7"} <= {*claims_of(lines)}


@pytest.mark.parametrize(
    ("types", "id"),
    [
        (("torch.cuda.FloatTensor", "torch.FloatTensor"), "2.3.8"),
        (("torch.HalfTensor", "torch.cuda.HalfTensor"), "2.3.8"),
        (("torch.cuda.DoubleTensor", "torch.cuda.FloatTensor"), "2.1.5"),
        (("double", "float"), "2.1.5"),
    ],
)
def test_types_of_several_devices_are_about_devices_and_others_about_dtypes(types, id):
    question = "Input type ({}) and weight type ({}) should be the same".format(*types)

    lines, _ = explain(f"RuntimeError: {question}", known())

    assert claims_of(lines)[0] == id


@pytest.mark.parametrize(
    ("question", "id"),
    [
        ("AttributeError: 'module' object has no attribute 'kaiming_normal_'", "2.2.4"),
        ("AttributeError: module 'torch.nn.init' has no attribute 'kaiming_norm_'", "2.2.4"),
        ("AttributeError: module 'torch.nn' has no attribute 'relu'", "5.6"),
    ],
)
def test_a_name_that_a_module_lacks_leads_to_the_claim_about_the_module(question, id):
    assert claims_of(explain(question, known())[0])[0] == id


@pytest.mark.parametrize(
    ("question", "id"),
    [
        ("KeyError: 'exp_avg'\n  0%|          | 0/4 [00:00<?, ?it/s]", "2.4.7"),
        ("RuntimeError: running_mean must be defined in evaluation mode", "3.10"),
        ("RuntimeError: invalid gradient at index 0 - expected shape [] but got [1]", "1.2.6"),
        ("If capturable=False, state_steps should not be CUDA tensors.", "2.4.7"),
        ("Expected a_in <= b_in to be true, but got false.", "2.2.10"),
        ("Boolean value of Tensor with more than one value is ambiguous", "1.1.3"),
    ],
)
def test_messages_that_people_pasted_lead_to_the_claim_that_answers_them(question, id):
    lines, is_known = explain(question, known())

    assert is_known
    assert claims_of(lines)[0] == id


def test_the_own_part_of_a_name_tells_whose_keys_are_missing():
    lines, is_known = explain('Missing key(s) in state_dict: "_orig_mod.fc.weight"', known())

    assert is_known
    assert claims_of(lines)[0] == "6.9"


def test_an_exception_of_pytorchs_own_leads_to_what_raises_it():
    lines, is_known = explain("torch._dynamo.exc.Unsupported: of another world", known())

    assert not is_known
    assert "6.11" in claims_of(lines)


def test_what_no_spec_can_provoke_is_found_by_the_question_that_a_claim_answers():
    lines, is_known = explain("cudnn RNN backward can only be called in training mode", known())

    assert is_known
    assert lines[0].startswith("A claim answers: cudnn RNN backward")
    assert claims_of(lines) == ["3.7"]


def test_what_pytorch_says_goes_before_what_a_claim_answers():
    lines, _ = explain("Missing key(s) in state_dict", known())

    assert lines[0].startswith("PyTorch says: ")
    assert claims_of(lines)[0] == "2.3.9"


def test_a_call_without_its_input_is_explained_whatever_the_input_is_called():
    for call, name in (("forward()", "x"), ("Net.forward()", "images")):
        lost = f"TypeError: {call} missing 1 required positional argument: '{name}'"
        assert claims_of(explain(lost, known())[0])[0] == "2.3.13"


@pytest.mark.parametrize(
    "question",
    [
        "AttributeError: module 'torch' has no attribute 'frombuffer'",
        "AttributeError: 'MyModel' object has no attribute 'fc3'",
        "AttributeError: 'Tensor' object has no attribute 'get_shape'",
        "AttributeError: Can't pickle local object 'main.<locals>.<lambda>'",
        "NameError: name 'torch' is not defined",
        "KeyError: 'state_dict'",
        "TypeError: 'Tensor' object is not callable",
        "TypeError: __init__() got an unexpected keyword argument 'bias'",
        "RuntimeError: \"foo_cpu\" not implemented for 'Int'",
        "RuntimeError: CUDA out of memory. Tried to allocate 20.00 MiB",
        "FileNotFoundError: [Errno 2] No such file or directory: 'model.pth'",
    ],
)
def test_what_says_little_but_other_names_is_unknown(question):
    assert not explain(question, known())[1]


def test_the_claim_that_answers_the_message_is_first_and_compiled_code_last():
    message = "RuntimeError: grad can be implicitly created only for scalar outputs"

    claims = rank(message, [Said(message, ("1.2.15", "1.2.6", "6.4"))])

    assert [claim.id for claim in claims] == ["1.2.6", "1.2.15", "6.4"]


def test_of_a_traceback_the_last_exception_counts():
    traceback = (
        "Traceback (most recent call last):\n"
        '  File "a.py", line 3, in <module>\n    len(loss)\n'
        "TypeError: len() of a 0-d tensor\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        'Traceback (most recent call last):\n  File "a.py", line 5, in <module>\n'
        "    net(x)\nRuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)\n"
    )
    lines, is_known = explain(traceback, KNOWN)

    assert is_known
    assert claims_of(lines) == ["2.1.4"]


@pytest.mark.parametrize(
    ("code", "id"), [("optimizer.step()", "2.4.7"), ("y = x * w.sum(0)", "1.2.17")]
)
def test_of_claims_that_provoke_the_same_the_code_of_a_traceback_tells_which_answers(code, id):
    message = "RuntimeError: The size of tensor a (2) must match the size of tensor b (3)"
    said = [Said(message, ("1.2.17", "2.4.7"))]
    traceback = f'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    {code}\n'

    lines, is_known = explain(f"{traceback}{message} at non-singleton dimension 0", said)

    assert is_known
    assert claims_of(lines)[0] == id


@pytest.mark.parametrize(
    ("question", "is_known"),
    [
        ("TypeError: SRSGD is not an Optimizer", True),
        ("TypeError: my.Net is not an Optimizer", True),
        ("TypeError: StepLR.__init__() got an unexpected keyword argument 'verbose'", True),
        ("TypeError: StepLR.__init__() got an unexpected keyword argument 'steps'", False),
    ],
)
def test_the_class_of_what_was_given_does_not_matter_but_an_arguments_name_does(question, is_known):
    said = [
        Said("TypeError: Linear is not an Optimizer", ("2.4.9",)),
        Said("TypeError: f() got an unexpected keyword argument 'verbose'", ("2.4.12",)),
    ]

    assert explain(question, said)[1] == is_known


def test_an_answer_has_the_message_the_claim_and_its_documentation():
    lines, _ = explain("len() of a 0-d tensor", KNOWN)

    assert lines[0] == "PyTorch says: TypeError: len() of a 0-d tensor"
    assert LEDGER["1.1.8"].docs in lines[-1]


@pytest.mark.parametrize("question", ["attribute 'mean' already exists", "KeyError: {}"])
def test_what_python_quotes_of_a_key_error_is_no_name(question):
    said = [Said("""KeyError: "attribute 'forward' already exists\"""", ("2.3.6",))]

    lines, is_known = explain(question.format("\"attribute 'mean' already exists\""), said)

    assert is_known
    assert claims_of(lines) == ["2.3.6"]


@pytest.mark.parametrize("question", ["", "no such message", "KeyError: 'weights'", "\x1b[2J"])
def test_what_no_spec_saw_is_unknown(question):
    lines, is_known = explain(question, KNOWN)

    assert not is_known
    assert lines == ["Unknown: no spec made PyTorch say anything like this."]


def test_what_is_only_similar_is_not_called_known():
    lines, is_known = explain("array is not writable by the user of the file", KNOWN)

    assert not is_known
    assert lines[0] == "Unknown: no spec made PyTorch say this. The nearest are:"
    assert claims_of(lines) == ["1.3.8"]


def test_a_message_of_the_history_leads_to_a_claim_that_provoked_it():
    all_known = known()

    assert len(all_known) > 100
    for said in [it for it in all_known if it.by == SAYS][::5]:
        lines, is_known = explain(said.text, all_known)
        assert is_known, said.text
        assert {*claims_of(lines), *re.findall(r"[\d.]+(?=[,:])", lines[-1])} & {*said.claims}


@pytest.mark.parametrize(
    ("keys", "id"),
    [
        ('"_orig_mod.fc.weight", "_orig_mod.fc.bias"', "6.9"),
        ('"fc.weight", "net._orig_mod.fc.bias"', "6.9"),
        ('"fc.weight", "fc.bias"', "2.3.9"),
        ('"norm.running_mean"', "2.3.9"),
    ],
)
def test_a_private_name_in_a_key_leads_to_the_claim_that_asks_about_it(keys, id):
    message = "RuntimeError: Error(s) in loading state_dict for Net: Missing key(s) in state_dict: "
    lines, is_known = explain(f"{message}{keys}.", known())
    leads = claims_of(lines)

    assert is_known
    assert leads[0] == id
    assert "2.3.9" in leads
    assert len(leads) == len({*leads})


def test_like_messages_are_ordered_by_likeness():
    scores = [score for score, _ in nearest(NUMPY, [*KNOWN, Said(NUMPY.lower(), ("1.4.1",))])]

    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(("message", "status"), [(NUMPY, 0), ("of another world", 1)])
def test_it_needs_no_pytorch(message, status, tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('broken')\n", encoding="utf-8")
    for question, stdin in ((message, ""), ("-", message)):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", f"--explain={question}"],
            cwd=PROJECT,
            env={"PYTHONPATH": str(tmp_path), "PATH": ""},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert ("1.4.4 [holds]" in done.stdout) == (status == 0)
