"""A second, independent evaluator of agreements, and random cases to compare it on."""
