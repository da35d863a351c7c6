"""A service in a process of its own: prints its URL and serves until it is told to stop.

Arguments: the workspace and the trust file.
"""

from __future__ import annotations

import sys
from pathlib import Path

from small_world import judged_at

from api.server import serve
from api.settings import ServiceSettings


def tell(url: str) -> None:
    """Write the URL for whoever started us."""
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve(
        ServiceSettings(workspace=Path(sys.argv[1]), trust=Path(sys.argv[2])),
        port=0,
        clock=judged_at,
        on_listening=tell,
    )
