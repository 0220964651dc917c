"""What persons meet by: the values by which the store finds them, and the keys of level `contact`."""

import polars as pl

from . import account_keys
from .identifiers import HELD, WECHAT_MOBILE
from .keys import Key, Lookup, lookups_of, plugged_keys, texts_of

RARE = 0.1  # namesakes that chance would bring into the file
# 13812345678@139.com, or 13812345678 as WeChat account: the mobile number of a row that gives none.
_MAILED = pl.coalesce("email", "email_partial").str.extract(r"^(1[3-9]\d{9})@")
REACH = pl.coalesce("phone", "+86" + pl.coalesce(_MAILED, WECHAT_MOBILE))
NUMBERS, MAILS = texts_of(REACH, "phone_others"), texts_of("email", "email_others")
# A name before the @ says no more than the name itself; digits do (13987714777@, zhangwei8530@).
MAIL_NAME = pl.coalesce("email", "email_partial").str.extract(r"^([^@]*\d[^@]*\d[^@]*\d[^@]*)@")

WHO = pl.col("pinyin")
PHONE, EMAIL, EMAIL_TEXT = (
    Lookup("reach", NUMBERS),
    Lookup("email", MAILS),
    Lookup("email text", pl.col("email_partial")),
)
IDENTIFIER = Lookup("identifier", HELD)
# Of a number that thousands share only those of one name come along.
PHONE_AND_NAME = Lookup("reach and name", REACH + "|" + pl.coalesce("pinyin", "surname"))
NAME_AND_BRAND = Lookup("name and brand", WHO + "|" + pl.col("brand_pinyin"))
# Of a masked or whole number the last four digits, at half the cost of its whole shape.
NAME_AND_DIGITS = Lookup("name and digits", WHO + "|" + pl.coalesce("phone_partial", "phone").str.tail(4))
NAME_AND_HEAD = Lookup("name and head", WHO + "|" + pl.col("phone").str.slice(3, 6))
NAME = Lookup(
    "name",
    pl.when((pl.col("name").str.len_chars() > 2) | (pl.col("surname_percent").fill_null(0.0) < 0.2)).then("name"),
)
NAME_AND_MAIL = Lookup("name and mail", WHO + "|" + MAIL_NAME)
KEYS = (
    Key("phone", (pl.col("numbers"),), (PHONE, PHONE_AND_NAME), split=pl.col("who")),
    Key("email", (pl.col("mails"),), (EMAIL,), split=pl.col("who")),
    Key("identifier", (pl.col("held"),), (IDENTIFIER,), split=pl.col("who")),
    Key("email text", (pl.col("email_partial"),), (EMAIL_TEXT,), split=pl.col("who")),
    Key("name+phone tail", (WHO, pl.col("phone_shape").str.tail(4)), (NAME_AND_DIGITS,)),
    Key("name+phone head", (WHO, pl.col("phone").str.slice(3, 6)), (NAME_AND_HEAD,)),
    Key("rare name", (pl.when(pl.col("namesakes") < RARE).then("name"),), (NAME,)),
    Key("name+mail name", (WHO, pl.col("email_local")), (NAME_AND_MAIL,)),
    Key("name+code", (WHO, pl.col("code")), (account_keys.CODE,)),
    Key("name+company", (WHO, pl.col("core_pinyin")), (account_keys.COMPANY,)),
    Key("name+brand", (WHO, pl.col("brand_pinyin")), (NAME_AND_BRAND,)),
    Key("name+domain", (WHO, pl.col("domain")), (account_keys.DOMAIN,)),
    Key("name+landline", (WHO, pl.col("landline")), (account_keys.NUMBER,)),
    Key("name+street", (WHO, pl.col("street")), (account_keys.STREET,)),
    Key(
        "turned name+company", (pl.coalesce("pinyin_turned", "pinyin"), pl.col("core_pinyin")), (account_keys.COMPANY,)
    ),
    Key("surname+company", (pl.col("bare_core_pinyin"),), (account_keys.COMPANY,)),
    Key("surname+code", (pl.col("bare_code"),), (account_keys.CODE,)),
    Key("surname+street", (pl.col("bare_street"),), (account_keys.STREET,)),
    Key("desk", (pl.col("desk"),), (account_keys.NUMBER,), split=pl.col("who")),
    *plugged_keys("contact"),
)
LOOKUPS = lookups_of(*KEYS)
