"""The profile's language as strict models; one module per part of a portal."""
