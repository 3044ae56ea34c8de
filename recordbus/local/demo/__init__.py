"""The demo: the commands of the bus, run in the order in which a person would try them."""
