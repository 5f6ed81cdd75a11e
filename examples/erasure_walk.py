"""An erasure, from the first file to a receipt that a stranger checks: `python -m examples.erasure_walk`.

The example tenants are taken in, and with them an invented person of acme: a customer with an order, an event
and a ticket, who is also named in somebody else's ticket. The person is erased, and before and after that
`grep`, `strings`, `sqlite3` and pyarrow look for them, which know nothing of Lakeward. What each command
printed is written to standard output as Markdown; the walk stops with exit code 1 where it does not come to
what it should. A folder can be given to walk in; without one it is a scratch folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from policy import load_policies
from retention.identifiers import tokens_of
from tenancy.control import open_control
from tenancy.keyring import open_keyring

EXAMPLES = Path(__file__).parent
VERIFIER = EXAMPLES.parent / "retention" / "standalone" / "verify_receipt.py"
TENANT, ID, NAME, EMAIL = "acme", "C-900001", "Ilse Vandenberghe", "ilse.vandenberghe@walk.example"
PHONE = "+49 30 5550 1234"
IDENTIFIERS = {"customer_id": ID, "email": EMAIL, "name": NAME}
FILES = {
    "customers/walk.csv": (
        "customer_id,full_name,first_name,last_name,email,phone,street,city,postal_code,country,birth_date,"
        "gender,iban,card_number,ip_address,loyalty_points,marketing_consent,updated_at\n"
        f"{ID},{NAME},Ilse,Vandenberghe,{EMAIL},{PHONE},Walkergasse 7,Berlin,10115,DE,1984-03-09,"
        "female,,,,10,true,2026-03-01T08:00:00Z\n"
    ),
    "orders/walk.csv": (
        "order_id,customer_id,ordered_at,amount,currency,status,ship_street,ship_city,ship_postal_code,"
        "ship_country,note\n"
        f"O-A90001,{ID},2026-03-02T09:00:00Z,10.00,EUR,paid,Walkergasse 7,Berlin,10115,DE,\n"
    ),
    "events/walk.jsonl": json.dumps(
        {"event_id": "E-A900001", "occurred_at": "2026-03-02T08:59:00Z", "type": "page_view",
         "customer": {"id": ID, "email": EMAIL}, "device": {"ip": "198.51.100.9", "user_agent": "Walk/1"},
         "page": "/shoes", "items": []}
    ) + "\n",
    "tickets/walk.jsonl": "".join(
        json.dumps({"ticket_id": ticket, "customer_id": customer, "created_at": "2026-03-03T10:00:00Z",
                    "channel": "email", "subject": subject, "body": body,
                    "agent_email": "harriet.adolph@support.acme.example"}) + "\n"
        for ticket, customer, subject, body in (
            ("T-90001", ID, "Delivery", f"Hello, {NAME} here. Please write to {EMAIL}."),
            ("T-90002", "C-000002", "Parcel", f"My parcel went to {NAME}. Please ask at {EMAIL} or {PHONE}."),
        )
    ),
}  # fmt: skip


class WalkError(Exception):
    """Something did not come to what it should."""


@dataclass
class Walk:
    """One walk in a folder of its own."""

    folder: Path

    @property
    def lake(self) -> Path:
        """The lake's folder."""
        return self.folder / "lake"

    @property
    def control(self) -> Path:
        """What belongs to the lake and is no table."""
        return self.folder / "control"

    def run(self) -> None:
        """All of it."""
        heading("Three tenants, and the person")
        shutil.copytree(EXAMPLES / "landing", self.folder / "landing")
        shutil.copytree(EXAMPLES / "policies", self.folder / "policies")
        self.drop()
        self.lakeward("run", shown=12)
        tokens = self.tokens()
        heading("Before: what other tools find")
        before = self.search(tokens)
        require(before["lake"] > 0, "nothing of the person is in the lake, so nothing can be proved")
        self.lakeward("subject", "find", *self.asked())
        heading("The erasure")
        printed = self.lakeward("subject", "erase", *self.asked(), "--wait")
        receipt = Path(printed.split("Receipt: ", 1)[1].splitlines()[0])
        heading("After: the same search")
        after = self.search(tokens)
        require(after["lake"] == 0, "the lake still holds the person")
        self.check(receipt)
        heading("The old files are dropped again, a byte longer: the same content would not be read at all")
        self.drop("\n")
        self.lakeward("run", shown=0)
        listed = self.lakeward("quarantine", "list")
        require("suppressed" in listed, "the person was not kept out")
        again = self.search(tokens)
        require(again["lake"] == 0, "the person came back")

    def drop(self, more: str = "") -> None:
        """The person's files at the tenant's drop-off, with `more` at their ends."""
        for name, text in FILES.items():
            file = self.folder / "landing" / "eu" / TENANT / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text + more)

    def check(self, receipt: Path) -> None:
        """The receipt, by the stand-alone script; and one of which one byte was changed."""
        heading("The receipt, checked by a script that imports the standard library and cryptography alone")
        key = next(self.control.rglob("*.pub"))
        self.command([sys.executable, str(VERIFIER), str(receipt), str(key)])
        content = receipt.read_bytes()
        edited = self.folder / "edited.json"
        place = content.index(b'"verified"') + 1
        edited.write_bytes(content[:place] + b"w" + content[place + 1 :])
        self.command([sys.executable, str(VERIFIER), str(edited), str(key)], fails=True)

    def search(self, tokens: Sequence[str]) -> dict[str, int]:
        """How many files of the lake and of the control folder hold the person; a table of who found what."""
        needles = [*IDENTIFIERS.values(), *tokens]
        say("| folder | files | `grep -F` | `strings` | decoded Parquet | `sqlite3 .dump` |")
        say("|---|---|---|---|---|---|")
        found = {}
        for name in ("lake", "control"):
            folder = self.folder / name
            files = [file for file in folder.rglob("*") if file.is_file()]
            ways = [
                sum(way(file, needles) for file in files)
                for way in (by_grep, by_strings, by_parquet, by_sqlite)
            ]
            say(f"| {name} | {len(files)} | " + " | ".join(map(str, ways)) + " |")
            found[name] = sum(ways)
        say(f"\nLooked for: the id, the name, the address, and {len(tokens)} tokens of them.\n")
        return found

    def asked(self) -> list[str]:
        """The person, as the command line asks for them."""
        told = [word for name, value in IDENTIFIERS.items() for word in ("--id", f"{name}={value}")]
        return ["--tenant", TENANT, *told]

    def tokens(self) -> list[str]:
        """The person's tokens, in memory."""
        engine = open_control(self.control / "control.db")
        ring = open_keyring(engine, next(self.control.rglob("root.key")), self.lake)
        tokens = tokens_of(load_policies(self.folder / "policies"), ring, TENANT, IDENTIFIERS)
        engine.dispose()
        return list(tokens.values())

    def lakeward(self, *words: str, shown: int | None = None) -> str:
        """One command of Lakeward."""
        return self.command([str(Path(sys.executable).with_name("lakeward")), *words], shown=shown)

    def command(self, words: list[str], *, shown: int | None = None, fails: bool = False) -> str:
        """Run a command, show it and the last `shown` lines of what it printed, and stop where it fails."""
        told = {f"LAKEWARD_{name.upper()}": str(self.folder / name)
                for name in ("landing", "lake", "policies", "control")}  # fmt: skip
        done = subprocess.run(words, env=os.environ | told | {"COLUMNS": "110"}, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
        lines = [line.rstrip() for line in done.stdout.splitlines() if line.strip()]
        kept = lines if shown is None else lines[len(lines) - shown :]
        names = " ".join([Path(words[0]).name, *words[1:]])
        text = "\n".join([f"$ {names}", *kept, f"(exit code {done.returncode})"])
        say("```\n" + text.replace(str(self.folder), ".").replace(f"{EXAMPLES.parent}/", "") + "\n```\n")
        require((done.returncode != 0) == fails, f"{names}: exit code {done.returncode}")
        return done.stdout


def by_grep(file: Path, needles: Sequence[str]) -> bool:
    """Whether the file's bytes hold one of them."""
    patterns = [part for needle in needles for part in ("-e", needle)]
    return subprocess.run(["grep", "-qaF", *patterns, str(file)], check=False).returncode == 0  # noqa: S607


def by_strings(file: Path, needles: Sequence[str]) -> bool:
    """Whether the file has a readable text with one of them."""
    told = subprocess.run(["strings", "-a", str(file)], capture_output=True, text=True, errors="replace",  # noqa: S607
                          check=True).stdout  # fmt: skip
    return any(needle in told for needle in needles)


def by_parquet(file: Path, needles: Sequence[str]) -> bool:
    """Whether a Parquet file's decoded values or its footer hold one of them."""
    if file.suffix != ".parquet":
        return False
    told = repr(pq.ParquetFile(file).read().to_pylist()) + str(pq.read_metadata(file).to_dict())
    return any(needle in told for needle in needles)


def by_sqlite(file: Path, needles: Sequence[str]) -> bool:
    """Whether the dump of a database holds one of them."""
    if file.suffix not in (".db", ".sqlite"):
        return False
    told = subprocess.run(["sqlite3", "-readonly", str(file), ".dump"], capture_output=True, text=True,  # noqa: S607
                          errors="replace", check=True).stdout  # fmt: skip
    return any(needle in told for needle in needles)


def heading(text: str) -> None:
    """A heading of the Markdown."""
    say(f"## {text}\n")


def say(text: str) -> None:
    """A line of the Markdown."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def require(holds: bool, otherwise: str) -> None:
    """Raise WalkError where it does not hold."""
    if not holds:
        raise WalkError(otherwise)


def main() -> None:
    """Walk in the folder that is given, or in one that is removed afterwards."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path(scratch)
        try:
            Walk(folder).run()
        except WalkError as error:
            sys.exit(f"The walk stops: {error}")


if __name__ == "__main__":
    main()
