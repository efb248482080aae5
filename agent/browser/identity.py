"""What the browsers say they are: the truth, with our name at its end."""

from __future__ import annotations

from importlib.metadata import version


def user_agent_suffix() -> str:
    return f"caselog/{version('caselog')} (+automated)"


def honest(user_agent: str) -> str:
    """Add our name to a browser's own User-Agent."""
    return f"{user_agent} {user_agent_suffix()}"
