"""Facts as a rule reads them: by their full path, None if there is none."""

from typing import Any


class Facts(dict[str, Any]):
    """Facts by full path; one that is absent is None."""

    def __missing__(self, path: str) -> Any:
        return None
