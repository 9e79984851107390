"""Carts: what is in them, and the reminders of an abandoned one.

cart_events     the feature `Carts`: cart and order events, and time
followed        a shopper's carts, as stored, and what changes them
naming          what names what: product, variant and sku of lines, removals and orders
basket          the operations of one cart, whatever order they arrived in
contents        what is in a cart at some instant
bounds          how many carts there are, and how large they may be
echo            what orders bought, for changes of carts that come right after them
cart            one cart, as stored, and the generations of it that reminders go out for
generations     how generations are armed, recovered, cancelled, expired: the state machine
reminders       each step of one: held back, sent or suppressed
recovery        which reminder an order answers
cart_trigger    the messages about it, and their topic
abandoner       the tag `cart_abandoner`
levels, dearest what a shard counts of open carts, and which are worth most
"""
