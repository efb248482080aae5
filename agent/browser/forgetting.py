"""A script for the start of every document that removes what the browser keeps of a page's state."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_SCRIPT = """(() => {
  if (window !== top) return;
  const forget = (storage, patterns) => {
    for (const key of Object.keys(storage)) if (patterns.some((pattern) => pattern.test(key))) storage.removeItem(key);
  };
  try {
    forget(localStorage, %s);
    forget(sessionStorage, %s);
  } catch (error) {} // this document has no storage
})()"""


def forget_script(local_storage: Sequence[str], session_storage: Sequence[str]) -> str | None:
    """Keys are names with `*`; `None` where nothing is to be forgotten."""
    if not local_storage and not session_storage:
        return None
    return _SCRIPT % (_patterns(local_storage), _patterns(session_storage))


def _patterns(names: Sequence[str]) -> str:
    expressions = ("^" + ".*".join(map(re.escape, name.split("*"))) + "$" for name in names)
    return "[" + ", ".join(f"new RegExp({json.dumps(expression)}, 's')" for expression in expressions) + "]"
