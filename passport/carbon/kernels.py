"""Which kernels do the work: numba's where it is installed, else NumPy and SciPy alone, with the same results."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any, Literal, TypeVar

from passport.errors import UsageError

Kernel = Literal["auto", "numba", "numpy"]
"""What a caller may ask for; `auto` is numba where it is installed."""

ENVIRONMENT = "PASSPORT_KERNEL"
"""The environment variable that says what `auto` is to mean."""

TINY = 1e-290
"""Residuals below this are none: so near to zero numbers have no digits left to be wrong in."""

Function = TypeVar("Function", bound=Callable[..., Any])


def chosen(kernel: Kernel = "auto") -> Literal["numba", "numpy"]:
    """Which kernels to use.

    Args:
        kernel: What the caller asks for.

    Raises:
        UsageError: There are no such kernels, or numba is asked for by name and not installed.
    """
    wanted = os.environ.get(ENVIRONMENT) or "auto" if kernel == "auto" else kernel
    if wanted == "numpy":
        return "numpy"
    if wanted not in ("auto", "numba"):
        raise UsageError("no such kernels", where="kernel", expected="auto, numba or numpy", found=wanted)
    if has_numba():
        return "numba"
    if wanted == "numba":
        raise UsageError("numba is not installed", where="kernel", hint='pip install "carbon-passport[fast]"')
    return "numpy"


@cache
def has_numba() -> bool:
    """Whether numba is installed; it is not imported to find out."""
    return find_spec("numba") is not None


def compiled(**options: Any) -> Callable[[Function], Function]:
    """Let numba compile a function on its first call, and keep the code beside the module or in the user's cache.

    Where neither can be written to, every process compiles anew.
    """
    from numba import njit

    from passport.carbon.kept_code import kept_code

    def decorate(function: Function) -> Function:
        try:
            with kept_code():
                made: Function = njit(cache=True, error_model="numpy", **options)(function)
        except RuntimeError:  # numba finds no folder to cache in
            made = njit(error_model="numpy", **options)(function)
        return made

    return decorate
