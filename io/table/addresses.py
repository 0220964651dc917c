"""Names of sheet columns: A, B, …, Z, AA, …"""

from functools import cache


@cache
def column_letters(position: int) -> str:
    """The sheet's name of a column: 0 → A, 26 → AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


@cache
def column_position(letters: str) -> int:
    """The place of a column by its name: A → 0, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
