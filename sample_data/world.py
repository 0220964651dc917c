"""The invented world: companies, people, and which records a CRM keeps of them."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from .companies import make_companies
from .draw import Draw, Ints, Keys, digits
from .people import company_positions, make_people
from .words import Words, load_words

# how many records a contact has
_RECORDS = {1: 0.65, 2: 0.2, 3: 0.08, 4: 0.037, 5: 0.02, 6: 0.005, 7: 0.008}
_PRESSED_TWICE = 0.02  # further records of a contact that repeat the one before, letter by letter


@dataclass(frozen=True)
class World:
    """`person`: position of the contact of each record; `keys`: what the record's looks are drawn from."""

    seed: int
    words: Words
    companies: pl.DataFrame
    people: pl.DataFrame
    person: Ints
    keys: Keys

    def record_ids(self, positions: Ints) -> pl.Series:
        return "R" + digits(positions + 1, 7)

    def truth(self, positions: Ints) -> pl.DataFrame:
        """record_id, contact, account (null where there is no company)."""
        person = self.person[positions]
        company = self.people["company_position"].to_numpy()[person]
        account = pl.DataFrame({"id": "A" + digits(company + 1, 7), "has": company >= 0})
        return pl.DataFrame(
            {
                "record_id": self.record_ids(positions),
                "contact": "C" + digits(person + 1, 7),
                "account": account.select(pl.when("has").then("id")).to_series(),
            }
        )


def make_world(rows: int, seed: int) -> World:
    """A world of exactly `rows` records, in shuffled order."""
    words = load_words()
    counts = np.array(list(_RECORDS))[Draw.of_range(seed, rows).index("records", list(_RECORDS.values()))]
    people_count = int(np.searchsorted(np.cumsum(counts), rows)) + 1 if rows else 0
    person = np.repeat(np.arange(people_count), counts[:people_count])[:rows]
    draw = Draw.of_range(seed, rows)
    again = np.r_[False, person[1:] == person[:-1]][:rows] & draw.chance("pressed twice", _PRESSED_TWICE)
    keys = np.where(again, draw.keys - np.uint64(1), draw.keys)
    order = np.argsort(draw.bits("order"), kind="stable")
    positions = company_positions(people_count, seed)
    companies = make_companies(int(positions.max(initial=0)) + 1, seed, words)
    people = make_people(positions, companies, seed, words)
    return World(seed, words, companies, people, person[order], keys[order])
