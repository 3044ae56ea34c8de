"""Reading the quarantine: what was set aside and still stands, for operators."""
