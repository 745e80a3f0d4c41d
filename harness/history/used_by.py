"""Which lines of somebody's code the changes between two releases touch.

A changed snippet is code too, so what it is about is found by comparison with the others: of the
uses in it, the one that most of the snippets that have it changed is the likeliest cause.
If less than half of them changed, a second use is added that they must have as well, and so on.
If still less than half of them raise or warn as it does, it is about a value, and touches no code.
Code must also pass the keywords, and the kinds of values, without which the same calls still work.
A use that the exception names, such as a missing attribute or an unexpected keyword, comes first.
Code touches a change if it has all the uses found in this way, in one function if any function
has them, else in one file; the lines named are those of the rarest of them. A changed signature
touches code that passes an argument that is gone, or leaves one to a default that is another now.
The signatures among the snippets say which argument a call passes by position.

What raised an exception before cannot be in code that works, so such a change touches only code
that catches that exception, or compares a text with its message.
"""

from __future__ import annotations

import ast
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, count, takewhile
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from harness.history.advice import advise
from harness.history.changes import CAUGHT, Change
from harness.history.reading import read
from harness.history.usage import (
    DETACHED,
    OTHER,
    OWN_NAME,
    ROOTS,
    Code,
    Feature,
    Signatures,
    Use,
    family,
    features,
    is_class,
    of_snippet,
)
from harness.run.garbage import no_garbage_collection
from specs.observed.snippets import snippet_of

#: Folders that hold no code of the project itself.
SKIPPED = {"__pycache__", "node_modules", "site-packages", "venv"}

#: The exceptions of a name that is gone.
GONE = ("ImportError", "ModuleNotFoundError", "AttributeError")

#: The share of all snippets that have a use which says nothing about them.
COMMON = 1 / 30

#: Uses that see every name or all of a text: ``for key in o.defaults.items()``, ``repr(net)``.
SHOWS = (".items", ".keys", ".values", ".__mro__", "repr(Module)", "repr(Optimizer)")

#: Details of uses that see every name of a module.
LISTS = ("dir()", "vars()")

#: The families of PyTorch's own objects.
OURS = ("Tensor", "Module", "Optimizer", "LRScheduler")

#: Names that objects of many classes have, so that on an unknown object they tell nothing.
ORDINARY = set("state items keys values copy get update append name index count".split())
ORDINARY |= {"state_dict", "load_state_dict", "step"}

#: What only makes the tensors and arrays of a snippet, if anything else is in it.
MAKERS = {f"torch.{it}" for it in ("ones", "zeros", "full", "empty", "eye", "arange")}
MAKERS |= {"numpy.ones", "numpy.zeros", "numpy.array"}

#: What a snippet makes its tensors of; who names a dtype may do anything with it.
DTYPE = re.compile(r"torch\.(bool|b?float|double|half|u?int|long|short|c?half|cfloat|complex)\d*")

#: Setting an attribute of one's own on a tensor.
OWN_ON_TENSOR = Feature(OWN_NAME.format("Tensor"))

#: A snippet that does this is about it, whatever else it does.
ESSENTIAL = {Feature("torch.compile"), Feature("Module.compile"), OWN_ON_TENSOR}

#: Ways of copying a value.
COPIES = re.compile(r"copy\.\w+|pickle\.dumps")

#: Too general to name code by: what it is applied to decides.
GENERAL = re.compile(r"(copy|pickle)\.\w+|torch\.nn\.Module~?\(\)(\.forward)?")

#: What a file has in which tensors may require gradients.
GIVES_GRADIENTS = re.compile(
    r"torch\.(nn\.(?!functional)[A-Z]|optim|autograd)|Module|Optimizer|.*\.(backward|requires_grad)"
)

#: How a snippet makes a tensor that requires a gradient.
GRADIENT = "requires_grad=True"

#: What a message says of values that are wrong, which code that works seldom has.
WRONG = re.compile(r" [<>]=? |greater than|less than|not match| is odd|of type <class")


class NothingToRead(ValueError):
    """There is no Python code below the path; the message says so."""


