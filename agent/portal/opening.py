"""Put a `BrowserPortal` together from what a person configured."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from agent.browser.context import ContextSettings
from agent.browser.context import ProxyServer
from agent.browser.forgetting import forget_script
from agent.browser.running import Browsers
from agent.clock import Clock
from agent.config.model import AccountSettings
from agent.config.places import Places
from agent.extract.snapshot import Environment
from agent.portal.browser_portal import BrowserPortal
from agent.portal.codes import OneTimeCodes
from agent.portal.evidence import EvidenceBook
from agent.portal.keeping import SessionKeeper
from agent.portal.limiter import Limiter
from agent.portal.presence import Presence
from agent.portal.sign_in import Credentials
from agent.portal.site import Site
from agent.profile.account import AccountFacts
from agent.profile.model.profile import PortalProfile
from agent.secrets import Secrets


def limiter_for(account: AccountSettings, profile: PortalProfile, clock: Clock) -> Limiter:
    """The account's pace, else the profile's. Accounts at the same portal share one limiter."""
    rate, pages = account.pace.requests_per_second, account.pace.pages
    return Limiter(
        clock,
        requests_per_second=profile.politeness.requests_per_second if rate is None else rate,
        at_once=pages or profile.politeness.pages,
    )


async def open_portal(
    account: AccountSettings,
    profile: PortalProfile,
    *,
    browsers: Browsers,
    environment: Environment,
    secrets: Secrets,
    clock: Clock,
    places: Places,
    limiter: Limiter | None = None,
) -> BrowserPortal:
    """Open the account's portal, with the session that was kept if there is one. Nothing is asked of the portal yet.

    Raises `NoEngine` when the environment cannot be had, `SecretUnavailable` when a source gives nothing.
    """
    facts = AccountFacts.of(account)
    portal = BrowserPortal(
        site=Site(profile, facts, account.locale),
        clock=clock,
        limiter=limiter or limiter_for(account, profile, clock),
        presence=Presence(
            browsers=browsers,
            keeper=_keeper(account, secrets, clock, places.sessions),
            settings=ContextSettings(locale=account.locale, timezone=account.timezone, proxy=_proxy(account, secrets)),
            redactor=secrets.redactor,
            environment=environment,
            pages=account.pace.pages or profile.politeness.pages,
            cookie_names=profile.sign_in.session_cookies,
            at_start=forget_script(profile.reset.local_storage, profile.reset.session_storage),
        ),
        credentials=_credentials(account, secrets, clock, places.sessions),
        evidence=EvidenceBook(places.evidence / account.name, secrets.redactor),
        scratch=browsers.directory,
    )
    return await portal.open()


def _keeper(account: AccountSettings, secrets: Secrets, clock: Clock, folder: Path) -> SessionKeeper:
    key = None
    if account.session_key is not None:
        where = f"accounts.{account.name}.session_key"
        key = secrets.fetch(account.session_key, where=where, user=account.user)
    return SessionKeeper(folder, account.name, account.base_url, clock, key, account.session_days)


def _credentials(account: AccountSettings, secrets: Secrets, clock: Clock, folder: Path) -> Credentials:
    codes = None
    if account.totp is not None:
        where = f"accounts.{account.name}.totp"
        secret = secrets.fetch(account.totp, where=where, user=account.user)
        codes = OneTimeCodes(secret, clock=clock, memory=folder / f"{account.name}.last-code", where=where)
    where = f"accounts.{account.name}.password"
    password = partial(secrets.fetch, account.password, where=where, user=account.user)
    return Credentials(password=password, codes=codes)


def _proxy(account: AccountSettings, secrets: Secrets) -> ProxyServer | None:
    proxy = account.proxy
    if proxy is None:
        return None
    password = None
    if proxy.password is not None:
        where = f"accounts.{account.name}.proxy.password"
        password = secrets.fetch(proxy.password, where=where, user=proxy.user or account.user)
    return ProxyServer(proxy.server, proxy.user, password)
