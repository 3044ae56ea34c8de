"""`recordbus resolve`: what would link, in plain CSV files and without a bus."""
