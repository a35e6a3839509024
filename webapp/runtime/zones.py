"""Time zones by IANA name, only from the pinned `tzdata` package, so that every machine has the same ones."""

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

import tzdata  # type: ignore[import-untyped]  # data with a version, no types

TZDATA_VERSION: Final[str] = tzdata.IANA_VERSION


class _Zones(Mapping[str, tzinfo]):
    """All zones by name; each is loaded on first use."""

    def __getitem__(self, name: str) -> tzinfo:
        if name not in _names():
            raise KeyError(name)
        return _read(name)

    def __contains__(self, name: object) -> bool:
        return name in _names()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(_names()))

    def __len__(self) -> int:
        return len(_names())


ZONES: Final[Mapping[str, tzinfo]] = _Zones()


@cache
def _names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@cache
def _read(name: str) -> tzinfo:
    # Names come from the package's own list, so no outsider can choose a path.
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)
