"""Learn the variables that a URL needs from a page of the portal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace

from agent.extract.reader import PageReader
from agent.extract.reading import Reading
from agent.extract.snapshot import PageKind
from agent.extract.snapshot import PageRequest
from agent.extract.snapshot import Verdict
from agent.portal.confined import may_ask
from agent.portal.limiter import Limiter
from agent.portal.look import Look
from agent.portal.looking import Watcher
from agent.portal.site import Site

_UNREADY = frozenset({Verdict.OK, Verdict.BLANK, Verdict.DRIFTED})


@dataclass(slots=True)
class Learner:
    """Reads variables where the profile says they stand; the site knows them from then on."""

    site: Site
    limiter: Limiter
    watcher: Watcher

    async def learn(self, names: Sequence[str]) -> Reading | None:
        """Return `None` when all were learnt, else what the page was taken for; it answers the request in hand."""
        asked = self.watcher.request
        of_row = [name for name in names if name not in self.site.profile.variables]
        if of_row:
            # To open such an address would ask for another page, whose absence would be taken for the case's.
            look = await self.watcher.once()
            reason = f"the address has {', '.join(of_row)}, and the case's list row is not known"
            return replace(look.reading, verdict=Verdict.DRIFTED, reason=reason, page=None, next=None)
        left = list(names)
        while left:
            template = self.site.profile.variables[left[0]].url or asked.url
            here = [name for name in left if (self.site.profile.variables[name].url or asked.url) == template]
            reading = await self._learn_at(self.site.url(template), here)
            if reading is not None:
                return replace(reading, snapshot=replace(reading.snapshot, request=asked))
            left = [name for name in left if name not in here]
        return None

    async def _learn_at(self, url: str, names: Sequence[str]) -> Reading | None:
        self.watcher.request = PageRequest(kind=PageKind.HOME, url=url)
        if not may_ask(self.site, url):
            return self.watcher.refused()
        await self.limiter.turn()
        await self.watcher.page.open(url, seconds=self.watcher.seconds)
        found: dict[str, str] = {}

        def readable(look: Look) -> bool:
            if may_ask(self.site, look.reader.url):
                found.update(self._read(look.reader, names))
            return len(found) == len(names)

        look = await self.watcher.until(readable)
        if len(found) == len(names):
            self.site.learn(found)
            return None
        if look.reading.verdict not in _UNREADY:
            return look.reading
        missing = ", ".join(f"variables.{name}" for name in names if name not in found)
        return replace(look.reading, verdict=Verdict.DRIFTED, reason=f"cannot read {missing}")

    def _read(self, reader: PageReader, names: Sequence[str]) -> dict[str, str]:
        found = {}
        for name in names:
            field = self.site.profile.variables[name].field
            text = reader.text(f"variables.{name}", field) if field is not None else None
            if text is not None:
                found[name] = text
        return found
