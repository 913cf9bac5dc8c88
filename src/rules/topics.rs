//! The topics of the built-in rules, and what each asks.

/// A topic and its question.
pub static TOPICS: &[(&str, &str)] = &[
    ("mobility", "Can this machine go where it must?"),
    ("concurrency", "Can they go at once, and in time?"),
    ("backup", "Is it protected, and will the backup work?"),
    (
        "maintenance",
        "Who goes down, and does the cluster stay up?",
    ),
    (
        "kubevirt",
        "Can KubeVirt move it, and does every drain end?",
    ),
    ("schedule", "Does it run when it should?"),
    ("integrity", "Can what is declared be read and related?"),
];

/// The question of a topic; none for a topic of the user.
#[must_use]
pub fn question(topic: &str) -> Option<&'static str> {
    let known = TOPICS.iter().find(|(name, _)| *name == topic);
    known.map(|(_, question)| *question)
}

/// Where a topic stands in lists: built-in ones in their order, those of users behind.
#[must_use]
pub fn rank(topic: &str) -> usize {
    let known = TOPICS.iter().position(|(name, _)| *name == topic);
    known.unwrap_or(TOPICS.len())
}
