"""The small sample files' rows: the customers of `scenes.toml`, and a few plain ones around them."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from random import Random
from typing import Any

from .codes import complete_codes
from .words import Words, load_words

FIELDS = ("name", "company", "code", "phone", "landline", "email", "address", "province", "owner")
FILLERS_LEADS, FILLERS_SHEET, FILLERS_BOTH = 18, 20, 9
_FULL_WIDTH = {ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789ABCDEFGHJKLMNPQRTUWXY"}

# How people and workbooks write a credit code; the argument is the right one.
CODE_STYLES: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "spaced": lambda code: f"{code[:2]} {code[2:8]} {code[8:]}",
    "fullwidth": lambda code: code.translate(_FULL_WIDTH),
    "lookalike": lambda code: code.replace("0", "O").replace("1", "I"),
    "apostrophe": lambda code: f"'{code}",
    "prefixed": lambda code: f"税号：{code}",
    "wrong": lambda code: code[:9] + ("7" if code[9] != "7" else "8") + code[10:],
    "organisation": lambda code: f"{code[8:16]}-{code[16]}",
    "number": lambda code: code[:15] + "000",
}


@dataclass(frozen=True)
class SampleRow:
    """One row of a sample file; `values` by field name, `remark` among them. `code_style`: see CODE_STYLES."""

    contact: str
    account: str
    values: dict[str, str]
    created: datetime
    updated: datetime
    code_style: str = ""


def sample_rows() -> tuple[list[SampleRow], list[SampleRow]]:
    """(rows of leads.csv, rows of customers.xlsx), always the same."""
    raw = tomllib.loads(resources.files(__package__).joinpath("scenes.toml").read_text(encoding="utf-8"))
    customers = raw["customer"] + plain_customers(load_words())
    leads = [(c, row) for c in customers for row in c["leads"]]
    sheet = [(c, row) for c in customers for row in c.get("sheet", [])]
    return (
        [_row(c, row, number, of_sheet=False) for number, (c, row) in enumerate(leads)],
        [_row(c, row, number, of_sheet=True) for number, (c, row) in enumerate(sheet)],
    )


def _row(customer: dict[str, Any], row: dict[str, Any], number: int, *, of_sheet: bool) -> SampleRow:
    """A customer's values with the row's own on top; dates run on with the row number."""
    code = str(complete_codes(*([part] for part in customer["code"]))[0]) if "code" in customer else ""
    known = {**customer, "code": code}
    kept = FIELDS if of_sheet else customer.get("only", FIELDS)
    values = {field: str(known.get(field, "")) if field in kept else "" for field in FIELDS}
    style = row.get("code", "")
    values |= {key: str(value) for key, value in row.items() if key != "code"}
    if "code" in row:
        values["code"] = _written_code(style, code)
    start = datetime(2024, 3, 4, 9, 5) if of_sheet else datetime(2024, 6, 3, 8, 30)
    created = start + timedelta(days=2 * number, minutes=37 * (number % 13))
    return SampleRow(
        contact=customer["contact"],
        account=customer["account"],
        values=values,
        created=created,
        updated=created + timedelta(days=40 + number % 7, hours=number % 5),
        code_style=style if isinstance(style, str) else "",
    )


def _written_code(style: str | bool, code: str) -> str:
    """True: as it is; a style's name: so written; any other text stands in the cell itself."""
    if isinstance(style, str):
        return CODE_STYLES[style](code) if style in CODE_STYLES else style
    return code if style else ""


def plain_customers(words: Words) -> list[dict[str, Any]]:
    """Customers with nothing wrong. `Random.random` is the only draw that Python promises to keep the same."""
    random = Random(20)
    customers = []
    for number in range(FILLERS_LEADS + FILLERS_SHEET - FILLERS_BOTH):
        customer = _plain_customer(words, random, number)
        customer["leads"] = [{}] if number < FILLERS_LEADS else []
        customer["sheet"] = [{}] if number >= FILLERS_LEADS - FILLERS_BOTH else []
        customers.append(customer)
    return customers


def _plain_customer(words: Words, random: Random, number: int) -> dict[str, Any]:
    def pick(options: Any) -> Any:
        return options[int(random.random() * len(options))]

    surname, city = words.surnames[2 * number], words.cities[number % len(words.cities)]
    given = pick(words.female) + pick(words.female) if number % 2 else pick(words.male) + pick(words.male)
    brand, industry = pick(words.brand) + pick(words.brand), pick(words.industries).word
    district, district_name = pick(city.districts)
    latin = "".join(words.pinyin[c] for c in brand)
    province = "" if city.province == city.name else city.province + "省"
    return {
        "contact": f"C{number + 101}",
        "account": f"A{number + 101}",
        "name": surname.hanzi + given,
        "company": f"{city.name}{brand}{industry}有限公司",
        "code": ["91" + district, f"MA{number + 10}K{number + 20}R"],
        "phone": f"1520000{4000 + 37 * number}",
        "landline": f"{city.area_code}-{'8300' if city.digits == 8 else '830'}{4000 + 37 * number}",
        "email": f"{surname.pinyin}{''.join(words.pinyin[c] for c in given)}@{latin}.com",
        "address": f"{province}{city.name}市{district_name}{pick(words.streets)}{10 + number}号",
        "province": city.province,
        "owner": pick(words.owners),
        "remark": pick(words.remarks) if number % 3 else "",
    }
