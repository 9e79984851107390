"""Decoding: from the bytes of a record to a typed event with its time and shopper, or the reason why not.

decoder           the way through all of it
segment           the JSON schema of inputs: calls by name (segment_calls, segment_carts, segment_orders,
                  segment_consent)
normalize         a typed call -> the decoded record
limits, money     what types cannot state: nesting, lengths, required ids; amounts in minor units
event_time        the time of an event
consent           what a message says of the channels by which the shopper may be reached
names             what a name means; conventions: the tables of names
tolerant          the reading of messages that are not as the contract has them; properties: of theirs
fields            the table of what is coerced, ignored, refused; coercion: how values are read; findings: the result
rejections        the codes of what makes a record a dead letter
"""
