"""A small policies folder without fault, that tests break in one place."""

from __future__ import annotations

from pathlib import Path

import pytest

TENANTS = """\
tenants:
  - id: acme
    name: Acme
    region: eu
    tier: standard
    calling_code: 49
  - id: globex
    name: Globex
    region: us
    tier: standard
    calling_code: "1"
"""

TIERS = """\
tiers:
  standard:
    max_file_bytes: 1 GB
    max_files_per_run: 100
    max_bytes_per_run: 5 GiB
    max_rows_per_run: 1000000
  premium: {}
"""

RETENTION = """\
grace_days: 7
rules:
  - action: erase
    period: P10Y
    from: ingested_at
    reason: the longest duty
  - tenant: acme
    dataset: people
    class: user.contact
    action: erase
    period: P1Y6M
    from: occurred_at
    reason: promised
  - tier: standard
    region: us
    action: anonymise
    period: P2W3D
    from: occurred_at
    reason: asked for
"""

TREATMENTS = """\
classes:
  user: token
  user.content: redact
  user.demographic.date_of_birth: {generalise: {to: year}}
overrides:
  - tenant: acme
    dataset: people
    column: Mail
    treatment: seal
    reason: asked for
"""

PEOPLE = """\
apiVersion: v3.1.0
kind: DataContract
id: people
version: 1.2.3
team:
  name: people-team
customProperties:
  - {property: lakeward.loadMode, value: merge}
  - {property: lakeward.subjectColumn, value: person.id}
  - {property: lakeward.timeColumn, value: changed}
  - {property: lakeward.versionColumn, value: changed}
  - {property: vendor.elsewhere, value: 7}
schema:
  - name: people
    logicalType: object
    properties:
      - name: person
        logicalType: object
        required: true
        properties:
          - name: id
            logicalType: string
            primaryKey: true
            classification: user.unique_id
            logicalTypeOptions: {pattern: "^P[0-9]+$", minLength: 2, maxLength: 9}
            customProperties:
              - {property: lakeward.namespace, value: person}
      - name: Mail
        logicalType: string
        classification: user.contact.email
      - name: born
        logicalType: date
        classification: user.demographic.date_of_birth
      - name: level
        logicalType: integer
        logicalTypeOptions: {minimum: 1, maximum: 5}
      - name: state
        logicalType: string
        enum: [{value: new}, {value: old}]
      - name: changed
        logicalType: timestamp
        required: true
      - name: remark
        logicalType: string
        classification: user.content
        customProperties:
          - {property: lakeward.freeText, value: true}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "policies"
    (root / "datasets").mkdir(parents=True)
    (root / "tenants.yaml").write_text(TENANTS)
    (root / "treatments.yaml").write_text(TREATMENTS)
    (root / "tiers.yaml").write_text(TIERS)
    (root / "retention.yaml").write_text(RETENTION)
    (root / "datasets" / "people.yaml").write_text(PEOPLE)
    return root
