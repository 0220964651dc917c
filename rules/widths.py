"""How far the text rules fold the width of each field: what `fields` says, light to load where no field is to be understood."""

from .text import Width

WIDTHS: dict[str, Width] = {
    "source_record_id": "identifier", "person_name": "identifier", "title": "name", "company_name": "identifier",
    "credit_code": "identifier", "phone": "identifier", "landline": "identifier", "email": "identifier",
    "address": "name", "province": "name", "city": "name", "owner": "name", "channel": "name",
    "created_at": "identifier", "updated_at": "identifier",
}  # fmt: skip
