"""The HTTP service: a router per resource that parses, calls one function and answers.

    from api import ServiceSettings, serve

    serve(ServiceSettings(workspace=Path("auditor"), trust=Path("trust.json")), port=8000)

`api.app.create_app` is the ASGI application, for whoever brings another server; it needs the extra `api`, these do not.
"""

from __future__ import annotations

from api.server import serve
from api.settings import ServiceSettings

__all__ = ["ServiceSettings", "serve"]