class Touch(NamedTuple):
    """A line that a change touches."""

    file: str
    line: int
    why: str


class Place(NamedTuple):
    """Where a use is."""

    file: str
    use: Use


#: Uses that differ only in where they are, each with its number and file, and their details.
Group = tuple[list[tuple[int, str, Use]], tuple[str, ...]]


class Uses:
    """What the Python files below a path use of PyTorch and NumPy."""

    def __init__(self) -> None:
        self.files: dict[str, Code] = {}
        self.passed_over: list[str] = []  # files that cannot be read, each with the reason
        self.whole = Code()  # what names hold in any of the files
        self.signatures: Signatures = {}
        self.groups: dict[Feature, list[Group]] = {}  # the uses that have each feature
        self.texts: dict[str, list[tuple[str, int]]] = {}  # what messages are compared with
        self.with_gradients: set[str] = set()  # files in which tensors may require gradients

    def find(self, signatures: Signatures) -> None:
        """Finds which uses have which features; many uses differ only in where they are."""
        self.signatures, self.groups, self.with_gradients = signatures, defaultdict(list), set()
        self.places = cache(self.places_of)
        self.texts = defaultdict(list)
        for file, code in self.files.items():
            for line, text in code.texts:
                if len(text) > 9 and " " in text:
                    self.texts[text].append((file, line))
        alike: dict[tuple, list[tuple[int, str, Use]]] = defaultdict(list)
        at = count()
        for file, code in self.files.items():
            for use in code.uses:
                alike[use.pattern, use.names, use.details].append((next(at), file, use))
        for found in alike.values():
            for name, details in features(found[0][2], self.whole, signatures).items():
                group = found, tuple(details)
                for detail in set(details):
                    self.groups[Feature(name, detail)].append(group)
                if GRADIENT in details or GIVES_GRADIENTS.match(name):
                    self.with_gradients |= {file for _, file, _ in found}

    def places_of(self, feature: Feature) -> list[Place]:
        """Where the feature is, in the order of the code."""
        found = [
            (at, Place(file, use._replace(details=details)))
            for group, details in self.groups.get(feature, ())
            for at, file, use in group
        ]
        return [place for _, place in sorted(found, key=itemgetter(0))]

    def may_require_gradients(self, place: Place) -> bool:
        """Whether the file has gradients, and the values of the use are not seen to have none."""
        known = (self.whole.expand(name) for name in place.use.names)
        return place.file in self.with_gradients and any(it - {DETACHED, OTHER} for it in known)

    def having(self, feature: Feature) -> Iterator[Place]:
        """The uses that have the feature, or perhaps have it."""
        name, detail = feature
        of, _, method = name.partition(".")
        names = [name] + [f"?.{method}"] * (of in OURS and method.split(".")[0] not in ORDINARY)
        arguments = self.signatures.get(name, {})
        if "without " in detail and detail[:5] != "base ":
            how, _, argument = detail.rpartition("without ")
            same = {argument, f"{argument}{arguments.get(argument[:-1])}"} if how else set()
            for place in chain(*(self.places(Feature(it, "()")) for it in names)):
                passed = {it for it in place.use.details if it.startswith(argument)}
                if passed <= same:
                    yield place
            return
        kinds = ["**"] * detail.endswith("=")
        kinds += ["*"] * (re.fullmatch(r"#\d+", detail) is not None or detail[:-1] in arguments)
        for it in names:
            yield from self.places(Feature(it, detail))
            for kind in kinds:
                perhaps = self.places(Feature(it, kind))
                yield from (place for place in perhaps if detail not in place.use.details)


def uses(path: Path) -> Uses:
    """Reads the Python files below the path, or the one file; imports and runs nothing."""
    found = Uses()
    files = sorted(_python_files(path))
    if not path.exists():
        raise NothingToRead(f"there is no {path}")
    if not files and not path.is_dir():
        raise NothingToRead(f"{path} is not a Python file")
    if not files:
        has_notebooks = any(True for _ in path.rglob("*.ipynb"))
        which = "only notebooks, which are not read" if has_notebooks else "no Python files"
        raise NothingToRead(f"{path} holds {which}")
    own = {path.name, *(it.parent.name for it in files), *(it.stem for it in files)}
    own = frozenset(own.difference(ROOTS))
    for file, it in read(files, own).items():
        if isinstance(it, str):
            found.passed_over.append(f"{file}: {it}")
        else:
            found.files[str(file)] = it
            found.whole.add(it)
    return found


