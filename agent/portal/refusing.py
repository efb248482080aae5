"""What must not be pushed against, wherever it turns up: a challenge, a block page."""

from __future__ import annotations

from agent.errors import AccessDenied
from agent.errors import PersonNeeded
from agent.extract.conditions import any_holds
from agent.extract.reader import PageReader
from agent.portal.site import Site


def refuse(site: Site, reader: PageReader) -> None:
    """Raises `PersonNeeded` or `AccessDenied` for a page that bears the profile's marks of one."""
    account, marks = site.account.name, site.profile.verdicts
    for challenge in site.profile.sign_in.challenges:
        if any_holds(reader, challenge.when):
            kind = challenge.kind.value
            raise PersonNeeded(account, f"the portal asks for a person: {kind}", reader.url, wanted=kind)
    if any_holds(reader, marks.challenge):
        raise PersonNeeded(account, "the portal asks for a person", reader.url)
    if any_holds(reader, marks.denied):
        raise AccessDenied(account, "the portal shows a block page", reader.url)
