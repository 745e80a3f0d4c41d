"""Wherever pytest runs, it works, or one sentence says what is wrong and it exits non-zero."""

from __future__ import annotations

import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from harness.run import requirements
from meta_tests.copies import IN_ITEM, ITEM, copy_project, edit, run
from specs.ledger import LEDGER


def assert_refused(result: subprocess.CompletedProcess, sentence: str) -> None:
    """One sentence, no traceback, and the exit code of a usage error."""
    said = [line for line in result.stdout.splitlines() if line.strip()]
    assert len(said) == 1, result.stdout
    assert said[0].startswith(f"ERROR: {sentence}")
    assert result.returncode == pytest.ExitCode.USAGE_ERROR


def assert_works(result: subprocess.CompletedProcess) -> None:
    assert result.returncode == 0, result.stdout
    assert f"{len(IN_ITEM)} of {len(LEDGER)} claims confirmed" in result.stdout


def module(folder: Path, name: str, source: str) -> str:
    """A folder, for PYTHONPATH, that holds a module of this name."""
    (folder / "path").mkdir(exist_ok=True)
    (folder / "path" / f"{name}.py").write_text(source, encoding="utf-8")
    return str(folder / "path")


class TestRequirements:
    """Packages that are missing, too old, broken, or do not fit."""

    @staticmethod
    def problem(monkeypatch, package, installed):
        """What is said if this version of the package is installed, None for none."""

        def version(name):
            if name == package and installed is None:
                raise metadata.PackageNotFoundError
            return installed if name == package else "99.0"

        monkeypatch.setattr(requirements.metadata, "version", version)
        monkeypatch.setattr(requirements.util, "find_spec", lambda name: None)
        return requirements.unmet_requirement()

    @pytest.mark.parametrize("package", "torch numpy pytest hypothesis pytest-benchmark".split())
    def test_a_package_that_is_missing_or_too_old_is_named(self, monkeypatch, package):
        missing, old = (self.problem(monkeypatch, package, it) for it in (None, "0.9"))

        assert missing == f"{package} is not installed: pip install -r requirements.txt"
        assert old.startswith(f"{package} 0.9 is too old, {package}>=")
        assert old.endswith(" is needed: pip install -r requirements.txt")

    @pytest.mark.parametrize("version", ["1.13.0a0+gitunknown", "2.15.0a0+git1234567"])
    def test_builds_and_nightly_versions_of_pytorch_are_accepted(self, monkeypatch, version):
        assert self.problem(monkeypatch, "torch", version) is None

    def test_a_requirement_that_is_not_met_stops_the_run_in_a_sentence(self, tmp_path):
        copy = copy_project(tmp_path)
        edit(copy / "requirements.txt", "hypothesis>=6.100", "hypothesis>=999")

        assert_refused(run(ITEM, cwd=copy), "hypothesis ")

    def test_a_pytorch_that_cannot_be_imported_is_refused(self, tmp_path):
        path = module(tmp_path, "torch", "raise OSError('libc10.so: no\\nsuch file')")

        result = run(ITEM, PYTHONPATH=path)

        sentence = "OSError: libc10.so: no such file"
        assert_refused(result, f"torch is installed but cannot be imported: {sentence}")

    def test_a_pytorch_that_crashes_when_imported_shows_where(self, tmp_path):
        path = module(tmp_path, "torch", "import os; os.abort()")

        result = run(ITEM, PYTHONPATH=path)

        assert result.returncode != 0
        assert f'  File "{path}/torch.py", line 1 in <module>' in result.stdout

    @pytest.mark.parametrize(
        ("torch", "numpy", "fits"),
        [
            ("2.2.2+cpu", "2.0.1", False),
            ("1.13.1", "1.26.4", True),
            ("2.3.0a0+git1", "2.0.0rc1", True),
            ("2.10.0", "2.0.0", True),
        ],
    )
    def test_numpy_2_is_refused_before_pytorch_2_3(self, monkeypatch, torch, numpy, fits):
        versions = {"torch": torch, "numpy": numpy}
        monkeypatch.setattr(requirements.metadata, "version", versions.__getitem__)

        refused = f"PyTorch {torch} does not work with NumPy {numpy}: pip install 'numpy<2'"
        assert requirements.unfit_numpy() == (None if fits else refused)

    def test_python_without_assertions_is_refused(self):
        result = run(ITEM, PYTHONOPTIMIZE="1")

        assert result.returncode == pytest.ExitCode.USAGE_ERROR
        assert "ERROR: Python runs with -O or PYTHONOPTIMIZE" in result.stdout


class TestPlaces:
    """Where the checkout and the user are."""

    def test_a_path_with_spaces_and_japanese_from_another_directory_works(self, tmp_path):
        folder = tmp_path / "my files 日本語 'と\" #%"
        folder.mkdir()

        assert_works(run(str(copy_project(folder) / ITEM), cwd=Path("/"), cache=True))

    @pytest.mark.exhaustive
    @pytest.mark.parametrize("arguments", [("--ff",), ("--hypothesis-profile=explore",)])
    def test_no_access_to_the_caches_works(self, tmp_path, arguments):
        copy = copy_project(tmp_path)
        for name in (".pytest_cache", ".hypothesis"):
            (copy / name).write_text("a file in place of the folder", encoding="utf-8")

        assert_works(run(ITEM, *arguments, cwd=copy, cache=True))


@pytest.mark.exhaustive
class TestOptions:
    """What a user, a configuration or another plugin chooses."""

    @pytest.mark.parametrize(
        ("python", "arguments", "environment"),
        [
            ("-I", "--capture=sys --import-mode=importlib --rootdir=/ --strict-config", ""),
            ("-X dev", "-s --assert=plain", "PYTHONHASHSEED=1 PYTHONIOENCODING=ascii"),
            ("-X utf8=0", "--log-cli-level=DEBUG", "LC_ALL=C LANG=C PYTHONCOERCECLOCALE=0"),
            ("", "-p no:warnings -p no:faulthandler -p no:logging", "OMP_NUM_THREADS=3 CI=true"),
            ("", "-x --durations=5 --tb=native --color=yes -v", "PYTHONWARNINGS=error"),
            ("", "--hypothesis-seed=7 -W error", "HOME=/nonexistent TERM=dumb COLUMNS=20"),
        ],
    )
    def test_options_and_variables_work(self, python, arguments, environment):
        variables = dict(word.split("=") for word in environment.split())

        assert_works(run(ITEM, *arguments.split(), python=python.split(), cache=True, **variables))

    @pytest.mark.parametrize(
        ("plugin", "arguments"),
        [
            ("xdist", "-n 2 --dist=loadfile -W error"),
            ("pytest_randomly", "-p no:xdist"),
        ],
    )
    def test_other_plugins_work(self, plugin, arguments):
        pytest.importorskip(plugin)

        assert_works(run(ITEM, *arguments.split()))

    def test_what_a_plugin_set_in_pytorch_and_numpy_makes_no_difference(self, tmp_path):
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

        result = run("specs", "-p", "debugging", "--device=cpu", PYTHONPATH=path)

        assert result.returncode == 0, result.stdout