def _python_files(path: Path) -> Iterator[Path]:
    if path.is_file():
        if path.suffix in (".py", ".pyw", ".pyi"):
            yield path
        return
    for folder, folders, files in os.walk(path):  # does not follow links to folders
        here = Path(folder)
        kept = (it for it in folders if it not in SKIPPED and it[0] != ".")
        folders[:] = (it for it in kept if not (here / it / "pyvenv.cfg").exists())
        found = (here / it for it in files if it.endswith((".py", ".pyw")))
        yield from (it for it in found if not it.exists() or it.is_file())  # a pipe never ends


class Snippets:
    """All snippets that two records share, with what each uses and whether it changed."""

    def __init__(
        self,
        changes: Sequence[Change],
        ends: Sequence[Ends],
        same: Iterable[str],
        signatures: Signatures,
    ) -> None:
        self.features: dict[str, set[Feature]] = {}
        self.read_by: dict[str, set[Feature]] = {}  # the use whose value is the snippet's
        self.having: dict[Feature, set[str]] = defaultdict(set)
        pairs = [(text, *it) for it in zip(changes, ends, strict=True) for text in it[0].snippets]
        self.changed = {text for text, *_ in pairs}
        self.failing = {text for text, _, of in pairs if of.message}
        self.new_defaults = {it for text, of, _ in pairs for it in _arguments(of, text)}
        read = {text: of_snippet(text, signatures) for text in {*self.changed, *same}}
        keywords: dict[str, set[str]] = defaultdict(set)  # that a snippet passes to it
        for found in read.values():
            for _, having in found:
                for name, detail in having:
                    if detail.endswith("=") and Feature(name, "()") in having:
                        keywords[name].add(detail)
        for text, found in read.items():
            mine = set().union(*(having for _, having in found))
            for name in {name for name, detail in mine if detail == "()"}:
                missing = {it for it in keywords[name] if Feature(name, it) not in mine}
                mine |= {Feature(name, f"without {it}") for it in missing}
            self.features[text] = mine
            read = [of for use, of in found if of and not use.names[0].endswith(".item")]
            self.read_by[text] = read[-1] if read else set()
            for it in mine:
                self.having[it].add(text)

    def is_told(self, text: str, focus: Sequence[Feature], message: str) -> bool:
        """Whether half of the snippets that have the focus changed too.

        Else it is something else in the snippet that makes the change. Whoever raises or warns
        does so whatever is read of the result; for another result only rows of one table compare,
        and an object in the code may be of the class in any of the rows.
        """
        made = self.made(text, focus)
        alike = set.intersection(*(self.having[it] for it in (*focus, *made)))
        if message:
            if GRADIENT in text and "Warning: " in message:  # it is about the gradient
                alike = {it for it in alike if GRADIENT in it}
            return 2 * len(self.failing & alike) >= len(alike)
        template = snippet_of(text).template
        rows = {it for it in alike if snippet_of(it).template == template}
        return bool(made) or 2 * len(self.changed & rows) > len(rows)

    def needed(self, text: str, of: Feature, message: str) -> Iterator[str]:
        """The keywords that the snippet passes there, and values, without which few fail.

        If no other snippet tells: those that the message names, or all if it does not name this.
        """
        said = set(re.findall(r"\w+", message))
        names_this = _is_keyword(of) and of.detail[:-1] in said
        for name, detail in self.features[text]:
            keyword, has_value, value = detail.partition("=")
            if name != of.name or not has_value or detail[:8] == "without ":
                continue
            among = self.having[Feature(name, f"{keyword}=") if value else of]
            others = among - self.having[Feature(name, detail)]
            tells_nothing = not (others or value) and (keyword in said or not names_this)
            if 2 * len(others & self.failing) < len(others) or tells_nothing:
                yield detail

    def is_common(self, it: Feature) -> bool:
        """Whether it only makes or reads the values of a snippet, as many snippets do."""
        if it.detail.startswith("requires_grad=") or GENERAL.fullmatch(it.name):
            return True
        return len(self.having[it]) > max(COMMON * len(self.features), 30)

    def focus(self, text: str, words: set[str], message: str) -> list[Feature]:
        """The uses to which the snippet's change is due; the message has named the words."""
        if own := self.own_method(text, message):
            return own
        among = set(self.features)
        changed = self.changed if message else self.changed - self.failing
        found: list[Feature] = []
        left = {it for it in self.features[text] if it.detail != "within" or _is_named(it, words)}
        general = {it for it in left if f"{it.name}(Tensor)" in {of.name for of in left}}
        rare = {it for it in left if not self.is_common(it)}
        left = {it for it in rare or left if it.name not in MAKERS and it not in general}
        left.discard(OWN_ON_TENSOR)  # essential anyway
        first = set() if message else self.read_by[text] & left
        while left:

            def rank(it: Feature, among=among, found=found) -> tuple:
                has = self.having[it] & among
                share = len(has & changed) / len(has)
                precision = self.rarity(it) if found else (_precision(it),)
                return _is_named(it, words), share, len(has), precision, it

            best = max(first or left, key=rank)
            named, share, *_ = rank(best)
            if not named and DTYPE.fullmatch(best.name):
                return []  # it is about the values of this dtype
            found.append(best)
            left.remove(best)
            of = best.name.partition(".")[0]  # made() asks for the class of a method's object
            left = {it for it in left if family(f"{it.name}()") != of or _is_keyword(it)}
            first = set()
            among &= self.having[best]
            if named or share >= 0.5:
                break
        essential = ESSENTIAL & self.features[text]
        classes = {name for it in found if is_class(name := it.name.removesuffix("()"))}
        essential |= {
            it for it in self.features[text] if it.detail[-7:] == "=Tensor" and it.name in classes
        }
        if all(it.name.startswith("Tensor.") for it in found):  # then what is copied is a tensor
            copies = (it for it in self.features[text] if COPIES.fullmatch(it.name))
            essential |= {it for it in copies if it.detail == "()"}
        return found + sorted(essential - set(found))

    def own_method(self, text: str, message: str) -> list[Feature]:
        """The method of the snippet's own class that the message names, by its rarest parameter.

        If any Module may have such a method, also the class that is to call it.
        """
        if not (named := re.match(r"\w+: \w+(\.\w+)\(\) got", message)):
            return []
        mine = sorted(
            self.features[text], key=lambda it: (len(self.having[it]), -len(it.detail), it)
        )
        own = [it for it in mine if it.name.endswith(named[1]) and it.detail[:4] == "def "]
        if not own or not GENERAL.fullmatch(own[0].name):
            return own[:1]
        of_nn = r"torch\.nn\.(?!Module$)\w+"
        made = (it for it in mine if re.fullmatch(of_nn, it.name) and it.detail == "()")
        return [own[0], *[it for it in made if not self.is_common(it)][:1]]

    def by_value(self, it: Feature) -> Feature:
        """A default that is as before: code that passes the argument may pass that value too."""
        is_as_before = it.detail[:8] == "without " and it not in self.new_defaults
        return Feature(it.name, f"perhaps {it.detail}") if is_as_before else it

    def rarity(self, it: Feature) -> tuple[int, int]:
        """Of what goes with a cause, the rarest name says most."""
        return -len(self.having[Feature(it.name)]), not it.detail

    def made(self, text: str, focus: Sequence[Feature]) -> list[Feature]:
        """The classes that the snippet makes objects of, if the focus is a method of theirs."""
        families = {it.name.partition(".")[0] for it in focus if it != OWN_ON_TENSOR}
        every = {Feature(it.name) for it in self.features[text] if it.detail == "()"}
        return [it for it in every if family(f"{it.name}()") in families and not self.is_common(it)]


