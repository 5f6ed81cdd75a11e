"""The policies of a generated lake: five tenants, a dataset of each load mode, and what can change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DATASETS = ("people", "orders", "staff")
OWN_ORDERS = "datasets/orders.own.yaml"


@dataclass(frozen=True)
class Who:
    """A tenant. `word` stands in each of its texts and `digits` in each of its phone numbers."""

    id: str
    region: str
    code: str
    word: str
    digits: str


TENANTS = (
    Who("alder", "eu", "49", "qxkolibri", "73141592"),
    Who("birch", "eu", "44", "qxmarabu", "72718281"),
    Who("cedar", "us", "1", "qxpirol", "71618033"),
    Who("dogwood", "eu", "33", "qxsittich", "75772156"),
    Who("elder", "us", "1", "qxtukan", "79159655"),
)

HEAD = """\
apiVersion: v3.2.0
kind: DataContract
id: {name}
version: 1.{version}.0
team: {{name: the-team}}
{tenant}customProperties:
"""

SCHEMA = """\
schema:
  - name: {name}
    logicalType: object
    properties:
"""

CUSTOMER = """\
      - name: customer_id
        logicalType: string
        {key}: true
        classification: user.unique_id
        logicalTypeOptions: {{pattern: "^C-[a-z0-9]+$"}}
        customProperties: [{{property: lakeward.namespace, value: customer}}]
"""

PEOPLE = """\
      - {{name: name, logicalType: string, required: true, classification: user.name}}
      - {{name: email, logicalType: string, classification: user.contact.email}}
      - {{name: phone, logicalType: string, classification: user.contact.phone_number}}
      - {{name: level, logicalType: integer, logicalTypeOptions: {{minimum: 1, maximum: {level_max}}}}}
      - {{name: revision, logicalType: integer}}
"""

ORDERS = """\
      - {{name: order_id, logicalType: integer, primaryKey: true}}
      - {{name: amount, logicalType: number, logicalTypeOptions: {{minimum: {amount_min}}}}}
      - {{name: owner, logicalType: string}}
      - {{name: ordered, logicalType: timestamp}}
"""

STAFF = """\
      - {{name: staff_id, logicalType: integer, primaryKey: true, classification: user.unique_id}}
      - {{name: nick, logicalType: string, required: true, classification: user.name}}
      - {{name: born, logicalType: date, classification: user.demographic.date_of_birth}}
"""

TREATMENTS = """\
classes:
  user: token
  user.name: {name}
  user.contact.email: {email}
  user.demographic.date_of_birth: {{generalise: {{to: {born}}}}}
"""

OVERRIDE = """\
overrides:
  - {{tenant: {tenant}, dataset: people, column: email, treatment: drop, reason: asked for}}
"""


@dataclass(frozen=True)
class Policies:
    """One state of the policies. Each change takes the next `version`, as a contract's change must."""

    version: int = 0
    level_max: int = 5
    amount_min: int = 0
    name: str = "token"
    email: str = "token"
    born: str = "year"
    strict_tenant: str | None = None  # whose e-mail addresses are dropped
    own_orders: str | None = None  # who has a contract variant for orders, that asks for 5 more

    def write(self, folder: Path, tenants: Sequence[Who]) -> None:
        """Write the policies folder of these tenants."""
        (folder / "datasets").mkdir(parents=True, exist_ok=True)
        (folder / OWN_ORDERS).unlink(missing_ok=True)
        for path, text in self._texts(tenants).items():
            (folder / path).write_text(text)

    def _texts(self, tenants: Sequence[Who]) -> Mapping[str, str]:
        listed = "".join(
            f"  - {{id: {one.id}, name: {one.id}, region: {one.region}, tier: standard, "
            f"calling_code: {one.code}}}\n"
            for one in tenants
        )
        treatments = TREATMENTS.format(name=self.name, email=self.email, born=self.born)
        if self.strict_tenant is not None:
            treatments += OVERRIDE.format(tenant=self.strict_tenant)
        people = CUSTOMER.format(key="primaryKey") + PEOPLE.format(level_max=self.level_max)
        modes = {"loadMode": "merge", "subjectColumn": "customer_id", "versionColumn": "revision"}
        staff = {"loadMode": "snapshot", "landingDisposal": "archive-sealed"}
        texts = {
            "tenants.yaml": f"tenants:\n{listed}",
            "treatments.yaml": treatments,
            "datasets/people.yaml": self._contract("people", people, modes | {"landingDisposal": "delete"}),
            "datasets/orders.yaml": self._orders(self.amount_min),
            "datasets/staff.yaml": self._contract("staff", STAFF.format(), staff),
        }
        if self.own_orders is not None:
            texts[OWN_ORDERS] = self._orders(self.amount_min + 5, self.own_orders)
        return texts

    def _orders(self, amount_min: int, tenant: str | None = None) -> str:
        columns = ORDERS.format(amount_min=amount_min) + CUSTOMER.format(key="required")
        modes = {"loadMode": "append", "subjectColumn": "customer_id", "timeColumn": "ordered"}
        modes |= {"tenantColumn": "owner", "landingDisposal": "keep"}
        return self._contract("orders", columns, modes, tenant)

    def _contract(
        self, name: str, columns: str, properties: Mapping[str, str], tenant: str | None = None
    ) -> str:
        owner = f"tenant: {tenant}\n" if tenant else ""
        head = HEAD.format(name=name, version=self.version, tenant=owner)
        told = "".join(
            f"  - {{property: lakeward.{key}, value: {value}}}\n" for key, value in properties.items()
        )
        return head + told + SCHEMA.format(name=name) + columns
