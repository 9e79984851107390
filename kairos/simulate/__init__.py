"""A shop to play with: made-up shoppers whose rates are those of real shops, the same at every run of a seed."""
