"""All routes of the library."""

from webapp.pages.library import gallery, import_preview, json_tab, packs
from webapp.pages.library.blueprint import blueprint

__all__ = ["blueprint", "gallery", "import_preview", "json_tab", "packs"]
