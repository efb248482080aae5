"""What a profile may ask of the account: the values behind `{user}`, `{account_name}` and their like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace

from agent.config.model import AccountSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """An account as pages are read for it. `zone` is an IANA name; `variables` are the profile's, as far as known."""

    name: str
    base_url: str
    user: str
    account_name: str
    marketplace: str | None = None
    zone: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: AccountSettings) -> AccountFacts:
        return cls(
            name=settings.name,
            base_url=settings.base_url,
            user=settings.user,
            account_name=settings.account_name,
            marketplace=settings.marketplace,
            zone=settings.timezone,
            variables=settings.variables,
        )

    def knowing(self, variables: Mapping[str, str]) -> AccountFacts:
        """The same account with more variables known."""
        return replace(self, variables={**self.variables, **variables})

    def values(self) -> dict[str, str]:
        """Every variable by name."""
        own = {"user": self.user, "account_name": self.account_name, "marketplace": self.marketplace or ""}
        return {**own, **self.variables}
