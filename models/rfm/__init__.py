"""RFM: recency, frequency and monetary value of a buyer, scored beside all other buyers of the shop.

scores          a buyer's scores, a feature; segments and value: the tags by them
hysteresis      what time and new tables may change of scores that a buyer has; steps: which table may be the first
sketch          all buyers counted, in each shard; cuts: the table computed from that; table: its place in the engine
"""
