"""The archive: synchronous, usable alone, with no browser, no portal and no network."""
