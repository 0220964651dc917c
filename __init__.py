"""guiyi 归一: one clean customer from many dirty rows of Chinese CRM spreadsheets."""

__version__ = "0.1.0"
