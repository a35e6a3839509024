"""What the tests of lists of rules, the library and the JSON tab share: a browser and a small world."""

from tests.webapp.pages.conftest import drain, packs, post, sign_in, world

__all__ = ["drain", "packs", "post", "sign_in", "world"]