def _is_keyword(it: Feature) -> bool:
    return re.fullmatch(r"\w+=", it.detail) is not None


def _may_pass(use: Use, needed: Iterable[str]) -> bool:
    """Whether the call passes these keywords, with these values or with unknown ones.

    ``*`` and ``**`` may hold one that is missing, but hardly more, nor one of few values. Only what
    is seen to be a tensor is one.
    """
    passed = [it for it in use.details if "=" in it]
    has_value = {it.partition("=")[0] for it in passed if it[-1] != "="}
    unknown = {it for it in passed if it[:-1] not in has_value}  # keywords of any value
    left = set(needed).difference(use.details)
    left = {
        it
        for it in left
        if it.endswith(("=", "=Tensor")) or f"{it.partition('=')[0]}=" not in unknown
    }
    expands = not {"*", "**"}.isdisjoint(use.details)
    return not left or (expands and len(left) == 1 and left.pop()[-1] == "=")


def _words(message: str) -> set[str]:
    """What a message names: in quotes, the method called, and how many arguments are too many."""
    words = set(re.findall(r"['\"`]([\w.]+)(?:\(.*\))?['\"`]", message))
    words |= set(re.findall(r"\.(\w+)\(\) (?:got|takes|missing)", message))
    words |= {f"{it}=" for it in re.findall(r"^\w+: (?:The )?(\w+)", message)}  # a keyword?
    if message.startswith("ModuleNotFoundError"):
        words |= {it.rpartition(".")[2] for it in words}
    if given := re.search(r"positional arguments? but (\d+) were given", message):
        words.add(f"#{int(given[1]) - 1}")  # less self
    return words


