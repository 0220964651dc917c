"""Mail domains that no mail can reach, as the name servers say when a user wants them asked."""

import polars as pl

from ...findings import conform_findings
from ...i18n import Language
from ...io.notify.mail_servers import mail_domains
from ...rules.catalog import described
from ..clean.findings import in_words
from ..clean.rows import Clean
from ..read.intake import Intake


def mail_findings(intake: Intake, clean: Clean, language: Language) -> pl.DataFrame:
    """FINDINGS: `email.no_mail_server` for every address of a dead domain, one note on the file for the unanswered.

    The great public providers are not asked. Raises UsageError where dnspython is missing.
    """
    own = pl.col("email.public").not_()
    rows = clean.parts.select("record_key", domain="email.domain", own=own).join(
        clean.record.select("record_key", value="email"), on="record_key"
    )
    rows = rows.filter("own").drop_nulls("domain")
    answers = mail_domains(rows["domain"].unique().sort().to_list())
    dead = [domain for domain, takes in answers.items() if takes is False]
    places = intake.raw.select("record_key", "file_id", "row_number")
    found = rows.filter(pl.col("domain").is_in(dead)).join(places, on="record_key", maintain_order="left").select(
        "file_id", "row_number", "value", field=pl.lit("email"), rule=pl.lit("email.no_mail_server"), suggestion="domain"
    )  # fmt: skip
    unknown = sum(takes is None for takes in answers.values())
    note = intake.files.head(1 if unknown else 0).select(
        "file_id", rule=pl.lit("file.dns_unanswered"), suggestion=pl.lit(str(unknown))
    )
    return in_words(pl.concat([conform_findings(described(frame, language)) for frame in (found, note)]), language)
