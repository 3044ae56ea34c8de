"""Benches: how fast the bus is on a real Kafka, beside a baseline in the same run."""
