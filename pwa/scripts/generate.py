"""Prints what `npm run generate` writes: schemas to make TypeScript of, catalogue, settings of a run, templates, documents."""

# ruff: noqa: E402  (the package is found once the root is on the path)

import csv
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from backend.export.formats import FORMATS
from shared_py import (
    analysis,
    catalogue,
    design,
    message_catalogue,
    metrics,
    presets,
    problems,
    properties,
    protocol,
    templates,
    training_config,
)
from shared_py.algorithms import ALGORITHMS
from shared_py.blocks import BLOCKS
from shared_py.reference import gallery
from shared_py.reference.handbook import handbook
from shared_py.reference.metrics_page import metrics_page
from shared_py.reference.schema import allowed_values, props_schema, schema_text

WIRE = (
    design.ModelArchitecture,
    problems.Fix,
    protocol.ValidationResult,
    protocol.GeneratedSource,
    protocol.CompileResult,
    protocol.ConnectionCheck,
    protocol.Placement,
    protocol.Machine,
    protocol.Leaderboard,
    protocol.Forecast,
    protocol.RecipeOffer,
    protocol.SweepSpec,
    protocol.SweepRequest,
    protocol.SweepPlan,
    protocol.Sweep,
    protocol.DesignDifference,
    protocol.DesignMeta,
    protocol.Revision,
    protocol.RevisionName,
    protocol.DeletedDesign,
    protocol.NewDesign,
    protocol.SyncRequest,
    protocol.SyncResponse,
    protocol.Run,
    protocol.RunStatus,
    protocol.RunAccepted,
    protocol.RunLabels,
    protocol.ExportFormat,
    protocol.ExportList,
    protocol.LiveMessage,
    protocol.PairingState,
    protocol.AuditEntry,
    protocol.PushState,
    protocol.SubscriptionRequest,
    protocol.RunEnded,
    protocol.TelemetryBatch,
    protocol.TelemetryReceipt,
    protocol.RecordedEvent,
    protocol.TelemetryEvent,
    protocol.GameState,
    protocol.PlayedMove,
    protocol.GameRecord,
    training_config.TrainConfig,
    catalogue.Catalogue,
    metrics.Metric,
    gallery.Gallery,
)
MODULES = (design, problems, protocol, properties, catalogue, metrics, gallery)
REQUESTS = {"NewDesign", "PushedDesign", "PushedCommand", "SweepAxis", "SweepRequest", "SweepSpec", "SyncRequest", "TrainConfig"}
UNIONS = {
    "Fix": problems.Fix,
    "RunStatus": protocol.RunStatus,
    "LiveMessage": protocol.LiveMessage,
    "TelemetryEvent": protocol.TelemetryEvent,
}


