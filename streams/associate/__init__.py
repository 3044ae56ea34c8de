"""The last stage: what a record says about its mentions, and who they are, become associations.

`entries` reads the two sides of a record, as `sides` names them, `pairing` brings equal versions
together, `support` refuses what nothing supports, `clocks` and `standing` say what holds and until
when, `carrying` what need not be looked at again, `updates` what is new, `publish` puts it into
bytes, `state` and `expiries` keep it; `handle` puts them together (all pure but for the schema
look-up, which is injected), and `stage` wires it to the runtime.
"""
