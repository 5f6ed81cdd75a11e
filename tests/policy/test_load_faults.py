"""A table of wrong policies: each line breaks the good folder in one place."""

# ruff: noqa: E501  a case of the table is one line
from __future__ import annotations

from pathlib import Path

import pytest

from policy import PolicyError, load_policies

PEOPLE = "datasets/people.yaml"
TENANTS = "tenants.yaml"
TREATMENTS = "treatments.yaml"
TIERS = "tiers.yaml"
RETENTION = "retention.yaml"

# file, what stands there, what stands there instead, a part of `where`, a part of `fact` or `mend`
TABLE = [
    # YAML itself
    (TENANTS, "tenants:", "tenants: [", "line 2", "not YAML"),
    (TENANTS, "    tier: standard\n    calling_code: 49", "    tier: a\n    tier: b\n    calling_code: 49", "line 6", "twice"),
    (TENANTS, "name: Acme", "name: &x Acme\n    tier: *x", "line 4", "alias"),
    (TENANTS, "name: Acme", "name: !!python/object:os.system Acme", "line 3", "not YAML"),
    (TENANTS, "name: Acme", "no: Acme", "line 3", "a key is no text"),
    (TENANTS, "name: Acme", "name: Ac\x01me", "", "not YAML"),
    # tenants
    (TENANTS, "id: acme", "id: Acme", "tenants[0].id (line 2)", "is not a tenant id"),
    (TENANTS, "id: acme", 'id: "acme\\n"', "tenants[0].id (line 2)", "is not a tenant id"),
    (TENANTS, "id: acme", "id: globex", "tenants[1].id (line 7)", "declared twice"),
    (TENANTS, "region: eu", "region: EU", "tenants[0].region", "is not a region id"),
    (TENANTS, "region: eu", "regoin: eu", "tenants[0].regoin", "write region, if"),
    (TENANTS, "    region: eu\n", "", "tenants[0] (line 2)", "'region' is missing"),
    (TENANTS, "calling_code: 49", "calling_code: '+49'", "tenants[0].calling_code", "is not a country calling code"),
    (TENANTS, "calling_code: 49", "calling_code: 12345", "tenants[0].calling_code", "is not a country calling code"),
    (TENANTS, "calling_code: 49", "calling_code: true", "tenants[0].calling_code", "is not a country calling code"),
    (TENANTS, "id: acme", "id: ../b", "tenants[0].id (line 2)", "is not a tenant id"),
    (TENANTS, "id: acme", "id: \u0430cme", "tenants[0].id (line 2)", "is not a tenant id"),
    (TENANTS, "tier: standard", "tier: standart", "tenants[0].tier (line 5)", "write standard, if"),
    (TENANTS, "tenants:", "platform: {owner: us}\ntenants:", "platform (line 1)", "'contact' is missing"),
    (TENANTS, "tenants:", "platform: {owner: us, contact: ''}\ntenants:", "platform.contact (line 1)", "is empty"),
    (TENANTS, "tenants:", "platform: us\ntenants:", "platform (line 1)", "a mapping is expected"),
    # tiers
    (TIERS, "tiers:", "tier:", "tier (line 1)", "write tiers, if"),
    (TIERS, "  premium: {}\n", "  premium:\n", "tiers.premium (line 7)", "a mapping is expected here, not nothing"),
    (TIERS, "max_files_per_run", "max_file_per_run", "max_file_per_run (line 4)", "write max_files_per_run"),
    (TIERS, "1 GB", "1 gb", "max_file_bytes (line 3)", "is no limit"),
    (TIERS, "1 GB", "0", "max_file_bytes (line 3)", "such as 500 MB"),
    (TIERS, "1 GB", "-1 GB", "max_file_bytes (line 3)", "is no limit"),
    (TIERS, "1 GB", "true", "max_file_bytes (line 3)", "is no limit"),
    (TIERS, "1 GB", "1.5 GB", "max_file_bytes (line 3)", "is no limit"),
    (TIERS, "max_files_per_run: 100", "max_files_per_run: 1 GB", "max_files_per_run (line 4)", "a whole number from 1 up"),
    (TIERS, "1000000", "1e6", "max_rows_per_run (line 6)", "is no limit"),
    # the head of a contract
    (PEOPLE, "v3.1.0", "v2.2.2", "apiVersion (line 1)", "is not one of"),
    (PEOPLE, "kind: DataContract", "kind: DataProduct", "kind", "is not one of"),
    (PEOPLE, "version: 1.2.3", "version: 1.2", "version (line 4)", "in quotes"),
    (PEOPLE, "version: 1.2.3", 'version: "1.2"', "version (line 4)", "is not a version"),
    (PEOPLE, "id: people\n", "id: people\ntenant: acmee\n", "tenant (line 4)", "write acme, if"),
    (PEOPLE, "id: people\n", "id: people\nteem: acme\n", "teem (line 4)", "not known to the standard"),
    (PEOPLE, "team:\n  name: people-team\n", "", "team", "names no owner"),
    (PEOPLE, "team:\n  name: people-team\n", "team: [{role: steward, name: A}]\n", "team", "names no owner"),
    (PEOPLE, "- name: people\n", "- name: People\n", "schema[0].name", "is not a dataset name"),
    (PEOPLE, "lakeward.loadMode, value: merge", "lakeward.loadMod, value: merge", "customProperties[0]", "write lakeward.loadMode, if"),
    (PEOPLE, "value: merge", "value: upsert", "customProperties[0].value", "is not one of"),
    (PEOPLE, "lakeward.timeColumn, value: changed", "lakeward.timeColumn, value: chnged", "[2].value", "write changed, if"),
    (PEOPLE, "lakeward.timeColumn, value: changed", "lakeward.timeColumn, value: level", "[2].value", "is integer"),
    (PEOPLE, "lakeward.versionColumn, value: changed", "lakeward.versionColumn, value: Mail", "[3].value", "is string"),
    (PEOPLE, "value: person.id", "value: state", "customProperties[1].value", "has no data class"),
    (PEOPLE, "value: person.id", "value: born", "customProperties[1].value", "is date"),
    (PEOPLE, "lakeward.versionColumn", "lakeward.timeColumn", "customProperties[3].property", "stands here twice"),
    (PEOPLE, "            primaryKey: true\n", "", "customProperties[0].value", "merge needs a primary key"),
    # columns
    (PEOPLE, "classification: user.contact.email", "classification: user.contact.mail", "[1].classification", "user.contact.email"),
    (PEOPLE, "classification: user.contact.email", "clasification: user.contact.email", "[1].clasification", "write classification, if"),
    (PEOPLE, "name: level\n", "name: Person-ID\n", "properties[3].name", "taken by 'person.id'"),
    (PEOPLE, "name: level\n", "name: MAIL\n", "properties[3].name", "taken by 'Mail'"),
    (PEOPLE, "name: level\n", "name: Tenant-ID\n", "properties[3].name", "one of Lakeward's own"),
    (PEOPLE, "name: level\n", "name: occurred_at\n", "properties[3].name", "one of Lakeward's own"),
    (PEOPLE, "name: level\n", "name: level\n        physicalName: Mail\n", "properties[3].physicalName", "declared twice"),
    (PEOPLE, "name: level\n", "name: 1st\n", "properties[3].name", "is not a column name"),
    (PEOPLE, "name: level\n", "name: on\n", "properties[3].name", "in quotes"),
    (PEOPLE, "logicalType: integer", "logicalType: time", "properties[3].logicalType", "is not one of"),
    (PEOPLE, "        logicalType: integer\n", "", "properties[3].logicalType", "has no logicalType"),
    (PEOPLE, "required: true\n      - name: remark", "required: 'true'\n      - name: remark", "[5].required", "boolean"),
    (PEOPLE, "        required: true\n        properties:\n          - name: id\n", "        properties:\n          - name: id\n            required: true\n", "properties[0].required", "inside an object that is not"),
    (PEOPLE, 'pattern: "^P[0-9]+$"', "pattern: '^P[0-9+$'", "logicalTypeOptions.pattern", "does not compile"),
    (PEOPLE, 'pattern: "^P[0-9]+$"', "pattern: '(?P<x>a)'", "logicalTypeOptions.pattern", "only Python knows"),
    (PEOPLE, "minLength: 2", "minLength: 20", "logicalTypeOptions", "minLength is above maxLength"),
    (PEOPLE, "minLength: 2", "minLength: -1", "minLength", "a whole number"),
    (PEOPLE, "minimum: 1", "minimum: 7", "logicalTypeOptions", "minimum is above maximum"),
    (PEOPLE, "minimum: 1", "minimum: .inf", "logicalTypeOptions.minimum", "finite"),
    (PEOPLE, "minimum: 1", "multipleOf: 2", "logicalTypeOptions.multipleOf", "is not checked"),
    (PEOPLE, "{value: new}", "{value: no}", "enum[0].value", "is no string"),
    (PEOPLE, "{value: new}", "{value: old}", "enum[1].value", "twice"),
    (PEOPLE, "{value: new}", "new", "enum[0]", "dictionary"),
    (PEOPLE, "lakeward.freeText, value: true", "lakeward.freeText, value: maybe", "[0].value", "true or false"),
    (PEOPLE, "lakeward.freeText", "lakeward.freetext", "[0].property", "lakeward.freeText"),
    # retention
    (RETENTION, "rules:", "rule:", "rule (line 2)", "write rules, if"),
    (RETENTION, "grace_days: 7", "grace_days: -1", "grace_days (line 1)", "from 0 to 3650"),
    (RETENTION, "grace_days: 7", "grace_days: 7\nstores: {archives: P1Y}", "stores.archives (line 2)", "write archive, if"),
    (RETENTION, "grace_days: 7", "grace_days: 7\nstores: {archive: 1 year}", "stores.archive (line 2)", "such as P10Y"),
    (RETENTION, "grace_days: 7", "grace_days: 7\nstores: {versions: P31D}", "stores.versions (line 2)", "more than P30D"),
    (RETENTION, "action: erase", "action: delete", "rules[0].action (line 3)", "erase, anonymise or review"),
    (RETENTION, "period: P10Y", "period: 10 years", "rules[0].period (line 4)", "such as P10Y"),
    (RETENTION, "period: P10Y", "period: P1.5Y", "rules[0].period (line 4)", "is not a period"),
    (RETENTION, "period: P10Y", "period: -P10Y", "rules[0].period (line 4)", "is not a period"),
    (RETENTION, "period: P10Y", "period: PT1H", "rules[0].period (line 4)", "is not a period"),
    (RETENTION, "period: P10Y", "period: P", "rules[0].period (line 4)", "is not a period"),
    (RETENTION, "period: P10Y", "period: P0D", "rules[0].period (line 4)", "more than 0"),
    (RETENTION, "period: P10Y", "period: P101Y", "rules[0].period (line 4)", "at most P100Y"),
    (RETENTION, "period: P10Y", "period: 10", "rules[0].period (line 4)", "a text is expected"),
    (RETENTION, "from: ingested_at", "from: created_at", "rules[0].from (line 5)", "occurred_at or ingested_at"),
    (RETENTION, "    reason: the longest duty\n", "", "rules[0] (line 3)", "'reason' is missing"),
    (RETENTION, "tenant: acme", "tenant: acmee", "rules[1].tenant (line 7)", "write acme, if"),
    (RETENTION, "dataset: people", "dataset: persons", "rules[1].dataset (line 8)", "is not declared"),
    (RETENTION, "class: user.contact", "class: user.contct", "rules[1].class (line 9)", "is not declared"),
    (RETENTION, "class: user.contact", "class: user.financial", "rules[1].class (line 9)", "no column of 'people' is of the class"),
    (RETENTION, "tier: standard", "tier: gold", "rules[2].tier (line 14)", "is not declared"),
    (RETENTION, "region: us", "region: ap", "rules[2].region (line 15)", "is not a region of a tenant"),
    (RETENTION, "tier: standard", "tenant: acme\n    tier: standard", "rules[2] (line 14)", "one tier and one region already"),
    (RETENTION, "region: us", "class: user", "rules[2] (line 14)", "anonymise is of a whole row"),
    (RETENTION, "  - tier: standard\n    region: us\n    action: anonymise", "  - action: erase", "rules[2] (line 14)", "keep one of the two"),
    (RETENTION, "tier: standard", "column: Mail", "rules[2].column (line 14)", "is not known"),
    (PEOPLE, "lakeward.freeText, value: true", "lakeward.treatment, value: sel", "[0].value", "write seal, if"),
    (PEOPLE, "lakeward.freeText, value: true", "lakeward.treatment, value: {generalise: {to: year}}", "[0].value", "not for string"),
    (PEOPLE, "lakeward.namespace, value: person", "lakeward.namespace, value: a|b", "[0].value", "is not a namespace"),
    (PEOPLE, "name: level\n        logicalType: integer", "name: level\n        unique: true\n        logicalType: integer", "unique", "not checked"),
    # an object and an array carry nothing that would be ignored
    (PEOPLE, "        required: true\n        properties", "        required: true\n        classification: user\n        properties", "[0].classification", "object"),
    (PEOPLE, "name: state\n        logicalType: string\n        enum: [{value: new}, {value: old}]", "name: state\n        logicalType: array\n        items: {logicalType: object, properties: [{name: a, classification: user.name}]}", "items.properties[0].classification", "inside an array"),
    # treatments
    (TREATMENTS, "user: token", "user: tokn", "classes.user (line 2)", "write token, if"),
    (TREATMENTS, "user: token", "user: {token: {}}", "classes.user", "takes no parameters"),
    (TREATMENTS, "user: token", "user: generalise", "classes.user", "does not say to what"),
    (TREATMENTS, "user: token", "usr: token", "classes.usr", "is no data class"),
    (TREATMENTS, "user: token", "user: {mask: {show_last: 40}}", "show_last", "from 0 to 8"),
    (TREATMENTS, "user: token", "user: {mask: {show: 4}}", "classes.user.mask.show", "is not known"),
    (TREATMENTS, "{to: year}", "{to: years}", "generalise.to", "write year, if"),
    (TREATMENTS, "{to: year}", "{to: year, size: 3}", "generalise.size", "takes no size"),
    (TREATMENTS, "{to: year}", "{to: bin}", "generalise", "needs a size"),
    (TREATMENTS, "{to: year}", "{to: bin, size: true}", "size", "a whole number"),
    (TREATMENTS, "    reason: asked for\n", "", "overrides[0]", "'reason' is missing"),
    (TREATMENTS, "dataset: people", "dataset: peopel", "overrides[0].dataset", "write people, if"),
    (TREATMENTS, "column: Mail", "column: Male", "overrides[0].column", "write mail, if"),
    (TREATMENTS, "tenant: acme", "tenant: nobody", "overrides[0].tenant", "is not declared"),
    (TREATMENTS, "column: Mail", "column: Mail\n    class: user", "overrides[0]", "for a column or for a class"),
    (TREATMENTS, "  - tenant: acme\n    dataset: people\n    column: Mail", "  - class: user", "overrides[0]", "no tenant and no dataset"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "good", "bad", "where", "words"), TABLE)
def test_a_fault_is_told_with_its_file_its_place_and_its_mend(
    folder: Path, file: str, good: str, bad: str, where: str, words: str
):
    text = (folder / file).read_text()
    assert text.count(good) >= 1
    (folder / file).write_text(text.replace(good, bad, 1))

    with pytest.raises(PolicyError) as refused:
        load_policies(folder)

    problems = refused.value.problems
    told = [each for each in problems if each.file == file and where in each.where]
    assert any(words in f"{each.fact} {each.mend}" for each in told), str(refused.value)
    assert all(each.fact and each.mend for each in problems)
