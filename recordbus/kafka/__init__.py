"""The one door to Kafka and the schema registry; no other part imports their client library."""
