"""Decides which mentions are one person, vehicle or organisation: pure functions and one index.

Precision first: a wrong link puts one person's record on another. Nothing here reads a clock, a
file, a setting or chance; the same mentions, model and judgements give the same entities in
whatever order they came. Race, ethnicity, skin tone and country of birth never enter (R-10).
"""
