"""Decoding: from the bytes of a record to a typed event with its time and shopper, or the reason why not.

decoder         the way through all of it
segment         the JSON schema of inputs: calls by name (segment_calls, segment_commerce)
limits, money   what types cannot state: nesting, lengths, required ids; amounts in minor units
event_time      the time of an event
normalize       a typed call -> the decoded record
diagnosis       what is wrong with a record that does not decode; rejections: the codes
"""
