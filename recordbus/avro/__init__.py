"""Avro binary for bytes that nobody vouches for, and for values that are written millions of times.

- `tree` reads a schema into a small immutable tree and refuses the ones that cannot be read safely.
- `walker` reads any valid bytes slowly, and says of invalid ones what is wrong and at which byte.
- `parts` are numbers, lengths and texts as bytes.
- `reader` and `writer` turn a tree into straight-line Python once; per value they are two to four
  times as fast as a table-driven codec, and the reader takes nothing but the canonical form.

Values are those of fastavro: unions of several records give `(full name, fields)`, timestamps are
aware datetimes. Property tests hold the three and fastavro to the same answers.
"""
