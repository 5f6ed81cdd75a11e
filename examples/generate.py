"""Makes `examples/landing` for the invented tenants: `python -m examples.generate [FOLDER]`.

Seeded: the same versions of Python and Faker give the same files. The wrong rows in them are listed in
examples/README.md, and are put in on purpose.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from examples import texts
from examples.people import People, Person

LANDING = Path(__file__).with_name("landing")
START = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
CUSTOMERS, ORDERS, TICKETS, EVENTS, CORRECTIONS, SHARED = 200, 500, 120, 300, 20, 12

ORDER_SCHEMA = pa.schema(
    [("order_id", pa.string()), ("customer_id", pa.string()), ("ordered_at", pa.timestamp("us", tz="UTC"))]
    + [("amount", pa.decimal128(12, 2)), ("currency", pa.string()), ("status", pa.string())]
    + [(f"ship_{part}", pa.string()) for part in ("street", "city", "postal_code", "country")]
    + [("note", pa.string())]
)

USER_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "ShopApp/4.2 (Android 15)",
)
PAGES = ("/", "/shoes", "/shoes/trail-3", "/jackets", "/basket", "/account", "/help/returns", "/sale")

Row = dict[str, object]


class Shop:
    """One invented tenant: its customers, and what they do."""

    def __init__(
        self, tenant: str, seed: int, home: str, locales: dict[str, int], shared: list[Person]
    ) -> None:
        self.tenant = tenant
        self.random = random.Random(seed)
        self.people = People(seed, home)
        chosen = self.random.choices(list(locales), list(locales.values()), k=CUSTOMERS - len(shared))
        self.persons = shared + [self.people.person(locale) for locale in chosen]
        self.locale = home

    def customers(self) -> list[Row]:
        """Every customer once."""
        return [self._customer(number, person, START) for number, person in enumerate(self.persons, 1)]

    def corrections(self) -> list[Row]:
        """Customers who moved, married, or have another number: the same ids, later."""
        rows = []
        for number in sorted(self.random.sample(range(1, CUSTOMERS + 1), CORRECTIONS)):
            person, moved = self.persons[number - 1], self.people.person(self.locale)
            change = self.random.choice(("phone", "address", "name"))
            if change == "phone":
                person = replace(person, phone=self.people.phone(self.locale))
            elif change == "name":
                person = replace(person, last_name=f"{person.last_name}-{moved.last_name}")
            else:
                person = replace(
                    person,
                    street=moved.street,
                    city=moved.city,
                    postal_code=moved.postal_code,
                    country=moved.country,
                )
            rows.append(self._customer(number, person, START + timedelta(days=31)))
        return rows

    def orders(self) -> list[Row]:
        """Orders of January, most of them to the buyer's own address."""
        rows: list[Row] = []
        for number in range(1, ORDERS + 1):
            buyer, customer_id = self._anyone()
            other, _ = self._anyone()
            to = other if self.random.random() < 0.1 else buyer
            ordered_at = START + timedelta(seconds=self.random.randrange(26 * 86_400))
            currency = "GBP" if to.country == "GB" else "USD" if self.tenant == "globex" else "EUR"
            rows.append(
                {
                    "order_id": f"O-{self.tenant[0].upper()}{number:05d}",
                    "customer_id": customer_id,
                    "ordered_at": ordered_at,
                    "amount": Decimal(self.random.randrange(500, 60_000)) / 100,
                    "currency": currency,
                    "status": self.random.choice(("placed", "paid", "shipped", "shipped", "cancelled")),
                    "ship_street": to.street,
                    "ship_city": to.city,
                    "ship_postal_code": to.postal_code,
                    "ship_country": to.country,
                    "note": texts.note(self.random, buyer, other),
                }
            )
        return rows

    def tickets(self) -> list[Row]:
        """Support tickets: free text that names its writer, and others."""
        agents = [self.people.person(self.locale) for _ in range(6)]
        rows: list[Row] = []
        for number in range(1, TICKETS + 1):
            (me, me_id), (other, _) = self._anyone(), self._anyone()
            order = f"O-{self.tenant[0].upper()}{self.random.randint(1, ORDERS):05d}"
            subject, body = texts.ticket(self.random, me, me_id, other, order, self.people.address())
            agent = self.random.choice(agents).email.partition("@")[0]
            rows.append(
                {
                    "ticket_id": f"T-{number:05d}",
                    "customer_id": me_id,
                    "created_at": _iso(START + timedelta(seconds=self.random.randrange(30 * 86_400))),
                    "channel": self.random.choice(("email", "email", "chat", "phone", "web")),
                    "subject": subject,
                    "body": body,
                    "agent_email": f"{agent}@support.{self.tenant}.example",
                }
            )
        return rows

    def events(self) -> list[Row]:
        """What happened in the shop; one page view in five by nobody that is known."""
        rows: list[Row] = []
        for number in range(1, EVENTS + 1):
            person, customer_id = self._anyone()
            kind = self.random.choice(
                ("page_view", "page_view", "page_view", "add_to_cart", "checkout", "login")
            )
            known = kind != "page_view" or self.random.random() > 0.2
            count = {"add_to_cart": 1, "checkout": self.random.randint(1, 4)}.get(kind, 0)
            rows.append(
                {
                    "event_id": f"E-{self.tenant[0].upper()}{number:06d}",
                    "occurred_at": _iso(
                        START + timedelta(seconds=number * 7_200 + self.random.randrange(7_200))
                    ),
                    "type": kind,
                    "customer": {"id": customer_id, "email": person.email} if known else None,
                    "device": {"ip": self.people.address(), "user_agent": self.random.choice(USER_AGENTS)},
                    "page": self.random.choice(PAGES),
                    "items": [
                        {"sku": f"SKU-{self.random.randint(1, 400):04d}", "qty": self.random.randint(1, 3)}
                        for _ in range(count)
                    ],
                }
            )
        return rows

    def _anyone(self) -> tuple[Person, str]:
        number = self.random.randint(1, CUSTOMERS)
        return self.persons[number - 1], f"C-{number:06d}"

    def _customer(self, number: int, person: Person, earliest: datetime) -> Row:
        return {
            "customer_id": f"C-{number:06d}",
            "full_name": person.full_name,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": person.email,
            "phone": person.phone,
            "street": person.street,
            "city": person.city,
            "postal_code": person.postal_code,
            "country": person.country,
            "birth_date": person.birth_date.isoformat(),
            "gender": person.gender,
            "iban": person.iban,
            "card_number": person.card_number,
            "ip_address": self.people.address(),
            "loyalty_points": self.random.randrange(0, 5_000, 10),
            "marketing_consent": str(self.random.random() < 0.4).lower(),
            "updated_at": _iso(earliest + timedelta(seconds=self.random.randrange(20 * 86_400))),
        }


