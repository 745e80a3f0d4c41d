"""Wherever pytest is run, it works, or one sentence says what is wrong and it exits non-zero."""

from __future__ import annotations

import ctypes
import os
import stat
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import pytest

from meta_tests.copies import copy_project, run
from specs.ledger import LEDGER

ITEM = "specs/test_1_1_item.py"
WORKS = f"3 of {len(LEDGER)} claims confirmed"


def pytest_in(
    copy: Path,
    *arguments: str,
    python: tuple[str, ...] = (),
    cwd: Path | None = None,
    preexec_fn=None,
    **environment: str,
) -> subprocess.CompletedProcess:
    """pytest on the specs of one chapter of the copy, with no terminal and no standard input."""
    return subprocess.run(
        [sys.executable, *python, "-m", "pytest", *arguments, str(copy / ITEM)],
        cwd=cwd or copy,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=preexec_fn,
        timeout=300,
        check=False,
        encoding="utf-8",
        errors="replace",
    )


def assert_refused(result: subprocess.CompletedProcess, sentence: str) -> None:
    """One sentence, no traceback, and the exit code of a usage error."""
    said = [line for line in result.stdout.splitlines() if line.strip()]
    assert len(said) == 1, result.stdout
    assert said[0].startswith(f"ERROR: {sentence}")
    assert result.returncode == pytest.ExitCode.USAGE_ERROR


def assert_works(result: subprocess.CompletedProcess) -> None:
    assert result.returncode == 0, result.stdout
    assert WORKS in result.stdout


@pytest.fixture
def copy(tmp_path):
    return copy_project(tmp_path)


def module(folder: Path, name: str, source: str) -> str:
    """A folder, for PYTHONPATH, that holds a module of this name."""
    (folder / "path").mkdir(exist_ok=True)
    (folder / "path" / f"{name}.py").write_text(source, encoding="utf-8")
    return str(folder / "path")


class TestPackages:
    """What is missing, broken or does not fit."""

    @pytest.mark.parametrize(
        ("package", "sentence"),
        [
            ("torch", "PyTorch is not installed: pip install torch"),
            ("numpy", "numpy is not installed: pip install -r requirements.txt"),
            ("hypothesis", "hypothesis is not installed: pip install -r requirements.txt"),
        ],
    )
    def test_a_package_that_is_not_installed_is_named(self, copy, tmp_path, package, sentence):
        (tmp_path / "path").mkdir()
        for folder in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
            for entry in Path(folder).iterdir():
                if not entry.name.lower().startswith((package, f"_{package}")):
                    (tmp_path / "path" / entry.name).symlink_to(entry)

        # -S leaves out the folder that has the package.
        result = pytest_in(copy, python=("-S",), PYTHONPATH=str(tmp_path / "path"))

        assert_refused(result, sentence)

    @pytest.mark.parametrize(
        ("source", "sentence"),
        [
            ("raise ImportError('libc10.so: no\\nsuch file')", "ImportError: libc10.so: no such"),
            ("raise OSError('libc10.so')", "OSError: libc10.so"),
            ("import a_part_of_pytorch", "ModuleNotFoundError: No module named 'a_part"),
            ("raise SystemExit(0)", "SystemExit: 0"),
            ("this is no Python", "SyntaxError: invalid syntax"),
        ],
    )
    def test_a_pytorch_that_fails_to_import_is_refused(self, copy, tmp_path, source, sentence):
        result = pytest_in(copy, PYTHONPATH=module(tmp_path, "torch", source))

        assert_refused(result, f"PyTorch is installed but fails to import: {sentence}")

    def test_a_file_that_hides_pytorch_is_named(self, copy, tmp_path):
        result = pytest_in(copy, PYTHONPATH=module(tmp_path, "torch", ""))

        assert_refused(result, "what is imported as torch is not PyTorch: ")
        assert str(tmp_path / "path" / "torch.py") in result.stdout

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="no other process to say it")
    @pytest.mark.parametrize("end", ["os.abort()", "os.kill(os.getpid(), 9)", "os._exit(7)"])
    def test_a_pytorch_whose_import_ends_the_process_is_refused(self, copy, tmp_path, end):
        path = module(tmp_path, "torch", f"import os; {end}")

        result = pytest_in(copy, PYTHONPATH=path)

        assert result.returncode != 0
        *stack, last = filter(None, result.stdout.splitlines())
        assert last == "ERROR: PyTorch is installed but its import ends the process"
        if stack:
            assert f'  File "{path}/torch.py", line 1 in <module>' in stack

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="no other process to say it")
    def test_a_person_who_interrupts_the_import_is_not_told_that_it_failed(self, copy, tmp_path):
        source = "import os, signal; os.killpg(0, signal.SIGINT)"

        result = pytest_in(copy, PYTHONPATH=module(tmp_path, "torch", source), preexec_fn=os.setsid)

        assert result.returncode != 0
        assert "ends the process" not in result.stdout

    @pytest.mark.parametrize(
        ("torch", "numpy", "fits"),
        [
            ("2.2.2+cpu", "2.0.1", False),
            ("1.13.1", "2.4.6", False),
            ("1.13.1", "1.26.4", True),
            ("2.3.0a0+git1", "2.0.0rc1", True),
            ("2.10.0", "2.0.0", True),
        ],
    )
    def test_numpy_2_is_refused_before_pytorch_2_3(self, monkeypatch, torch, numpy, fits):
        from harness.run import requirements

        versions = {"torch": torch, "numpy": numpy}
        monkeypatch.setattr(requirements.metadata, "version", versions.__getitem__)

        assert requirements.outdated_for_numpy() == (
            None
            if fits
            else f"PyTorch {torch} cannot work with NumPy {numpy}: pip install 'numpy<2'"
        )


