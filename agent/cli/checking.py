"""What a profile made of pages, for programs and for people."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

if TYPE_CHECKING:
    from agent.extract.check import CheckReport
    from agent.extract.reading import FieldFailure


def report_value(profile: str, report: CheckReport) -> dict[str, Any]:
    return {
        "profile": profile,
        "problems": [],
        "passed": report.passed,
        "pages": [
            {
                "page": page.page,
                "verdict": page.verdict.value,
                "reason": page.reason,
                "count": page.count,
                "failures": [_failure(failure) for failure in page.failures],
            }
            for page in report.pages
        ],
        "unseen": [_failure(failure) for failure in report.unseen],
    }


def _failure(failure: FieldFailure) -> dict[str, str]:
    return {"field": failure.field, "selector": failure.selector, "why": failure.why}


def report_lines(profile: str, report: CheckReport) -> list[str]:
    lines = []
    for page in report.pages:
        lines.append(
            f"{page.page}: {page.verdict.value}, {page.count} read{f' ({page.reason})' if page.reason else ''}"
        )
        lines += [f"  ! {failure.field}: {failure.why}  {failure.selector}" for failure in page.failures]
    if report.unseen:
        lines.append("\nOn none of these pages (wrong, or they do not show it):")
        lines += [f"  {failure.field}  {failure.selector}" for failure in report.unseen]
    verdict = "understood every page" if report.passed else "did not understand every page"
    return [*lines, f"\nThe profile {profile} {verdict}."]
