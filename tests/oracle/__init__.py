"""What must stand in the public topics: one plain batch program, without Kafka.

It starts at the newest accepted version of every record, people's judgements and the time. It
shares no code with the stages but the schemas and the pure scorer, and keeps nothing from one run
to the next, so whatever the stages remember, wait for or restate has to come to the same.
"""
