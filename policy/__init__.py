"""What is promised: tenants, contracts, data classes, treatments and retention, parsed once and hashed."""

from __future__ import annotations

from policy.bundle import PolicyBundle, TreatmentRule, UndecidedLimit
from policy.compatibility import contract_from_json, contract_to_json, incompatibilities
from policy.contracts import Column, Constraints, Contract, Disposal, LoadMode, LogicalType, token_domain
from policy.errors import LakewardError, PolicyError, Problem
from policy.load import load_policies
from policy.load_classes import shipped_taxonomy
from policy.load_names import RESERVED_NAMES, silver_name
from policy.retention import Clock, Period, Retention, RetentionAction, RetentionRule, Store
from policy.taxonomy import DataClass, Normaliser, Taxonomy
from policy.tenants import DATASET_NAME, REGION_ID, TENANT_ID, Contact, Platform, Tenant
from policy.tiers import Tier
from policy.treatments import KEEP, REDACT, GeneraliseTo, Treatment, TreatmentKind, stricter

__all__ = [
    "DATASET_NAME",
    "KEEP",
    "REDACT",
    "REGION_ID",
    "RESERVED_NAMES",
    "TENANT_ID",
    "Clock",
    "Column",
    "Constraints",
    "Contact",
    "Contract",
    "DataClass",
    "Disposal",
    "GeneraliseTo",
    "LakewardError",
    "LoadMode",
    "LogicalType",
    "Normaliser",
    "Period",
    "Platform",
    "PolicyBundle",
    "PolicyError",
    "Problem",
    "Retention",
    "RetentionAction",
    "RetentionRule",
    "Store",
    "Taxonomy",
    "Tenant",
    "Tier",
    "Treatment",
    "TreatmentKind",
    "TreatmentRule",
    "UndecidedLimit",
    "contract_from_json",
    "contract_to_json",
    "incompatibilities",
    "load_policies",
    "shipped_taxonomy",
    "silver_name",
    "stricter",
    "token_domain",
]
