"""Where handlers find what they answer from."""

from __future__ import annotations

from aiohttp import web

from dashboard.access import Access
from dashboard.rolls import Rolls
from dashboard.shop import ShopView
from dashboard.watch import Watcher

WATCHER: web.AppKey[Watcher] = web.AppKey("watcher", Watcher)
SHOP: web.AppKey[ShopView] = web.AppKey("shop", ShopView)
ROLLS: web.AppKey[Rolls] = web.AppKey("rolls", Rolls)
ACCESS: web.AppKey[Access] = web.AppKey("access", Access)
