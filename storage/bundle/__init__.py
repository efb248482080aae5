"""One case as a folder: a page to read, its data, its files under safe names."""

from storage.bundle.write import Bundle
from storage.bundle.write import write_bundle

__all__ = ["Bundle", "write_bundle"]
