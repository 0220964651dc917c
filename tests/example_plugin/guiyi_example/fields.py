"""The field: a column of `record`, read by its header, cleaned by its kind, masked, golden, shown everywhere."""

from guiyi.field import Field
from guiyi.i18n import Text

FIELDS = (
    Field("plate", Text("车牌号", "plate"), "车牌号", "number plate of the car", "plate", headers=("车牌号", "number plate"),
          mask="handle", survivorship="longest_plate", searched=True),
)  # fmt: skip
