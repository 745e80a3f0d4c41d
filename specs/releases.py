"""Guards for what differs between releases of PyTorch, to be read as prose beside a claim."""

from __future__ import annotations

import pytest
import torch
from packaging.version import Version  # pytest itself depends on it

#: The installed release, as (2, 13, 0); a pre-release or local build counts as its release.
RELEASE = Version(torch.__version__).release


def since(release: str) -> pytest.MarkDecorator:
    """Run the spec on ``release``, such as "2.1", and later ones; skip it on earlier ones."""
    return pytest.mark.skipif(
        RELEASE < Version(release).release,
        reason=f"since PyTorch {release}; this is {torch.__version__}",
    )


def before(release: str) -> pytest.MarkDecorator:
    """Run the spec on releases earlier than ``release``; skip it on that one and later ones."""
    return pytest.mark.skipif(
        RELEASE >= Version(release).release,
        reason=f"before PyTorch {release}; this is {torch.__version__}",
    )