def _is_named(it: Feature, words: set[str]) -> bool:
    if it.detail.startswith("#") or (_is_keyword(it) and it.detail in words):
        return it.detail in words
    keyword = it.detail.removeprefix("without ")
    last = keyword[:-1] if keyword.endswith("=") else it.name.rpartition(".")[2]
    return last in words and it.detail != "named"


def _precision(it: Feature) -> int:
    """Of equally likely causes, one with a class of values says most, then one with a keyword."""
    detail = it.detail
    order = [detail.startswith("#"), detail == "()", detail.startswith("without")]
    order += [detail in ("base", "def", "named", "bare @"), detail.endswith("=")]
    order += [not it.name.strip("()").replace(".", "").replace("_", "").isalnum()]
    order += [detail.startswith("base without")]
    return max((at for at, is_it in enumerate(order, 1) if is_it), default=0)


def touches(
    changes: Sequence[Change],
    same: Iterable[str],
    code: Uses,
    values: Iterable[tuple[str, str]] = (),
) -> list[list[Touch]]:
    """For each change, the lines that it touches.

    ``same`` are the snippets that did not change, ``values`` what snippets gave before: the
    signatures among them say which argument a call passes by position.
    """
    changed = ((text, it.before) for it in changes for text in it.snippets)
    signatures = signatures_of([*changed, *values])  # of changes grouped as one all are of one
    with no_garbage_collection():  # the search in the uses of many files would take longest
        code.find(signatures)
        ends = [_ends(change) for change in changes]
        snippets = Snippets(changes, ends, same, signatures)
        return [list(_touches(*it, snippets, code)) for it in zip(changes, ends, strict=True)]


