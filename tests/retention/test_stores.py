"""Archives and landing files go when their period is over, unless a hold could be about them."""

from __future__ import annotations

from expiring import LATER

from policy import Period
from retention.holds import Scope, lift_hold, place_hold
from retention.stores import expire_archive, expire_landing
from transforms.deliveries import all_deliveries

YEAR = Period(12)
TENANTS = ["acme", "globex"]
ORDERS = "order_id,customer_id,amount\n9,C-9,5\n"


def test_an_archive_goes_a_period_after_its_rows_came_in_and_a_hold_keeps_it(lake):
    folder = lake.home / "lake" / "eu" / "archive" / "orders" / "tenant_id=acme"
    folder.mkdir(parents=True)
    (folder / f"{2:012d}.sealed").write_text("sealed")
    [settled] = [row.settled_at for row in all_deliveries(lake.ctx.engine, "orders")]
    early = expire_archive(lake.ctx, TENANTS, YEAR, settled.replace(tzinfo=LATER.tzinfo))
    assert (early.gone, early.held) == (0, 0)
    hold = place_hold(lake.ctx.engine, Scope("acme"), matter="CASE-1", by="counsel", why="why")
    kept = expire_archive(lake.ctx, TENANTS, YEAR, LATER)
    assert (kept.gone, kept.held, len(list(folder.iterdir()))) == (0, 1, 1)
    lift_hold(lake.ctx.engine, hold.hold_id, "counsel", "settled")
    told = expire_archive(lake.ctx, TENANTS, YEAR, LATER)
    assert (told.gone, told.bytes, list(folder.iterdir())) == (1, 6, [])
    assert [row.disposal for row in all_deliveries(lake.ctx.engine, "orders")] == ["expired"]


def test_a_landing_file_that_is_in_the_lake_or_refused_goes_and_one_that_waits_stays(lake):
    taken = lake.drop("acme", "orders", "taken.csv", ORDERS)
    refused = lake.drop("acme", "orders", "refused.csv", "nothing,of,it\n1,2,3\n")
    lake.ingest("orders")
    waits = lake.drop("acme", "orders", "waits.csv", ORDERS.replace("C-9", "C-8"))
    told = expire_landing(lake.ctx, TENANTS, YEAR, LATER)
    assert (told.gone, told.held) == (2, 0)
    assert [file.exists() for file in (taken, refused, waits)] == [False, False, True]
