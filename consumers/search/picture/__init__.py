"""Pictures of a network: where things stand, how they are drawn, and the table beside them."""
