"""The condition tree that authors edit: its nodes, and every operation on them."""
