"""How events move: the only code that knows Faust."""
