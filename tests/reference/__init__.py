"""The whole meaning of a log, written a second time: plain, single-threaded, slow, and apart from the engine.

It is read from the design, never from the engine's code, and shares with it only the vocabulary (events, settings and
decoded records of `models.kernel`) and the decoder of records. Whatever can be recomputed is recomputed from the full
list of a shopper's events. Files: `merge` orders the records, `world` folds them, `shopper` decides about one event,
and `orders`, `gaps`, `carts`, `rfm`, `lifecycle`, `interest` say what it means. `tags` judges what a shopper is, by
`buying`, `unusual`, `views`, `favourites` and `habits`. `histories` makes random shops, `stories` what happens in them.
"""