class TestPython:
    """How Python was started."""

    def test_python_without_assertions_is_refused(self, copy):
        sentence = "Python was told to leave out assertions (-O or PYTHONOPTIMIZE)"

        for result in (
            pytest_in(copy, PYTHONOPTIMIZE="1"),
            pytest_in(copy, python=("-O",)),
            *([pytest_in(copy, "-n2", PYTHONOPTIMIZE="1")] if find_spec("xdist") else []),
        ):
            assert result.returncode == pytest.ExitCode.USAGE_ERROR
            assert sentence in result.stdout

    @pytest.mark.parametrize(
        ("python", "environment"),
        [
            ((), {"PYTHONWARNINGS": "error"}),
            (("-I",), {}),
            (("-X", "dev"), {}),
            (("-X", "utf8=0"), {"LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0"}),
            ((), {"PYTHONHASHSEED": "1", "PYTHONIOENCODING": "ascii"}),
            ((), {"HOME": "/nonexistent", "TERM": "dumb", "COLUMNS": "20"}),
            ((), {"OMP_NUM_THREADS": "3", "MKL_NUM_THREADS": "2"}),
            ((), {"PYTORCH_JIT": "0"}),
            ((), {"CI": "true"}),
        ],
        ids=str,
    )
    def test_it_works(self, copy, python, environment):
        assert_works(pytest_in(copy, python=python, **environment))


class TestPlaces:
    """Where the checkout and the person are."""

    def test_a_path_with_spaces_and_japanese_works(self, tmp_path):
        folder = tmp_path / "my files 日本語 'と\" #%"
        folder.mkdir()

        assert_works(pytest_in(copy_project(folder)))

    @pytest.mark.parametrize("place", ["/", "{copy}/specs", "{copy}/..", "{tmp}"])
    def test_another_directory_works(self, copy, tmp_path, place):
        cwd = Path(place.format(copy=copy, tmp=tmp_path))

        assert_works(pytest_in(copy, cwd=cwd))

    @pytest.mark.skipif(sys.platform != "linux", reason="root may write anywhere but on Linux")
    @pytest.mark.parametrize("arguments", [(), ("--hypothesis-profile=explore",), ("--ff",)])
    def test_a_checkout_that_is_read_only_works(self, copy, arguments):
        folders = [copy, *(path for path in copy.rglob("*") if path.is_dir())]
        for folder in folders:
            folder.chmod(stat.S_IRUSR | stat.S_IXUSR)

        try:
            result = pytest_in(
                copy,
                *arguments,
                preexec_fn=_may_not_write_everywhere,
                PYTHONDONTWRITEBYTECODE="",
            )
            left = [*copy.rglob("__pycache__"), *copy.glob(".*")]
        finally:
            for folder in folders:
                folder.chmod(stat.S_IRWXU)

        assert_works(result)
        assert left == []

    def test_no_access_to_the_cache_works(self, copy):
        for name in (".pytest_cache", ".hypothesis"):
            (copy / name).write_text("a file in the folder's place", encoding="utf-8")

        assert_works(pytest_in(copy))


