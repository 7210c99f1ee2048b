"""An expression of a record reads a setting, and there it is a field of the record.

In a record a name means the record's own field, and settings are not in scope: `settings.region` looks for a field `settings`, finds
none in most apps, and is null without a word. Templates and `records` know the settings.

Reported:

    settings:
      region: {enum: [us, eu]}
    resource_types: {team: {label: Team}}
    http: {base_url: "https://{{ settings.region }}.acme.example"}
    capabilities:
      list_resources:
        request: {get: /teams}
        pages: {kind: cursor, next: body.next, param: after}
        records: body.teams
        record:
          integration_specific_id: id
          label: name
          description: settings.region    # L459
          resource_type: {value: team}

Fine:

    settings:
      region: {enum: [us, eu]}
    resource_types: {team: {label: Team}}
    http: {base_url: "https://{{ settings.region }}.acme.example"}
    capabilities:
      list_resources:
        request: {get: /teams}
        pages: {kind: cursor, next: body.next, param: after}
        records: body.teams
        record:
          integration_specific_id: id
          label: name
          description: {value: "{{ settings.region }}"}
          resource_type: {value: team}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ferrule.diagnostics import Code, Diagnostic
from ferrule.expressions.parse import tree_of
from ferrule.expressions.reads import names_in
from ferrule.lint.subject import Subject

CODE = Code("L459", "setting-in-record", "warning")

_SETTING = re.compile(r"(?<![\w.@'])settings\.(\w+)")


def check(subject: Subject) -> Iterator[Diagnostic]:
    """Look at the expressions of records that read `settings` of the record and the name of a setting below it."""
    for spot in subject.spots if subject.spec.settings else ():
        found = _SETTING.search(spot.text) if spot.of == "record" and "settings." in spot.text and "settings" not in spot.names else None
        if found and found[1] in subject.spec.settings and "settings" in names_in(tree_of(str(spot.text))).of_root:
            message = f"`{found[0]}` is a field of the record here, and no setting"
            hint = f'`{{value: "{{{{ {found[0]} }}}}"}}` is the setting, which `records` knows too; `@.{found[0]}` is the field'
            yield Diagnostic(CODE, spot.text.at(found.start(), len(found[0])), message, hint)
