"""How each department writes its records down: own columns, codes, dates and file formats."""
