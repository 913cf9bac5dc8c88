//! The JSON Schema of `.vmlint.yaml`, for editors. The program itself reads the file as `read` does.

use serde_json::{Value as Json, json};

/// The schema of `.vmlint.yaml`.
#[must_use]
pub fn schema() -> Json {
    let level = json!({
        "description": "How bad it is, or `off` (YAML's `false` will do).",
        "enum": ["error", "warning", "info", "off", false],
    });
    let globs = |description: &str, example: &str| {
        json!({
            "type": "array",
            "description": description,
            "items": { "type": "string", "minLength": 1 },
            "examples": [[example]],
        })
    };
    let rules = json!({
        "type": "object",
        "description": "The level of rules and topics.",
        "additionalProperties": {
            "oneOf": [
                level,
                {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": {
                        "level": level,
                        "exclude": globs("Files of which the rule says nothing.", "lab/**"),
                    },
                },
            ],
        },
        "examples": [{ "saved-state-backup": "error", "schedule": "off" }],
    });
    let text =
        |description: &str| json!({ "type": "string", "minLength": 1, "description": description });
    let waiver = json!({
        "type": "object",
        "required": ["rule", "resource", "reason", "owner", "expires"],
        "additionalProperties": false,
        "properties": {
            "rule": text("The rule."),
            "resource": {
                "type": "string",
                "pattern": "^[A-Za-z]+/([^/]+/)?[^/]+$",
                "description": "The resource: Kind/name, or Kind/namespace/name.",
                "examples": ["MigrationPlan/retire-old-hosts"],
            },
            "reason": text("Why it may be so."),
            "owner": text("Who answers for it."),
            "expires": { "type": "string", "format": "date", "description": "The last day on which it holds." },
        },
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://vmlint.dev/schemas/v1/config.schema.json",
        "title": "vmlint settings",
        "description": "The settings of vmlint, `.vmlint.yaml`.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "extends": {
                "type": "string",
                "description": "Settings to start from: maps are merged, lists replaced.",
                "examples": ["../.vmlint.yaml"],
            },
            "scopes": globs("Folders that are a closed world of their own each; the rest is one more.", "clusters/*"),
            "assume": {
                "type": "object",
                "description": "For formats and schedules that do not say it.",
                "additionalProperties": false,
                "properties": {
                    "backupDuration": {
                        "type": "string",
                        "description": "How long a backup takes.",
                        "examples": ["1h"],
                    },
                },
            },
            "exclude": globs("Files that are not read.", "**/rendered/**"),
            "rules": rules,
            "overrides": {
                "type": "array",
                "description": "Other levels below some paths.",
                "items": {
                    "type": "object",
                    "required": ["paths", "rules"],
                    "additionalProperties": false,
                    "properties": {
                        "paths": globs("Where.", "lab/**"),
                        "rules": rules,
                    },
                },
            },
            "rulePacks": globs("Folders with rule files.", "policies"),
            "waivers": {
                "type": "array",
                "description": "Findings that are accepted for a time.",
                "items": waiver,
            },
        },
    })
}
