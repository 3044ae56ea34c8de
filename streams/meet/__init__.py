"""Lets records that share a key meet, and gathers the evidence between their mentions.

`meet` states how mentions agree and never what they come to: default values and judgements may
change that, and `identify` knows them. Invariant: a published list names only records that are
live, meet its own record now, and are worth keeping with it now.
"""
