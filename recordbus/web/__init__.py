"""What every door over HTTP has in common: strict input, named problems, tokens, limits, headers.

The invariant: nothing that a client sent reaches a route before it was bounded, and no answer
tells more of a refusal than the client may know.
"""
