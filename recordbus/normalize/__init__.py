"""One spelling for one thing: pure functions from what a department wrote to what can be compared.

Intake, the search index and the resolve command share them, so that a name folds the same way
when it is stored and when it is asked for. Nothing here reads a clock, a file or a setting;
every function is total on text and gives the same answer for the same input.
"""
