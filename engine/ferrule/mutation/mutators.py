"""Every way in which a spec is broken. This file is their registry."""

from __future__ import annotations

from ferrule.mutation import expressions, pages, records, requests, steps
from ferrule.mutation.tree import Mutator

MUTATORS: dict[str, Mutator] = {
    "drop-field": records.drop_field,
    "swap-fields": records.swap_fields,
    "wrong-constant": records.wrong_constant,
    "wrong-mapped-value": records.wrong_mapped_value,
    "drop-mapped-value": records.drop_mapped_value,
    "drop-else": records.drop_else,
    "drop-filter": records.drop_filter,
    "drop-dedupe": records.drop_dedupe,
    "drop-explode": records.drop_explode,
    "drop-when": records.drop_when,
    "drop-already": records.drop_already,
    "drop-verify": records.drop_verify,
    "drop-undo": records.drop_undo,
    "drop-repeat": records.drop_repeat,
    "drop-save": records.drop_save,
    "drop-step": steps.drop_step,
    "swap-steps": steps.swap_steps,
    "drop-part": records.drop_part,
    "wrong-member": expressions.wrong_member,
    "negate": expressions.negate,
    "wrong-operator": expressions.wrong_operator,
    "wrong-literal": expressions.wrong_literal,
    "wrong-method": requests.wrong_method,
    "wrong-segment": requests.wrong_segment,
    "drop-pair": requests.drop_pair,
    "wrong-pair": requests.wrong_pair,
    "drop-leaf": requests.drop_leaf,
    "wrong-leaf": requests.wrong_leaf,
    "drop-condition": requests.drop_condition,
    "drop-absent": requests.drop_absent,
    "drop-rule": requests.drop_rule,
    "swap-rules": requests.swap_rules,
    "loosen-rule": requests.loosen_rule,
    "wrong-code": requests.wrong_code,
    "drop-detail": requests.drop_detail,
    "wrong-retry": requests.wrong_retry,
    "off-by-one": pages.off_by_one,
    "drop-end-signal": pages.drop_end_signal,
    "drop-pages": pages.drop_pages,
    "wrong-param": pages.wrong_param,
    "drop-size": pages.drop_size,
    "wrong-advance": pages.wrong_advance,
    "wrong-flag": pages.wrong_flag,
    "wrong-place": pages.wrong_place,
}
"""By name, in the order in which they are told."""
