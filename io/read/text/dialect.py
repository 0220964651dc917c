"""How a delimited text is written."""

import csv
from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """delimiter "": the text has one column. escape: a backslash (or other sign) protects the quote."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None
    skip_space: bool = False

    def reader_options(self) -> dict[str, object]:
        """Options for `csv.reader`; a text of one column is split at a sign that no text holds."""
        return {
            "delimiter": self.delimiter or "\x1f",
            "quotechar": self.quote or None,
            "quoting": csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            "doublequote": self.escape is None,
            "escapechar": self.escape,
            "skipinitialspace": self.skip_space,
        }
