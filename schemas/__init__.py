"""What crosses the bus: Avro schemas, catalogues, code lists and the pure code reading them."""