class TestOptions:
    """What a person, a configuration or another plugin asks pytest for."""

    @pytest.mark.parametrize(
        "arguments",
        [
            "-W error",
            "-W error::DeprecationWarning -W always",
            "-s",
            "--capture=sys",
            "-p no:cacheprovider -p no:warnings -p no:faulthandler -p no:logging",
            "--import-mode=importlib",
            "--assert=plain",
            "--strict-config --strict-markers",
            "--hypothesis-seed=7",
            "--log-level=DEBUG --log-cli-level=DEBUG",
            "-o faulthandler_timeout=60",
            "--rootdir=/",
            "--color=yes -v",
            "-x --durations=5 --tb=native",
        ],
    )
    def test_it_works(self, copy, arguments):
        assert_works(pytest_in(copy, *arguments.split()))

    @pytest.mark.parametrize(
        "order", ["items.reverse()", "__import__('random').Random(3).shuffle(items)"]
    )
    @pytest.mark.parametrize("first", [True, False])
    def test_a_plugin_that_reorders_tests_works(self, copy, tmp_path, order, first):
        path = module(
            tmp_path,
            "reordering",
            "import pytest\n"
            f"@pytest.hookimpl(tryfirst={first}, trylast={not first})\n"
            f"def pytest_collection_modifyitems(items): {order}\n",
        )

        assert_works(pytest_in(copy, "-p", "reordering", PYTHONPATH=path))

    def test_what_a_plugin_set_in_pytorch_and_numpy_makes_no_difference(self, copy, tmp_path):
        path = module(
            tmp_path,
            "debugging",
            "import numpy as np, torch\n"
            "torch.autograd.set_detect_anomaly(True)\n"
            "torch.set_printoptions(precision=2, sci_mode=True)\n"
            "torch.set_warn_always(True)\n"
            "torch.set_grad_enabled(False)\n"
            "torch.set_default_dtype(torch.float16)\n"
            "torch.set_num_threads(3)\n"
            "torch.manual_seed(5)\n"
            "getattr(torch, 'set_default_device', print)('meta')\n"
            "torch.inference_mode().__enter__()\n"
            "np.seterr(all='raise')\n",
        )

        result = run("specs", "-p", "debugging", "--device=cpu", cwd=copy, PYTHONPATH=path)

        assert result.returncode == 0, result.stdout

    @pytest.mark.parametrize(
        ("plugin", "arguments"),
        [
            ("xdist", "-n 2"),
            ("xdist", "-n 1 -W error"),
            ("xdist", "-n 2 --dist=loadfile"),
            ("pytest_randomly", "-p randomly -p no:xdist"),
            ("pytest_randomly", "-p randomly -n 2"),
        ],
    )
    def test_a_plugin_from_outside_works(self, copy, plugin, arguments):
        pytest.importorskip(plugin)

        assert_works(pytest_in(copy, *arguments.split()))


def _may_not_write_everywhere() -> None:
    """Take from root the right to write where nobody may, in the process to come."""
    drop_from_bounding_set, write_anywhere = 24, 1  # PR_CAPBSET_DROP, CAP_DAC_OVERRIDE
    ctypes.CDLL(None).prctl(drop_from_bounding_set, write_anywhere, 0, 0, 0)
