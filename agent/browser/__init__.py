"""The only importer of Playwright, and lazily: engines found, launched and watched; pages opened and acted on."""
