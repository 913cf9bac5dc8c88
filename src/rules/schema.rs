//! The JSON Schema of rule files, for editors.

use serde_json::{Value as Json, json};

use crate::diagnostic::Severity;

/// The schema of a rule file.
#[must_use]
pub fn schema() -> Json {
    let severity = json!({
        "description": "How bad it is.",
        "enum": Severity::ALL.map(Severity::as_str),
    });
    let expression = |description: &str, examples: &[&str]| json!({ "type": ["string", "boolean"], "description": description, "examples": examples });
    let text =
        |description: &str| json!({ "type": "string", "minLength": 1, "description": description });
    let several = |description: &str, examples: &[&str]| {
        json!({
            "description": description,
            "oneOf": [
                { "type": "string", "minLength": 1 },
                { "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 } },
            ],
            "examples": examples,
        })
    };
    let strict = |required: &[&str], properties: Json| {
        json!({
            "type": "object",
            "required": required,
            "additionalProperties": false,
            "properties": properties,
        })
    };
    let files = json!({
        "type": "object",
        "minProperties": 1,
        "description": "Paths, and the text of each file behind `|`.",
        "additionalProperties": { "type": "string" },
    });
    let label = strict(
        &["at"],
        json!({
            "for": text("One label for each element of a list: `host in vm.possibleHosts`."),
            "at": text("Where the label stands."),
            "text": text("What it says; `{…}` is an expression."),
        }),
    );
    let example = strict(
        &["name", "files"],
        json!({
            "name": text("What it shows."),
            "files": files,
            "base": files,
            "fixed": { "type": "object", "description": "The files that fixes change, as they are then.", "additionalProperties": { "type": "string" } },
            "asOf": { "type": "string", "format": "date", "description": "The as-of date; default 2026-01-01." },
            "config": text("The text of `.vmlint.yaml`, which can stand among the files as well."),
        }),
    );
    let examples = |description: &str| json!({ "type": "array", "description": description, "items": example });
    let fix = strict(
        &["set", "to"],
        json!({
            "set": text("The place to write to."),
            "to": { "type": ["string", "boolean", "integer"], "description": "The value, as YAML has it; `{…}` is an expression." },
            "safe": { "type": "boolean", "description": "Whether it changes nothing but what the rule is about; default false." },
            "when": expression("Only where it is so.", &[]),
        }),
    );
    let mut schema = strict(
        &["id", "title", "severity", "rationale"],
        json!({
            "id": {
                "type": "string",
                "pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
                "description": "Its name: the name of the file, and of the bad thing.",
                "examples": ["critical-vm-alone"],
            },
            "title": text("What is wrong, in a line."),
            "severity": severity,
            "since": text("The release it came with."),
            "tags": several("Words to find it by.", &["hyper-v"]),
            "topic": text("What it is about; default the folder of the file."),
            "builtin": { "const": true, "description": "The program itself finds what the rule is about; not for rules of users." },
            "rationale": text("What breaks, and for whom."),
            "for": {
                "type": "string",
                "pattern": "^\\s*[A-Za-z][A-Za-z0-9_]*\\s+in\\s+\\S",
                "description": "What it is held against: a name, and a relation.",
                "examples": ["vm in vms", "move in moves"],
            },
            "formats": several(
                "What is judged, by where it was read from; everything where nothing is said.",
                &["native", "kubernetes", "windows"],
            ),
            "needs": several(
                "Paths without which nothing can be said: absent or unknown, the rule is not evaluated.",
                &["vm.memory.startup"],
            ),
            "when": expression("Whether the rule applies.", &["vm.criticality == \"critical\""]),
            "deny": expression("Whether the bad thing is so.", &["vm.possibleHosts.size() < 2"]),
            "at": several(
                "The place of the finding; of a list the first that is present.",
                &["vm.criticality"],
            ),
            "key": several(
                "What makes a finding one of its own, beside the object at `at`.",
                &["collision.plan"],
            ),
            "message": text("What is wrong here; `{…}` is an expression."),
            "labels": { "type": "array", "description": "The other places that take part.", "items": label },
            "help": text("What to do; `{…}` is an expression."),
            "severityWhen": {
                "type": "array",
                "description": "Other severities; the first case that holds wins.",
                "items": strict(
                    &["when", "severity"],
                    json!({ "when": expression("Whether it is so.", &[]), "severity": severity }),
                ),
            },
            "fix": {
                "description": "What to write where that is certain; of a list the first of which all is known.",
                "anyOf": [fix, { "type": "array", "items": fix }],
            },
            "references": {
                "type": "array",
                "description": "Where to read more.",
                "items": strict(
                    &["title", "url"],
                    json!({
                        "title": text("What it is."),
                        "url": { "type": "string", "format": "uri", "description": "Where it is." },
                    }),
                ),
            },
            "knownGaps": text("What the rule does not see."),
            "examples": strict(
                &[],
                json!({
                    "fail": examples("Estates in which it finds something, on the lines with `# error`."),
                    "pass": examples("Estates to which it applies, without a finding."),
                    "skip": examples("Estates to which it does not apply, or of which too little is known."),
                }),
            ),
        }),
    );
    let logic = json!({ "required": ["for", "deny", "at", "message", "help"] });
    schema["if"] = json!({ "required": ["builtin"] });
    schema["then"] = json!({ "required": ["help"] });
    schema["else"] = logic;
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["$id"] = json!("https://vmlint.dev/schemas/v1/rule.schema.json");
    schema["title"] = json!("vmlint rule");
    schema["description"] = json!("A rule of vmlint: rule, documentation and test in one file.");
    schema
}
