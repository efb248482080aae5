"""Where pages and files may come from: the account's own portal, and what the profile names beside it."""

from __future__ import annotations

from agent.portal.site import Site


def may_ask(site: Site, url: str) -> bool:
    """Whether a request may go there, and what stands there be believed. An address that is none leads nowhere.

    An allowed host may answer by https where http was asked for.
    """
    try:
        return site.allows(url) or (
            url.startswith("https://") and site.allows(f"http://{url.removeprefix('https://')}")
        )
    except ValueError:
        return False
