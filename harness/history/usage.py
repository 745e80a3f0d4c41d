"""What a piece of Python code uses of PyTorch and NumPy, read from its syntax tree.

A use is a name and how it is used: ``torch.load`` called without ``weights_only``,
``torch.optim.lr_scheduler._LRScheduler`` as a base class, ``Tensor.numpy`` with ``force=``.
Names are followed through imports, aliases, assignments, attributes, keywords, keys of
dictionaries, defaults of parameters and star imports: what a name holds in one place it may hold
in another.
The method of a value that nothing is known of counts as a method of any class ("?.numpy").
"""

from __future__ import annotations

import ast
import builtins
import re
from collections import ChainMap, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import product
from typing import NamedTuple

from specs.observed.snippets import HEADER

_HEADER = ast.parse(HEADER)

#: Classes whose objects share methods, by where they are: the first that fits counts.
FAMILIES = {
    "torch.optim.lr_scheduler.": "LRScheduler",
    "torch.optim.swa_utils.SWALR": "LRScheduler",
    "torch.optim.swa_utils.AveragedModel": "Module",
    "torch.optim.": "Optimizer",
    "torch.nn.parameter.": "Tensor",
    "torch.nn.Parameter": "Tensor",
    "torch.nn.": "Module",
    "torch.Tensor": "Tensor",
    "torch.jit.ScriptModule": "Module",
    "numpy.": "ndarray",
}

UNKNOWN, OTHER, TENSOR, ARRAY = "?()", "-", "torch.Tensor()", "numpy.ndarray()"
SIZE, MODULE = "torch.Size()", "torch.nn.Module()"
DETACHED = "torch.Tensor.detached()"  # it requires no gradient
TENSORS = (TENSOR, DETACHED)

#: What a name holds that says it, if nothing else does; not every scheduler is one of rates.
HINTS = {
    r"(.*(lr|rate))?_*scheduler": "torch.optim.lr_scheduler.LRScheduler()",
    ".*optimizer": "torch.optim.Optimizer()",
    ".*(model|module|net)": MODULE,
}

#: Classes that are called as another one.
RENAMED = {"torch.optim.lr_scheduler._LRScheduler": "torch.optim.lr_scheduler.LRScheduler"}

#: Classes that are known by a shorter name than where a file may import them from.
LONGER = re.compile(
    r"(torch\.nn)\.modules(?:\.\w+)*\.([A-Z]\w*)"
    r"|(torch\.optim)\.(?!lr_scheduler|swa_utils)\w+\.([A-Z]\w*)"
)

#: What such a module has imported itself.
IMPORTED = {"torch.nn.Tensor": "torch.Tensor", "torch.nn.F": "torch.nn.functional"}
IMPORTED |= {f"torch.nn.{it}": "-" for it in "Any Callable Dict List Optional Tuple Union".split()}

#: Classes that only serve to derive others from them, and to ask for these.
ABSTRACT = {*RENAMED, *RENAMED.values(), "torch.optim.Optimizer"}

#: Functions to which a class is only a type.
TYPING = {"cast", "TypeVar", "NewType", "Mock", "MagicMock"}

#: The modules whose names are followed.
ROOTS = ("torch", "numpy", "math", "functorch", "copy", "pickle", "inspect")

#: What Python's own functions show of a value is its repr.
SHOWN = dict.fromkeys(["print", "str", "repr"], "repr")

FUNCTIONS = {name: name for name in dir(builtins)} | SHOWN

#: How snippets read a value, which says nothing about it.
READING = {"hasattr", "getattr", "setattr", "type", "sorted", "id"}

#: Setting an attribute that neither PyTorch nor NumPy reads.
OWN_NAME = "{}.<own name> = ..."

#: What is Python's own value, whatever it holds.
OF_PYTHON = (
    *(ast.Constant, ast.Dict, ast.List, ast.Set, ast.Tuple, ast.JoinedStr, ast.Lambda),
    *(ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp),
)

#: Methods that compare a message with a text.
COMPARING = {"startswith", "filterwarnings", "search", "match", "assertRaisesRegex"}

#: How far what one name holds is followed through others.
ROUNDS = 3

#: A name that holds more things than this says nothing about a value.
MANY = 12

