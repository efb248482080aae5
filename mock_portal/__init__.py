"""A support-case portal that behaves like Seller Central's Case Log, on loopback only. It is not Amazon."""
