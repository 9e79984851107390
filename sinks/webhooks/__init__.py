"""Webhooks: how messages are sent to other systems by HTTP.

What is sent, to whom:

endpoints    who gets which messages, and as what: the endpoints file
file_table   a table of that file, as it is written
checks       what an endpoint of it must be
references   keys and addresses that are not written into the file, but named there
signing      signatures by Standard Webhooks
templates    a message becomes a request: by a preset, or by the shop's own template
own          the shop's own templates of JSON
preset       what a preset is
presets/     the presets, a file each
properties   a message as systems of other makers take it: money in whole units, times as text
examples     one message of each kind, to check templates by

How it is sent:

message      a message on its way to one endpoint
queue        which message of an endpoint is tried next, and what an answer means for it
turns, lane  one message of a shopper at a time; what a partition has to write down
policy       what an answer means, and when to try again
condition    how an endpoint is
retracted    ids that later messages have taken back
courier      reads, tries and writes down, for one endpoint
sender       attempts by HTTP
guard        where requests may go
letters      what cannot be delivered
delivery_store, redis_deliveries, memory_deliveries   what senders keep
"""
