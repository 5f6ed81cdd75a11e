"""The policies folder, read once into frozen types, or refused whole with every fault in it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from policy.bundle import PolicyBundle
from policy.detection import DetectionPolicy
from policy.digest import digest_of
from policy.errors import PolicyError
from policy.load_agreement import check_treatments, check_variants
from policy.load_classes import load_taxonomy
from policy.load_contracts import load_contract
from policy.load_detection import load_detection
from policy.load_folder import (
    DATA_CLASSES,
    DETECTION,
    RETENTION,
    TENANTS,
    TIERS,
    TREATMENTS,
    is_dataset,
    read_folder,
)
from policy.load_node import Faults
from policy.load_retention import Known, load_retention
from policy.load_tenants import load_platform, load_tenants
from policy.load_tiers import load_tiers
from policy.load_treatments import load_treatments, load_undecided
from policy.load_yaml import parse_yaml
from policy.retention import Retention
from policy.tenants import Platform


def load_policies(folder: Path) -> PolicyBundle:
    """Reads tenants, treatments and datasets, and the other files where they are there.

    Raises PolicyError with every fault found; nothing of a folder with a fault is used.
    """
    faults = Faults()
    files = read_folder(folder, faults)
    if faults.problems and not files:
        raise PolicyError(faults.problems)
    for name in (TENANTS, TREATMENTS):
        if name not in files and not any(problem.file == name for problem in faults.problems):
            faults.add(name, "", "the file is missing", f"write {name} into the policies folder")
    datasets = [path for path in files if is_dataset(path)]
    if not datasets:
        faults.add("datasets", "", "there is no dataset", "write a data contract into datasets/NAME.yaml")
    others = (TIERS, RETENTION, DATA_CLASSES, DETECTION)
    wanted = [path for path in (TENANTS, TREATMENTS, *others, *datasets) if path in files]
    roots = {path: parse_yaml(path, files[path], faults) for path in wanted}

    taxonomy = load_taxonomy(roots.get(DATA_CLASSES))
    tenants_root, treatments_root = roots.get(TENANTS), roots.get(TREATMENTS)
    tiers_root = roots.get(TIERS)
    tiers = load_tiers(tiers_root) if tiers_root else {}
    # What a faulty file declares is not looked up elsewhere: one fault is not told twice.
    known_tiers = None if any(problem.file == TIERS for problem in faults.problems) else tiers
    tenants = load_tenants(tenants_root, known_tiers if tiers_root else None) if tenants_root else {}
    known_tenants = None if any(problem.file == TENANTS for problem in faults.problems) else tenants
    parsed = [load_contract(root, taxonomy, known_tenants) for path in datasets if (root := roots[path])]
    loaded = [each for each in parsed if each is not None]
    check_variants(loaded)
    contracts = [each.contract for each in loaded]
    known_contracts = None if any(is_dataset(problem.file) for problem in faults.problems) else contracts
    rules = (
        load_treatments(treatments_root, taxonomy, known_tenants, known_contracts) if treatments_root else {}
    )
    undecided = load_undecided(treatments_root, known_tenants, known_contracts) if treatments_root else []
    kept = Retention()
    if retention_root := roots.get(RETENTION):
        kept = load_retention(retention_root, Known(taxonomy, known_tenants, known_contracts, known_tiers))
    detection = DetectionPolicy()
    if detection_root := roots.get(DETECTION):
        detection = load_detection(detection_root, taxonomy, known_tenants)
    each = {path: hashlib.sha256(content).hexdigest() for path, content in sorted(files.items())}
    bundle = PolicyBundle(
        digest_of(files), taxonomy, tenants, tuple(contracts), tuple(rules), tiers, kept, each,
        tuple(undecided), load_platform(tenants_root) if tenants_root else Platform(), detection,
    )  # fmt: skip
    if not faults.problems:
        check_treatments(bundle, loaded, rules)
    if faults.problems:
        raise PolicyError(sorted(faults.problems, key=lambda problem: problem.file))
    return bundle