def _touches(change: Change, ends: Ends, snippets: Snippets, code: Uses) -> Iterator[Touch]:
    value, new_value, raised, fails, warned, message = ends
    yield from _comparisons(change, code)
    if (
        (warned and value == new_value)  # only the warning changed, or is gone
        or (value != new_value and _without_nodes(value) == _without_nodes(new_value))
        or (raised and fails and not advise(value, new_value).breaks)  # it is caught as before
        or value.startswith("ends the process")  # no code that works does this
    ):
        return
    only_shows = _only_shows(value, new_value)
    words = _words(message)
    asked = {how for it in re.findall(r"\w+", message) for how in (f"{it}=", f"def {it}")}
    touched: dict[tuple[str, int], Touch] = {}
    for text in change.snippets:
        details = {it.detail for it in snippets.features[text]}
        is_own = False
        if "inspect.signature(" in text:
            found = ((it, place) for it in _arguments(change, text) for place in code.having(it))
        else:
            focus = snippets.focus(text, words, message)
            if not all(it in code.groups for it in snippets.made(text, focus)):
                continue
            is_own = any(it.detail[:4] == "def " for it in focus[:1])
            is_named = any(_is_named(it, words) for it in focus)
            if not focus or not (is_named or snippets.is_told(text, focus, message)):
                continue
            focus = focus if message else map(snippets.by_value, focus)
            found = _nearest(list(focus), code)
        for feature, place in found:
            if feature.detail == "()" and is_own and not touched:
                break  # no method of one's own is called so
            use, passed = place.use, set(place.use.details)
            takes = {it for it in details if it[:4] == "def "}
            needed = set(snippets.needed(text, feature, message)) if message else set()
            if not (
                (raised and raised not in use.caught)
                or (fails in GONE and {fails, "ImportError"} & {*use.caught})  # it expects that
                or (feature.detail in takes and not takes <= passed)  # it is called otherwise
                or (asked & passed - details)  # it passes what the message asks for
                or (
                    value == new_value
                    and GRADIENT in text
                    and not code.may_require_gradients(place)
                )
                or (only_shows and not (feature.name.endswith(SHOWS) or feature.detail in LISTS))
                or not _may_pass(use, needed)
                or (WRONG.search(message) and all(it[-1] == "=" for it in needed & passed))
            ):
                touched.setdefault(
                    (place.file, use.line), Touch(place.file, use.line, _why(feature, use))
                )
    yield from touched.values()


def _arguments(change: Change, text: str) -> Iterator[Feature]:
    """Of a changed signature: passing what is gone, or relying on what had another default."""
    name, old = _signature(text, change.before)
    _, new = _signature(text, change.after)
    for argument, default in old.items() if new else ():
        now = new.get(argument)
        if now is None or now == "'deprecated'" != default:
            yield Feature(name, f"{argument}=")
        elif "None" not in (default, now) and not _equal(default, now):
            yield Feature(name, f"without {argument}=")


def _signature(text: str, value: str) -> tuple[str, dict[str, str]]:
    """Whose signature the snippet shows, and the default of each argument."""
    found = re.search(r"signature\(([\w.]+)\)", text)
    if found is None or not value.startswith("["):
        return "", {}
    *_, name = (name for use, _ in of_snippet(found[1], {}) for name in use.names)
    of, _, method = name.rpartition(".")
    if of.rpartition(".")[2][:1].isupper():
        name = f"{family(of + '()')}.{method}"
    arguments = dict(it.partition("=")[::2] for it in ast.literal_eval(value))
    arguments.pop("self", None)
    return name, arguments


def signatures_of(values: Iterable[tuple[str, str]]) -> dict[str, dict[str, str]]:
    """The arguments of each function and class whose signature a snippet shows."""
    found = (_signature(*it) for it in values)
    signatures = {}
    for name, arguments in found:
        by_position = takewhile(lambda it: it[0][:1] != "*", arguments.items())
        signatures[name] = dict(by_position)
        of, _, method = name.partition(".")
        if of in OURS:
            signatures[f"?.{method}"] = signatures[name]
    return signatures


def _equal(default: str, other: str) -> bool:
    """Whether the texts mean the same, as 0 and 0.0 do, or there was no default."""
    try:
        return ast.literal_eval(default) == ast.literal_eval(other)
    except (ValueError, SyntaxError):
        return default in (other, "", "<required parameter>")


def _only_shows(value: str, new_value: str) -> bool:
    """Whether only the text that is shown changed, or a list of names only has new ones."""
    old, new = (re.sub(r"[^\w.]+", " ", it).split() for it in (value, new_value))
    rest = iter(new)
    has_all = all(word in rest for word in old)  # in this order
    if all(re.match(r"\w+ \(\n", it) for it in (value, new_value)):
        return value != new_value  # a printed Optimizer
    listed = "\n" in value or value[:1] in "[{"
    return value != new_value and ((listed and has_all) or " object at 0x..." in value)


