"""What a profile says about sending, in one value. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from agent.profile.model.profile import PortalProfile
from agent.profile.model.reply import AttachmentRules
from agent.profile.model.reply import DeliveryRules
from agent.profile.model.reply import TextRules


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingRules:
    """`takes_files`: the reply form has an upload; `keeps_below`: what stands in the form stays below our text."""

    text: TextRules
    files: AttachmentRules
    delivery: DeliveryRules
    takes_files: bool
    keeps_below: bool

    @classmethod
    def of(cls, profile: PortalProfile) -> SendingRules:
        reply = profile.reply
        return cls(
            text=TextRules() if reply is None else reply.text,
            files=profile.attachments,
            delivery=profile.delivery,
            takes_files=reply is not None and reply.upload is not None,
            keeps_below=reply is not None and not reply.editor.clear,
        )
