"""Carts: what is in them, and the reminder of an abandoned one.

cart_events     cart and order events -> carts; the feature `Carts`, which emits the messages
naming          what names what: product, variant and sku of lines, removals and orders
basket          the operations of one cart, whatever order they arrived in
contents        what is in a cart at some instant
bounds          how many carts there are, and how large they may be
echo            what orders bought, for changes of carts that come right after them
abandonment     when a reminder is due, sent, suppressed, recovered, cancelled, expired: the state machine
recovery        which reminder an order answers
cart_trigger    the messages about it, and their topic
abandoner       the tag `cart_abandoner`
"""
