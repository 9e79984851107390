"""The churn model beside recency and the closed forms, on real shops.

files ──data_sets──┬──rows──> histories (the engine, up to the cut) ──production──> predictors ──┐
                   └──orders──> purchases ──┬──> recency, closed_forms ───────────────────────────┼──measures──> scores
                                            └──> who ordered in the holdout ──────────────────────┘

``python -m bench.models`` measures, writes ``bench/models/results.json``, and from it ``bench/MODELS.md`` and
``bench/models.svg``. What is learned is learned before the cut; what is scored is read from the raw files, not by the
engine.
"""
