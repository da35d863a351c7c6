"""A status list fetched from its URL, which whoever issued a passport chose: behind the guard of `guarded_https`."""

from __future__ import annotations

import re
from typing import Final

from passport.credentials.did import parse_web_did
from passport.credentials.guarded_https import GuardedHttps, Wanted
from passport.errors import ResolutionError

MAX_LIST_BYTES: Final = 16 << 20
"""As much as an audit reads of one document."""

_ACCEPT: Final = "application/vc, application/vc+jwt, application/json"
_MAX_URL_CHARACTERS: Final = 2000
# The host as in a did:web; the path and query of RFC 3986 alone: what stands in a request line is no matter of taste.
_URL: Final = re.compile(
    r"https://(?P<host>[A-Za-z0-9.-]{1,253})(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*(?:\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)\Z"
)


def fetch_status_list(https: GuardedHttps, url: str) -> bytes:
    """The bytes that a URL leads to; nothing of them is judged.

    Args:
        https: Fetches.
        url: Where.

    Raises:
        ResolutionError: Not such a URL, or the list cannot be had: see `GuardedHttps.get`.
    """
    match = _URL.match(url) if len(url) <= _MAX_URL_CHARACTERS else None
    if match is None:
        raise ResolutionError(
            "not the URL of a status list",
            where=url[:_MAX_URL_CHARACTERS],
            expected="https://host/path, without user, fragment or address",
        )
    host, port = match["host"], match["port"]
    encoded = f"did:web:{host}" if port is None else f"did:web:{host}%3A{port}"
    try:
        web = parse_web_did(encoded)  # no address, no label that passes for one, no port that is none
    except ResolutionError as error:
        raise ResolutionError(error.message, where=url, found=error.found) from error
    return https.get(Wanted(web.host, web.port, match["path"], _ACCEPT, MAX_LIST_BYTES, url))
