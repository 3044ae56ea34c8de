"""The stages: each a deterministic state machine over one log, run by Faust."""
