"""The first stage: what a department published becomes a valid, normalised record with relations.

`decode` reads outsiders' bytes, `checks` judges the values, `order` the sequence, `normalise` and
`relations` say what follows from the record, `handle` puts them together (all pure but for the
schema look-up, which is injected), and `stage` wires it to the runtime.
"""