def generate(landing: Path) -> None:
    """Write every invented tenant's files under `landing`, over those that are there."""
    both = People(7, "en_US")
    shared = [
        both.person(locale) for locale in ("en_GB", "en_IN", "pt_BR", "it_IT") for _ in range(SHARED // 4)
    ]
    europe = {"de_DE": 8, "fr_FR": 3, "es_ES": 3, "it_IT": 2, "pl_PL": 2, "pt_BR": 1, "en_GB": 1}
    america = {"en_US": 11, "en_GB": 2, "en_IN": 3, "pt_BR": 2, "es_ES": 1, "ja_JP": 1}
    _acme(Shop("acme", 11, "de_DE", europe, shared), landing / "eu" / "acme")
    _globex(Shop("globex", 23, "en_US", america, shared), landing / "us" / "globex")
    _initech(People(31, "en_US"), landing / "us" / "initech")


def _acme(shop: Shop, folder: Path) -> None:
    customers = [row | {"shoe_size": shop.random.randint(35, 47)} for row in shop.customers()]
    customers[40]["birth_date"] = "1985-02-30"
    customers[90]["customer_id"] = ""
    customers[130]["loyalty_points"] = "many"
    lines = _csv(customers).splitlines(keepends=True)
    street = str(customers[160]["street"])
    lines[161] = lines[161].replace(
        street, f"{street}, 2. OG, links"
    )  # commas without quotes: two cells too many
    _write(folder / "customers" / "customers-2026-01.csv", "".join(lines).encode())
    _write(folder / "customers" / "customers-2026-02.csv", _csv(shop.corrections()).encode())

    orders = [row | {"ordered_at": _iso(row["ordered_at"])} for row in shop.orders()]
    orders[100]["status"] = "lost"
    orders[200]["ordered_at"] = "yesterday"
    orders[300]["amount"] = "-12.50"
    _write(folder / "orders" / "orders-2026-01.csv", _csv(orders).encode())

    ticket_lines = _jsonl(shop.tickets()).splitlines(keepends=True)
    ticket_lines[60] = ticket_lines[60][:70] + "\n"
    _write(folder / "tickets" / "tickets-2026-01.jsonl", "".join(ticket_lines).encode())

    events = shop.events()
    del events[150]["event_id"]
    events[250]["occurred_at"] = "2026-13-45T99:00:00Z"
    _write(folder / "events" / "events-2026-01.jsonl", _jsonl(events).encode())


def _globex(shop: Shop, folder: Path) -> None:
    customers = shop.customers()
    customers[70]["email"] = ""
    _write(folder / "customers" / "customers-2026-01.csv.gz", _gzip(_csv(customers)))
    _write(folder / "customers" / "customers-2026-02.csv.gz", _gzip(_csv(shop.corrections())))

    orders = shop.orders()
    orders[120]["currency"] = "BTC"
    orders[220]["customer_id"] = None
    _write_parquet(folder / "orders" / "orders-2026-01.parquet", orders)

    tickets = shop.tickets()
    tickets[30]["channel"] = "fax"
    _write(folder / "tickets" / "tickets-2026-01.jsonl.gz", _gzip(_jsonl(tickets)))

    events = shop.events()
    events[80]["type"] = "teleport"
    _write(
        folder / "events" / "events-2026-01.json",
        (json.dumps(events, ensure_ascii=False, indent=1) + "\n").encode(),
    )


def _initech(people: People, folder: Path) -> None:
    persons = [people.person("en_US") for _ in range(5)]
    rows: list[Row] = [
        {"customer_id": f"C-{number:06d}", "full_name": person.full_name, "email": person.email}
        for number, person in enumerate(persons, 1)
    ]
    _write(folder / "customers" / "customers-2026-01.csv", _csv(rows).encode())


def _iso(moment: object) -> str:
    if not isinstance(moment, datetime):
        raise TypeError(f"{type(moment).__name__} is no point in time. To mend it: pass a datetime.")
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _csv(rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _jsonl(rows: Iterable[Row]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _gzip(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _write_parquet(path: Path, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=ORDER_SCHEMA), path, compression="zstd")


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else LANDING)
