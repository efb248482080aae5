"""Getting past pages that stay blank: `ladder` decides, `climb` does."""
