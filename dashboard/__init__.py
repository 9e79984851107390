"""The live page and the read API: what people and programs see of the store. Reads, and writes nothing.

Redis ─▶ watch (one look a second) ─▶ Snapshot ─▶ answers (pure) ─▶ pages: HTML,  api: JSON,  streams of both
"""
