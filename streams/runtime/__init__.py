"""The stage runtime: everything of the one rule for stages that does not need Faust."""
