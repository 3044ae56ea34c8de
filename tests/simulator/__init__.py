"""A deterministic simulator of stages on Kafka: one seed is one world, with its faults.

It runs the real `handle` functions through the real step, transaction, restore and tenure over a
simulated broker, so what it shows holds for the code that runs.
"""