#: Functions of PyTorch that give no tensor.
GIVE_NO_TENSOR = {"torch.load", "torch.compile", "torch.device", "torch.typename", "torch.vmap"}

#: What methods give whose name says it, whatever the value.
GIVES = dict.fromkeys(["cpu", "clone", "requires_grad_", "unsqueeze"], TENSOR)
GIVES |= {"detach": DETACHED, "numpy": ARRAY, "size": SIZE}
GIVES |= dict.fromkeys(["item", "tolist", "state_dict"], OTHER)

#: Functions whose tensors require no gradient, unless they are asked to.
NEW = {f"torch.{it}" for it in "Tensor tensor zeros ones full empty eye arange rand randn".split()}

#: Attributes that hold a tensor, whatever they are attributes of.
HOLD_TENSORS = {"weight", "bias", "data", "grad", "T", "mT"}

#: Attributes that PyTorch and NumPy read if code sets them; any other is the code's own.
SETTABLE = HOLD_TENSORS | {"requires_grad", "training", "writeable", "defaults", "state"}
SETTABLE |= {"param_groups", "base_lrs", "last_epoch", "running_mean", "track_running_stats"}

#: Methods of a Module that give the Module.
GIVE_ITSELF = set("to cpu cuda half float double eval train requires_grad_ apply".split())


class Use(NamedTuple):
    """One use, of a name that may still have to be looked up in the rest of the code."""

    pattern: str  # "{}" for the name itself, "float({})" for what is done with its value
    names: tuple[str, ...]
    details: tuple[str, ...]  # "()" called, "#2" two by position, "verbose=", "**", "base", "def"
    line: int
    scope: int  # the line of the function that it is in, 0 outside functions
    caught: tuple[str, ...] = ()  # the exceptions caught around it


class Feature(NamedTuple):
    """What code may have in common with other code: a name, and a way of using it."""

    name: str
    detail: str = ""


#: The arguments of functions and classes, without self, each with its default.
Signatures = Mapping[str, Mapping[str, str]]


def attribute(name: str, attr: str) -> str:
    """The name of an attribute of what a name stands for."""
    if name.startswith(OTHER):
        return OTHER
    if name.startswith("$"):
        return f"{name}.{attr}"
    if name in TENSORS and attr[:1].isupper() and attr not in HOLD_TENSORS:
        return OTHER  # PyTorch's methods of tensors are lower case
    of, _, last = name.rpartition(".")
    if of.split(".")[0] in ("Tensor", "Module", "?") and last in HOLD_TENSORS:
        name = TENSOR
    return f"{family(name) if name.endswith('()') else name}.{attr}"


def shortened(name: str) -> str:
    """The name by which a class is known, wherever it is imported from."""
    if found := LONGER.fullmatch(name):
        name = ".".join(filter(None, found.groups()))
    return IMPORTED.get(name, name)


def called(name: str) -> str:
    """What a call of it gives: "torch.nn.Linear()" is an object of that class."""
    if name.startswith("$"):
        return name + "()"
    if name.endswith("()"):
        return TENSOR if family(name) == "Module" else UNKNOWN
    of, last = name.split(".")[0], name.split(".")[-1]
    if name == OTHER or of == "math":
        return OTHER
    if of in ("Tensor", "?", "ndarray", "Module", "Optimizer", "LRScheduler"):
        if of == "Module" and last in GIVE_ITSELF:
            return MODULE
        return GIVES.get(last, {"Tensor": TENSOR, "ndarray": ARRAY}.get(of, UNKNOWN))
    if last.lstrip("_")[:1].isupper() or "_grad" in last or "mode" in last:
        return name + "()"
    if of == "numpy":
        return ARRAY
    if re.match(r"torch\.(nn\.functional\.|nn\.init\.|\w+$)", name):
        return UNKNOWN if name in GIVE_NO_TENSOR else TENSOR
    return UNKNOWN


def family(name: str) -> str:
    """The classes that the object's class shares its methods with."""
    return next((of for where, of in FAMILIES.items() if name.startswith(where)), name[:-2])


def hinted(name: str) -> str:
    """What the name itself says that it holds."""
    return next((of for hint, of in HINTS.items() if re.fullmatch(hint, name)), UNKNOWN)


