"""All definitions, from settings. Parses the policies; opens nothing and starts nothing."""

from __future__ import annotations

import warnings

import dagster as dg

from dagster_project.defs.audit_export import AUDIT_EXPORT, evidence
from dagster_project.defs.bronze import bronze_asset
from dagster_project.defs.checks import bronze_checks, silver_checks
from dagster_project.defs.delivery import delivery, lineage_delivery
from dagster_project.defs.erasure import ERASURE
from dagster_project.defs.failed_tenants import failed_tenants
from dagster_project.defs.findings import findings_asset
from dagster_project.defs.jobs import LAKE, REQUEST_DESK, RETENTION, RETENTION_PLAN
from dagster_project.defs.landing import inventory
from dagster_project.defs.ledger import LEDGER, ledger_hourly
from dagster_project.defs.maintenance import MAINTENANCE, maintenance_weekly
from dagster_project.defs.overview import all_tenants_asset, overview_asset
from dagster_project.defs.quarantine_retry import quarantine_retry
from dagster_project.defs.record_verdict import record_verdict
from dagster_project.defs.request_desk import desk
from dagster_project.defs.request_inbox import request_inbox
from dagster_project.defs.retention import done_asset, plan_asset
from dagster_project.defs.schedules import nightly, requests_daily, retention_daily
from dagster_project.defs.sensors import landing_files
from dagster_project.defs.silver import silver_asset
from dagster_project.resources import HouseResource
from dagster_project.settings import Settings
from policy import load_policies


def build_definitions(settings: Settings) -> dg.Definitions:
    """Everything that Dagster knows of one lake. Raises PolicyError where the policies are refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # single-run backfills, which the pinned version has
        return _build(settings)


def _build(settings: Settings) -> dg.Definitions:
    bundle = load_policies(settings.policies)
    layers = [
        make(bundle, name)
        for name in bundle.datasets
        for make in (bronze_asset, findings_asset, silver_asset)
    ]
    return dg.Definitions(
        assets=[
            inventory,
            *layers,
            delivery,
            plan_asset(bundle),
            done_asset(),
            desk,
            overview_asset(),
            all_tenants_asset(),
            evidence,
        ],
        asset_checks=[
            make(bundle, name) for name in bundle.datasets for make in (bronze_checks, silver_checks)
        ],
        jobs=[
            LAKE,
            RETENTION_PLAN,
            RETENTION,
            REQUEST_DESK,
            ERASURE,
            MAINTENANCE,
            LEDGER,
            AUDIT_EXPORT,
            record_verdict(bundle),
            quarantine_retry(bundle),
        ],
        schedules=[
            nightly(settings),
            requests_daily(),
            retention_daily(settings),
            maintenance_weekly(),
            ledger_hourly(),
        ],
        sensors=[
            landing_files(settings),
            lineage_delivery(settings, bundle),
            failed_tenants(settings),
            request_inbox(settings),
        ],
        resources={"house": HouseResource.of(settings)},
        executor=dg.in_process_executor,
    )