def for_typescript(schema: Any) -> Any:
    """Say in draft 4 what the TypeScript generator reads there: tuples as `items`, no lengths of plain arrays."""
    if isinstance(schema, list):
        return [for_typescript(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: value for key, value in schema.items() if key not in {"title", "default"}}
    schema = {key: named(value) if key == "properties" else for_typescript(value) for key, value in schema.items()}
    if "prefixItems" in schema:
        schema["items"] = schema.pop("prefixItems")
        schema["additionalItems"] = False
    elif schema.get("type") == "array":
        schema.pop("minItems", None)
        schema.pop("maxItems", None)
    return schema


def named(properties: dict[str, Any]) -> dict[str, Any]:
    """Do the same for each property, whatever it is called."""
    return {name: for_typescript(schema) for name, schema in properties.items()}


def always_present(name: str, schema: dict[str, Any]) -> list[str]:
    """Name the fields an encoded Struct always carries: all of them, unless its class leaves defaults out."""
    struct = next((held for held in (getattr(module, name, None) for module in MODULES) if held), None)
    if name in REQUESTS or struct is None or struct.__struct_config__.omit_defaults:
        return list(schema.get("required", []))
    optional = {field.encode_name for field in msgspec.structs.fields(struct) if field.default is msgspec.UNSET}
    return [field for field in schema["properties"] if field not in optional]


def wire_schema() -> dict[str, Any]:
    """One schema that reaches every wire type, with the fields the server always sends marked as required."""
    roots, definitions = msgspec.json.schema_components(WIRE, ref_template="#/definitions/{name}")
    for name, schema in definitions.items():
        if schema.get("type") == "object" and "properties" in schema:
            schema["required"] = always_present(name, schema)
            schema["additionalProperties"] = False
            schema["description"] = " ".join(schema.get("description", name).split())
    root_of = dict(zip(WIRE, roots, strict=True))
    unions = {name: {**for_typescript(root_of[union])} for name, union in UNIONS.items()}
    every = {**{name: for_typescript(schema) for name, schema in definitions.items()}, **unions}
    return {
        "title": "Wire",
        "description": "Every wire type, by name.",
        "type": "object",
        "properties": {name: {"$ref": f"#/definitions/{name}"} for name in every},
        "required": list(every),
        "additionalProperties": False,
        "definitions": every,
    }


def blocks_schema() -> dict[str, Any]:
    """One schema that reaches the properties of every block, by the block's type."""
    definitions = {f"{block.__name__}Props": typed_props(block) for block in BLOCKS}
    return {
        "title": "PropsOfBlocks",
        "description": "The properties of every block, by its type.",
        "type": "object",
        "properties": {block.type: {"$ref": f"#/definitions/{block.__name__}Props"} for block in BLOCKS},
        "required": [block.type for block in BLOCKS],
        "additionalProperties": False,
        "definitions": definitions,
    }


def typed_props(block: Any) -> dict[str, Any]:
    """The properties of one block; their bounds, which a type cannot hold, in words."""
    schema = for_typescript(props_schema(block))
    for name, rule in properties.properties_of(block).items():
        told = schema["properties"][name]
        if rule.type in ("integer", "number", "integers", "patterns"):
            told["description"] = f"{rule.title}, {allowed_values(rule)}. {told['description']}"
        for bound in ("minimum", "maximum", "multipleOf", "pattern"):
            told.pop(bound, None)
    return schema


def training() -> dict[str, Any]:
    """Settings of a run, algorithms, the recipes of each before a design and a machine are known, and the average server."""
    return {
        "settings": msgspec.to_builtins(training_config.run_settings()),
        "algorithms": [
            {name: getattr(row, name) for name in ("name", "title", "term", "help", "goal", "goal_help", "evaluates_afterstates")}
            for row in ALGORITHMS
        ],
        "recipes": {row.name: msgspec.to_builtins(presets.offer_recipes(row.name)) for row in ALGORITHMS},
        "average_server": msgspec.to_builtins(presets.AVERAGE_SERVER),
        "measured": measured_scores(),
    }


def measured_scores() -> dict[str, Any]:
    """What each algorithm scored with the templates on the machine measured last, from docs/experiments/learning-tables.csv."""
    rows = list(csv.DictReader((ROOT / "docs" / "experiments" / "learning-tables.csv").read_text().splitlines()))
    newest = max(row["date"] for row in rows)
    rows = [row for row in rows if row["date"] == newest and row["policy"] == "greedy"]
    found = []
    for template in templates.load_templates():
        scores = {row["algorithm"]: int(row["mean_score"]) for row in rows if row["design"] == template.id}
        if scores:
            found.append({"name": template.name, "flops": analysis.analyse(template).sizes.flops, "scores": scores})
    return {"date": newest, "machine": rows[0]["machine"], "seconds": float(rows[0]["cpu_seconds"]), "designs": found}


def main() -> None:
    """Write one JSON object to standard output; `documents` are texts by their path in the repository."""
    said = {
        "wire": wire_schema(),
        "props": blocks_schema(),
        "blocks": msgspec.to_builtins(catalogue.block_catalogue()),
        "training": training(),
        "messages": {
            "problems": message_catalogue.PROBLEMS,
            "edge_rules": message_catalogue.EDGE_RULES,
            "fixes": message_catalogue.FIXES,
            "parts": message_catalogue.PARTS,
            "changes": message_catalogue.CHANGES,
        },
        "formats": [{name: getattr(row, name) for name in protocol.ExportFormat.__struct_fields__} for row in FORMATS],
        "metrics": msgspec.to_builtins(metrics.update_metrics()),
        "templates": [msgspec.to_builtins(template) for template in templates.load_templates()],
        "gallery": gallery.gallery(),
        "documents": {
            "docs/blocks.md": handbook(),
            "docs/metrics.md": metrics_page(),
            "docs/design.schema.json": schema_text(),
            "docs/design.strict.schema.json": schema_text(strict=True),
        },
    }
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()