def is_class(name: str) -> bool:
    return re.search(r"(^|\.)_*[A-Z]\w*$", name) is not None


def says_something(name: str) -> bool:
    """Whether a use of the name is one."""
    return name[0] == "$" or "." in name


def is_ours(name: str) -> bool:
    return name.partition(".")[0].removesuffix("()") in ROOTS


class Code:
    """The uses of one file, or of a whole, and what the names in it hold."""

    def __init__(self, label: str = "") -> None:
        self.label = label  # tells the files of a whole apart
        self.uses: list[Use] = []
        self.texts: list[tuple[int, str]] = []  # what messages are compared with
        self.holds: dict[str, set[str]] = defaultdict(set)
        self.bases: dict[str, list[str]] = {}  # of each class
        self.own: set[str] = set()  # functions and classes defined
        self._expanded: dict[str, set[str]] = {}
        self._complete = False

    def add(self, other: Code) -> None:
        """Makes what the names of the other hold a part of this whole."""
        for name, held in other.holds.items():
            self.holds[name] |= held
        for name, bases in other.bases.items():
            self.bases.setdefault(name, bases)  # of equal names the first one counts
        self.own |= other.own

    def here(self, name: str) -> set[str]:
        """What a name may stand for, whatever an equal name holds elsewhere."""
        root, rest = re.match(r"([^.()]*)(.*)", name).groups()
        last = root.rpartition(":")[2]
        is_here = last in self.bases or " " in last or self._values.get(root[1:])
        if name[0] != "$" or is_here or hinted(last) != UNKNOWN:
            return self.expand(name)
        return self.expand(f"$:?{rest}")

    def expand(self, name: str) -> set[str]:
        """What a name may stand for, looked up in the whole code."""
        if not name.startswith("$"):
            return {name}
        if name in self._expanded:
            return self._expanded[name]
        root, *steps = name.replace("()", ".()").split(".")
        found = self._held(root)
        for step in steps:
            found = {called(it) if step == "()" else attribute(it, step) for it in found}
        if self._complete:
            self._expanded[name] = found
        return found

    @cached_property
    def _values(self) -> dict[str, set[str]]:
        """What each name holds; a few rounds, since a name may hold what another one holds."""
        self._values = values = {name: set() for name in self.holds}
        for _ in range(ROUNDS):
            for name, held in self.holds.items():
                for it in sorted(held):
                    if len(values[name]) > MANY:
                        break  # already too many to say anything
                    found = self.expand(it) - {UNKNOWN, OTHER}
                    values[name] |= {it for it in found if it.count(".") < 9}
        for held in values.values():
            if len(held) > MANY:
                held.clear()
        self._complete = True
        return values

    def _held(self, root: str) -> set[str]:
        of_class, _, name = root[1:].rpartition(":")
        if name in self.bases and not of_class:
            return self._derived(name)
        for it in (root[1:], name):  # an attribute of this class, else of any
            if self._values.get(it):
                return self._values[it]
        if name in self.own or (root[1:] in self.own and name not in SETTABLE):
            return {OTHER}
        if of_class in self.bases:  # perhaps inherited
            bases = self._derived(of_class) - {OTHER}
            return {attribute(f"{it.rstrip('~')}()", name) for it in bases} or {OTHER}
        return {hinted(name)}

    def inherits_init(self, name: str) -> bool:
        """Whether a call of this class is one of its base's ``__init__``."""
        *_, name = name.rpartition(":")
        if name not in self.bases or f"{name}:__init__" in self.own:
            return False
        own = (it for it in self.bases[name] if it[2:] in self.bases)
        return all(map(self.inherits_init, own))

    def _derived(self, name: str, seen: frozenset[str] = frozenset()) -> set[str]:
        """The classes of PyTorch that a class derives from: "torch.nn.Module~"."""
        found = set()
        for base in self.bases[name]:
            inner = base.removeprefix("$:")
            if inner in self.bases and base != inner:
                found |= self._derived(inner, seen | {inner}) if inner not in seen else set()
            else:
                found |= {f"{it}~" for it in self.expand(base) if is_ours(it)}
        return found or {OTHER}


