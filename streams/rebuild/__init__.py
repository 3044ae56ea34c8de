"""The bus made anew from `records.v1` and what intake remembers, under a higher epoch."""