def _without_nodes(value: str) -> str:
    """What a snippet gave without the names of autograd's nodes."""
    return re.sub(r"grad_fn=<\w+>|'\w+Backward\d'", "", value)


class Ends(NamedTuple):
    """What the snippets of a change gave before and give now, without their warnings."""

    value: str
    new_value: str
    raised: str  # the class of the exception that they raised before, if any
    fails: str  # and of the one that they raise now
    warned: str  # the warnings before
    message: str  # of the exception now, or of its warning if nothing else changed


def _ends(change: Change) -> Ends:
    exception = r"raises (\w+)"
    if "type(error).__name__" in change.snippets[0]:  # an exception is shown so
        exception += f"|{CAUGHT}$"
    (value, warned), (new_value, warns) = (
        it.partition("; warns ")[::2] for it in (change.before, change.after)
    )
    value, new_value = (it.partition("; prints ")[0] for it in (value, new_value))
    found = (re.match(exception, it) for it in (value, new_value))
    raised, fails = (it[it.lastindex] if it else "" for it in found)
    message = new_value.removeprefix("raises ") if fails else warns if value == new_value else ""
    return Ends(value, new_value, raised, fails, warned, message)


def _comparisons(change: Change, code: Uses) -> Iterator[Touch]:
    """Texts of the code that were in the message and no longer are."""
    for text, places in code.texts.items():
        if text in change.before and text not in change.after:
            for file, line in places:
                yield Touch(file, line, "expects this text in the message")


def _nearest(focus: Sequence[Feature], code: Uses) -> Iterator[tuple[Feature, Place]]:
    if not focus:
        return
    places = [list(code.having(it)) for it in focus]
    if focus[0].detail[:4] == "def " and all(places):  # the class that calls it may be anywhere
        yield from ((of, it) for of, found in zip(focus, places, strict=True) for it in found)
        return
    scopes = (
        lambda it: (it.file, it.use.line),
        lambda it: (it.file, it.use.scope),
        lambda it: it.file,
    )
    # Only layers and optimizers are made in one function and used in another.
    far = all(it.name.startswith(("torch.nn.", "torch.optim.")) for it in focus)
    for scope in scopes[: 2 + far]:
        shared = set.intersection(*({scope(it) for it in found} for found in places))
        if shared:
            index = min(range(len(focus)), key=lambda at: len(places[at]))
            yield from ((focus[index], it) for it in places[index] if scope(it) in shared)
            return


#: What a line does, by the detail of its use.
SAYS = {
    "perhaps without .*": "calls {name}",
    "without (.*)=": "calls {name}; {0} is not passed",
    "(.*)=Tensor": "passes a tensor to {name}",
    "#(.*)": "passes {0} arguments by position to {name}",
    "class": "names {name}, which isinstance or issubclass may get",
    "base without __init__": "derives from {name} and does not call its __init__",
    "base": "derives from {name}",
    "def.*": "overrides {name}",
    "(.*?)=?": "passes {0} to {name}",
}


def _why(feature: Feature, use: Use) -> str:
    """What the line does, as a clause."""
    name, detail = feature.name.removeprefix("?."), feature.detail
    if detail not in use.details and (detail[:1] == "#" or _is_keyword(feature)):
        what = f"{detail[1:]} arguments" if detail[:1] == "#" else detail[:-1]
        by = "**" if "**" in use.details and detail[:1] != "#" else "*"
        return f"calls {name} with {by}, which may hold {what}"
    for pattern, says in SAYS.items():
        if (found := re.fullmatch(pattern, detail)) and ("=" in detail or pattern[-1] != "?"):
            return says.format(*found.groups(), name=name)
    if use.pattern != "{}":
        return name
    return f"{'calls' if '()' in use.details else 'uses'} {name}"