class Reader(ast.NodeVisitor):
    """Reads one file's tree into a Code."""

    def __init__(self, code: Code, own_modules: frozenset[str] = frozenset()) -> None:
        self.code, self.own_modules = code, own_modules
        self.methods: dict[type[ast.AST], Callable] = {}  # that read each kind of node
        self.names: ChainMap[str, str] = ChainMap()  # of the file, and of each function around
        self.functions = dict(FUNCTIONS)  # and aliases
        self.classes: list[str] = []
        self.of = UNKNOWN  # what the attribute last read is one of
        self.listed: dict[str, str] = {}  # what was last added to each list
        self.scope = 0
        self.caught: tuple[str, ...] = ()

    # What is used ------------------------------------------------------------------------------

    def use(self, node: ast.AST, name: str, *details: str, pattern: str = "{}", **more) -> None:
        names = (name, *more.values())
        if set(names) != {OTHER} and (pattern != "{}" or says_something(name)):
            use = Use(pattern, names, details, node.lineno, self.scope, self.caught)
            self.code.uses.append(use)

    def visit(self, node: ast.AST) -> str:
        """Reads the node; the name of what an expression stands for."""
        kind = type(node)
        if (method := self.methods.get(kind)) is None:
            method = getattr(self, f"visit_{kind.__name__}", self.generic_visit)
            self.methods[kind] = method
        return method(node) or (OTHER if isinstance(node, OF_PYTHON) else UNKNOWN)

    def generic_visit(self, node: ast.AST) -> None:
        """Reads what the node consists of."""
        for field in node._fields:
            part = getattr(node, field, None)
            for it in part if isinstance(part, list) else (part,):
                if isinstance(it, ast.AST) and it._fields:  # ast.Load and ast.Add have none
                    self.visit(it)

    def visit_Constant(self, node: ast.Constant) -> str:
        return OTHER

    def visit_all(self, nodes: Iterable[ast.AST], **state: object) -> None:
        """Reads the nodes, with another state of the reader meanwhile."""
        before = {name: getattr(self, name) for name in state}
        vars(self).update(state)
        for node in nodes:
            self.visit(node)
        vars(self).update(before)

    def visit_Name(self, node: ast.Name) -> str:
        name = self.look_up(node.id)
        if is_ours(name) and not name.endswith("()"):
            self.use(node, name, "named")
        return name

    def look_up(self, name: str) -> str:
        return self.names.get(name) or (OTHER if hasattr(builtins, name) else f"$:{name}")

    def visit_part(self, node: ast.AST, unless: str = " ") -> str:
        """Reads a part of a use, which is not also named on its own, unless it begins so."""
        name, uses = self.visit(node), self.code.uses
        is_named = uses and uses[-1].details == ("named",) and uses[-1].names == (name,)
        if is_named and name[0] not in unless:
            uses.pop()
        return name

    def visit_Attribute(self, node: ast.Attribute) -> str:
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls") and self.classes:
            name = f"${self.classes[-1]}:{node.attr}"
        else:
            self.of = self.visit_part(node.value, unless="$?")  # values, whose attributes are uses
            name = attribute(self.of, node.attr)
        self.use(node, name, "named")
        return SIZE if name == "Tensor.shape" else name

    def visit_IfExp(self, node: ast.IfExp) -> str:
        self.visit(node.test)
        return self.either(self.visit(node.body), self.visit(node.orelse))

    def either(self, *names: str) -> str:
        """A name that holds what each of these may hold."""
        known = {it for it in names if it not in (OTHER, UNKNOWN)}
        if len(known) < 2:
            return next(iter(known), names[0])
        both = f"either {self.code.label} {len(self.code.holds)}"
        self.code.holds[both] = known
        return f"$:{both}"

    def visit_Dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            held = self.visit(value)
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                self.hold(key.value, held)
            elif key is not None:
                self.visit(key)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        of_names = all(isinstance(it, ast.Name | ast.Attribute) for it in node.elts)
        for it in node.elts:
            name = self.visit(it)
            if of_names:  # isinstance may get the tuple elsewhere
                self.use(it, name, "class")

    def visit_ListComp(self, node: ast.AST) -> None:
        elements = (it for it in ast.iter_child_nodes(node) if it not in node.generators)
        self.visit_all([*node.generators, *elements], names=self.names.new_child())

    visit_DictComp = visit_SetComp = visit_GeneratorExp = visit_ListComp

    def visit_Call(self, node: ast.Call) -> str:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and self.classes:
            bases = self.code.bases[self.classes[-1]]
            return next((it for it in bases if it != OTHER), OTHER) + "()super"
        name = self.visit_part(node.func)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        receiver = self.of if method and not name.startswith(ROOTS) else OTHER
        of = receiver if method in GIVE_ITSELF and _kind(receiver) == "Module" else ""
        positional = len(node.args)
        of_super, is_method_of_it, attr = name.partition("()super.")
        if is_method_of_it:
            name = of_super if attr == "__init__" else attribute(f"{of_super}()", attr)
        elif name.endswith(".__init__"):
            name, positional = name.removesuffix(".__init__"), positional - 1  # less self
        arguments = [self.visit(it) for it in node.args]
        for it, held in zip(node.args, arguments, strict=True):
            if held in ABSTRACT and ast.unparse(node.func).rpartition(".")[2] not in TYPING:
                self.use(it, held, "class")  # nobody makes an object of it
        details = ["()", *(f"#{count}" for count in range(1, positional + 1))]
        if is_class(name):
            of_tensors = (at for at, it in enumerate(arguments, 1) if it in TENSORS)
            details += (f"#{at}=Tensor" for at in of_tensors)
        if any(isinstance(it, ast.Starred) for it in node.args):
            details.append("*")
        for keyword in node.keywords:
            details += self.keyword(keyword)
        function = self.functions.get(getattr(node.func, "id", ""), "")
        if function in ("isinstance", "issubclass") and node.args:
            for it in getattr(node.args[-1], "elts", node.args[-1:]):
                self.use(node, self.visit(it), "class")
            return OTHER
        texts = [it.value for it in node.keywords if it.arg in ("match", "message", "msg")]
        for it in texts + node.args * (method in COMPARING):
            self.text(it)
        asked = node.args[1] if function in ("hasattr", "getattr") and len(node.args) > 1 else None
        if isinstance(asked, ast.Constant):
            self.use(node, attribute(arguments[0], str(asked.value)), "named")
        if method == "append" and arguments:
            self.listed[ast.unparse(node.func.value)] = arguments[0]
        if name == "torch.tensor" and node.args:
            first = node.args[0]
            its = [self.visit(it) for it in getattr(first, "elts", ())[:1]]
            for it in its or [self.listed.get(ast.unparse(first), OTHER)]:
                self.use(node, it, pattern="torch.tensor([{}])")
        if function and function not in READING and arguments:
            self.use(node, arguments[0], f"{function}()")  # of a class
            self.use(node, arguments[0], pattern=f"{function}({{}})")  # of an object
        elif name.startswith(("numpy.", "math.", "copy.", "pickle.")) and arguments:
            self.use(node, arguments[0], *details, pattern=f"{name}({{}})")
        self.use(node, name, *details)
        if arguments and name.endswith(".size"):
            return OTHER  # of one dimension
        gives = of or called(name)
        operands = {receiver, *arguments} - {OTHER}
        if gives == TENSOR and "requires_grad=" not in details and method != "requires_grad_":
            return DETACHED if name in NEW or operands == {DETACHED} else TENSOR
        return gives

    def keyword(self, keyword: ast.keyword) -> Iterator[str]:
        """What a keyword says of the call, or the literal dictionary after ``**``."""
        value, held = keyword.value, self.visit(keyword.value)
        if keyword.arg is not None:
            self.hold(keyword.arg, held)
            yield f"{keyword.arg}="
            if isinstance(value, ast.Constant) and not isinstance(value.value, float):
                yield f"{keyword.arg}={value.value!r}"
            if {held, *map(self.visit, getattr(value, "elts", ()))}.intersection(TENSORS):
                yield f"{keyword.arg}=Tensor"
        elif isinstance(value, ast.Dict):
            yield from (f"{it.value}=" for it in value.keys if isinstance(it, ast.Constant))
        else:
            yield "**"
            if isinstance(value, ast.Attribute):
                yield f"**.{value.attr}"

    def text(self, node: ast.AST) -> None:
        """A text that is compared with a message."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self.code.texts.append((node.lineno, node.value))

    def visit_Compare(self, node: ast.Compare) -> str:
        left, right, *_ = map(self.visit, (node.left, *node.comparators))
        if isinstance(node.ops[0], ast.In | ast.NotIn):
            self.text(node.left)
        if OTHER not in (left, right):
            self.use(node, left, pattern=f"{{}} {type(node.ops[0]).__name__} {{}}", right=right)
        return OTHER if isinstance(node.left, ast.Constant) else UNKNOWN

    def visit_BinOp(self, node: ast.BinOp) -> str:
        left, right = self.visit(node.left), self.visit(node.right)
        pattern = f"{{}} {type(node.op).__name__} {{}}"
        self.use(node, left, pattern=pattern, right=right)
        if {left, right} - {OTHER} == {DETACHED}:
            return DETACHED
        known = [it for it in (left, right) if it in (*TENSORS, ARRAY)]
        return (TENSOR if known[0] == DETACHED else known[0]) if known else UNKNOWN

    def visit_UnaryOp(self, node: ast.UnaryOp) -> str:
        return self.visit(node.operand)

    def visit_Subscript(self, node: ast.Subscript) -> str:
        base = self.visit(node.value)
        visit = self.generic_visit if isinstance(node.slice, ast.Tuple) else self.visit
        visit(node.slice)
        if isinstance(node.slice, ast.List):
            is_nested = any(isinstance(it, ast.List) for it in node.slice.elts)
            self.use(node, base, pattern="{}[[[...]]]" if is_nested else "{}[[...]]")
        for it in ast.walk(node.slice):
            if isinstance(it, ast.Slice) and isinstance(it.step, ast.UnaryOp):
                self.use(node, base, pattern="{}[::-1]")
        return base if base in (*TENSORS, ARRAY) else UNKNOWN

    # What names hold ---------------------------------------------------------------------------

    def hold(self, name: str, held: str) -> None:
        if held not in (OTHER, UNKNOWN) and held != f"$:{name}":
            self.code.holds[name].add(held)

    def bind(self, target: ast.AST, held: str) -> None:
        held = TENSOR if held == DETACHED else held  # perhaps until a sum is added to it
        if isinstance(target, ast.Name):
            if held != UNKNOWN or target.id not in self.names.maps[0]:
                self.names[target.id] = held
            if len(self.names.maps) == 1:
                self.hold(target.id, held)
        elif isinstance(target, ast.Attribute):
            of_self = self.classes and ast.unparse(target.value) == "self"
            if of_self:
                self.code.own.add(f"{self.classes[-1]}:{target.attr}")
                self.hold(f"{self.classes[-1]}:{target.attr}", held)
            self.visit(target)
            if not of_self and self.of[0] != "$" and target.attr not in SETTABLE:
                self.use(target, self.of, pattern=OWN_NAME)
            self.hold(target.attr, held)
        elif isinstance(target, ast.Subscript):
            base = self.visit(target.value)
            self.visit(target.slice)
            self.use(target, base, pattern="{}[...] = {}", value=held)
        elif isinstance(target, ast.Tuple | ast.List):
            for it in target.elts:
                self.bind(it, UNKNOWN)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, UNKNOWN)

    def visit_Assign(self, node: ast.Assign) -> None:
        targets, values = node.targets, [node.value] * len(node.targets)
        if isinstance(targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
            targets, values = targets[0].elts, node.value.elts
        held = [self.visit(value) for value in values]
        for target, value, it in zip(targets, values, held, strict=False):
            self.bind(target, it)
            if isinstance(target, ast.Name) and isinstance(value, ast.Name) and it == OTHER:
                self.functions[target.id] = self.functions.get(value.id, "")

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        held = self.visit(node.value) if node.value else self.annotated(node.annotation) or UNKNOWN
        self.bind(node.target, held)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        value, target = self.visit(node.value), self.visit(node.target)
        pattern = f"{{}} {type(node.op).__name__}= {{}}"
        self.use(node, target, pattern=pattern, value=value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> str:
        held = self.visit(node.value)
        self.bind(node.target, held)
        return held

    def visit_For(self, node: ast.For) -> None:
        over = self.visit(node.iter)
        self.use(node, over, pattern="for in {}")
        self.bind(node.target, over if over in TENSORS else UNKNOWN)
        self.visit_all(node.body + node.orelse)

    visit_AsyncFor = visit_For

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self.visit(node.iter)
        self.bind(node.target, UNKNOWN)
        self.visit_all(node.ifs)

    def visit_With(self, node: ast.With) -> None:
        caught = self.caught
        for item in node.items:
            held = self.visit(item.context_expr)
            name = held.removesuffix("()")
            if says_something(name):
                waits = any(isinstance(it, ast.Await | ast.Yield) for it in ast.walk(node))
                self.use(item.context_expr, name, "with", *["with a yield or await"] * waits)
            if item.optional_vars:
                self.bind(item.optional_vars, held)
            it = item.context_expr
            if isinstance(it, ast.Call) and ast.unparse(it.func).endswith("raises") and it.args:
                caught += names_of_exceptions(it.args[0])
        self.visit_all(node.body, caught=caught)

    visit_AsyncWith = visit_With

    def visit_Try(self, node: ast.Try) -> None:
        caught = (names_of_exceptions(it.type) for it in node.handlers if it.type)
        self.visit_all(node.body, caught=sum(caught, self.caught))
        self.visit_all([*node.handlers, *node.orelse, *node.finalbody])

    # Imports and definitions -------------------------------------------------------------------

    def visit_Import(self, node: ast.Import) -> None:
        for it in node.names:
            root = it.name.split(".")[0]
            name = it.name if it.asname else root
            self.names[it.asname or root] = name if root in ROOTS else OTHER
            if root in ("torch", "functorch"):
                self.use(node, it.name, "import")
            if root in ("torch", "numpy"):  # another file may get it by ``import *``
                self.hold(it.asname or root, name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        root = module.split(".")[0]
        for it in node.names:
            if node.level or root in self.own_modules:
                name = f"$:{it.name}"
            else:
                name = f"{module}.{it.name}" if root in ROOTS else OTHER
            self.names[it.asname or it.name] = shortened(name)
            if is_ours(name):
                self.use(node, name if it.name != "*" else module, "import")
                self.hold(it.asname or it.name, shortened(name))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        methods = [it for it in node.body if isinstance(it, ast.FunctionDef)]
        inits = [it for it in methods if it.name == "__init__"]
        within = (getattr(it, "attr", "") for init in inits for it in ast.walk(init))
        skips_init = ["base without __init__"] * (inits != [] and "__init__" not in within)
        bases = [self.visit_part(it) for it in node.bases]
        for it, base in zip(node.bases, bases, strict=True):
            if "." in base:
                self.use(it, base, "base", *skips_init)
        self.decorators(node, "class")
        self.code.bases.setdefault(node.name, bases or [OTHER])
        self.code.own.add(node.name)
        self.classes.append(node.name)
        self.visit_all(node.body)
        self.classes.pop()
        self.code.own |= {f"{node.name}:__init__" for _ in inits}
        for method, base in product(methods, bases):
            if base != OTHER and method not in inits:
                takes = (f"def {it.arg}" for it in every_argument(method.args)[1:])
                self.use(method, f"{base}().{method.name}", "def", *takes)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.decorators(node, "async def" if isinstance(node, ast.AsyncFunctionDef) else "def")
        self.code.own.add(node.name)
        every = every_argument(node.args)
        defaults = node.args.kw_defaults[::-1] + node.args.defaults[::-1]  # the last first
        for it, default in zip(every[::-1], defaults, strict=False):
            if default is not None:
                self.hold(it.arg, self.visit(default))
        names = {it.arg: self.annotated(it.annotation) or f"$:{it.arg}" for it in every}
        within = self.names.new_child(names)
        self.visit_all(node.body, names=within, scope=node.lineno, caught=())

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        names = {it.arg: f"$:{it.arg}" for it in node.args.args}
        self.visit_all([node.body], names=self.names.new_child(names))

    def decorators(self, node: ast.AST, kind: str) -> None:
        for it in node.decorator_list:
            bare = "bare @" if not isinstance(it, ast.Call) else "@"
            name = self.visit(it).removesuffix("()")
            if says_something(name):
                yields = (isinstance(of, ast.Yield | ast.YieldFrom) for of in ast.walk(node))
                on = "generator" if kind != "class" and any(yields) else kind
                self.use(it, name, bare, f"{bare} on {on}")

    def annotated(self, node: ast.AST | None) -> str:
        """What a parameter with this annotation holds, "" if that is not known."""
        if isinstance(node, ast.Name | ast.Attribute):
            parts = ast.unparse(node).split(".")
            name = ".".join([self.look_up(parts[0]), *parts[1:]])
            if is_ours(name):
                return name + "()"
        return ""


def every_argument(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def names_of_exceptions(node: ast.AST) -> tuple[str, ...]:
    """The last part of each name in ``except (RuntimeError, pickle.UnpicklingError)``."""
    return tuple(ast.unparse(it).rpartition(".")[2] for it in getattr(node, "elts", [node]))


def named(use: Use, code: Code) -> set[str]:
    """The full names that a use may have."""
    if use.pattern == "{}":
        return code.expand(use.names[0])
    unknown = [it for it in use.names if it[:2] == "$:" and hinted(it[2:]) == UNKNOWN]
    if len(unknown) == len(use.names) or any("." not in it for it in unknown):
        return set()  # they are only names, which may hold something else here
    kinds = [{_kind(it) for it in code.expand(name)} - {""} for name in use.names]
    for name, held in zip(use.names, kinds, strict=True):
        if len(kinds) > 1 and "ndarray" in held:  # not only where an equal name holds one
            held -= {"ndarray"} - {_kind(it) for it in code.here(name)}
    found = {use.pattern.format(*each) for each in product(*kinds)}
    return {it for it in found if it != use.pattern.format(*["other"] * len(kinds))}


def _kind(name: str) -> str:
    """The class of a value, as far as it is known."""
    if name == OTHER:
        return "other"
    return family(name) if name.endswith("()") and is_ours(name) else ""


def features(use: Use, code: Code, signatures: Signatures) -> dict[str, list[str]]:
    """Everything that the use has in common with other uses: names, each with its details.

    What a call passes by position it passes as that argument.
    """
    found: dict[str, list[str]] = {}
    is_call = "()" in use.details
    for name in named(use, code):
        is_own = name.endswith("~") and not (is_call and code.inherits_init(use.names[0]))
        if name == OTHER or (is_own and "base" not in use.details):
            continue
        name = TENSOR if name == DETACHED else name.rstrip("~")
        if use.details and use.details[0] in ("named", "import", "base") and name.endswith("()"):
            continue
        parts = name.split(".")
        of_same = {name, RENAMED.get(name, name) if is_call else name}
        if name.startswith("torch.") and len(parts) > 3 and parts[-1][:1].isupper():
            of_same.add(".".join([*parts[:2], parts[-1]]))  # as torch.optim.adamw.AdamW
        for it in of_same:
            numbered = enumerate(signatures.get(it, {}).items(), 1)
            passed = [
                f"{of}=" for at, (of, default) in numbered if default and f"#{at}" in use.details
            ]
            found[it] = ["", *use.details, *passed]
        if name.startswith("torch."):
            for end in range(2, len(parts) + 1):
                found.setdefault(".".join(parts[:end]), []).append("within")
    return found


def of_snippet(text: str, signatures: Signatures) -> list[tuple[Use, set[Feature]]]:
    """The uses of a snippet, without the header's imports and what is the snippet's own."""
    code = Code()
    reader = Reader(code)
    reader.visit(_HEADER)
    code.uses.clear()
    tree = ast.parse(text)
    reader.visit(tree)
    attributes = [it for it in ast.walk(tree) if isinstance(it, ast.Attribute)]
    stored = {it.attr for it in attributes if isinstance(it.ctx, ast.Store)}
    read = {it.attr for it in attributes if isinstance(it.ctx, ast.Load)}
    own = stored - SETTABLE | ({"grad"} & stored - read)  # a gradient to begin with
    found = []
    for use in code.uses:
        known = {
            Feature(name, detail)
            for name, details in features(use, code, signatures).items()
            for detail in details
            if name[0] != "?" and name.rpartition(".")[2] not in own
        }
        found.append((use, known))
    return found
