"""The fixture that another project's tests use to drive a mock portal."""
