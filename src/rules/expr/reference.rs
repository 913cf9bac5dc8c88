//! What an expression can say: operators, functions and types, each once, for the checker's help
//! and for the guide of rule authors.

/// A function of expressions.
#[derive(Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How it is called.
    pub form: &'static str,
    /// What comes of it.
    pub doc: &'static str,
    /// A condition about a machine `vm` that uses it.
    pub example: &'static str,
}

/// One or several operators.
#[derive(Debug)]
pub struct Operator {
    /// How they are written.
    pub form: &'static str,
    /// What they take and give.
    pub doc: &'static str,
    /// A condition about a machine `vm` that uses one.
    pub example: &'static str,
}

/// A type of values.
#[derive(Debug)]
pub struct TypeDoc {
    /// What it is called.
    pub name: &'static str,
    /// How a constant of it is written; empty where none can be.
    pub constant: &'static str,
    /// Its unit, and what can be done with it.
    pub doc: &'static str,
}

/// Something that CEL has and rule expressions do not.
#[derive(Debug)]
pub struct LeftOut {
    /// What it is.
    pub what: &'static str,
    /// An expression with it, which is refused.
    pub example: &'static str,
    /// What to write, or why it is not needed.
    pub instead: &'static str,
}

macro_rules! functions {
    ($($name:literal $form:literal $doc:literal $example:literal)*) => {
        &[$(Function { name: $name, form: $form, doc: $doc, example: $example }),*]
    };
}

/// All functions, in the order of the guide.
pub static FUNCTIONS: &[Function] = functions! {
    "has" "has(x.y)" "Whether an attribute or label is there. What follows it with `&&` may use the attribute."
        "has(vm.dvd) && vm.dvd.endsWith(\".iso\")"
    "orValue" "x.y.orValue(d)" "The attribute, or `d` where it is absent. Unknown stays unknown."
        "vm.memory.startup.orValue(memory(\"1GiB\")) > memory(\"64GiB\")"
    "isKnown" "x.isKnown()" "Whether the value is there and known; never unknown itself."
        "vm.host.isKnown()"
    "orUnknown" "x.y.orUnknown()" "The attribute, taking it for unknown where it is absent: the rule is not evaluated then, and a message shows `?`."
        "vm.host.orUnknown().name == \"hv01\""
    "size" "x.size()" "How many elements a list has, characters a text, or labels an object."
        "vm.possibleHosts.size() < 2"
    "startsWith" "x.startsWith(y)" "Whether a text begins with another."
        "vm.name.startsWith(\"sql\")"
    "endsWith" "x.endsWith(y)" "Whether a text ends with another."
        "vm.name.endsWith(\"01\")"
    "contains" "x.contains(y)" "Whether a text holds another."
        "vm.name.contains(\"sql\")"
    "matches" "x.matches(\"pattern\")" "Whether some part of a text matches a regular expression (RE2 syntax, linear time); `^` and `$` tie it to the ends."
        "vm.name.matches(\"^sql[0-9]+$\")"
    "all" "list.all(x, condition)" "Whether the condition holds for every element."
        "vm.possibleHosts.all(h, h.name.startsWith(\"hv\"))"
    "exists" "list.exists(x, condition)" "Whether it holds for at least one."
        "vm.moves.exists(m, m.type == \"live\")"
    "exists_one" "list.exists_one(x, condition)" "Whether it holds for exactly one."
        "vm.moves.exists_one(m, m.type == \"live\")"
    "filter" "list.filter(x, condition)" "The elements for which it holds."
        "vm.moves.filter(m, m.type == \"live\").size() > 1"
    "map" "list.map(x, value)" "A value for each element."
        "\"hv01\" in vm.possibleHosts.map(h, h.name)"
    "differ" "list.differ(x, value)" "Whether the value differs between two elements. What is known of some can prove it where others are unknown."
        "vm.possibleHosts.differ(h, h.platformVersion.orUnknown())"
    "distinct" "list.distinct()" "The list with every value once."
        "vm.moves.map(m, m.type).distinct().size() > 1"
    "sum" "list.sum()" "The sum of numbers or amounts; 0 of none."
        "vm.possibleHosts.map(h, h.virtualMachines.size()).sum() > 100"
    "min" "list.min()" "The smallest; unknown of none."
        "vm.backupPolicies.map(p, p.window.start).min() > timestamp(\"2026-01-01T00:00:00Z\")"
    "max" "list.max()" "The largest; unknown of none."
        "vm.possibleHosts.map(h, h.virtualMachines.size()).max() > 50"
    "names" "list.names()" "For messages: the names of up to five elements in backticks, and how many more."
        "vm.possibleHosts.names() == \"`hv01` and `hv02`\""
    "anyOf" "list.anyOf()" "For messages that offer a choice: the same with \"or\" before the last."
        "vm.possibleHosts.anyOf() == \"`hv01` or `hv02`\""
    "join" "list.join(\", \")" "The texts of a list with a separator."
        "vm.possibleHosts.map(h, h.name).join(\", \") == \"hv01, hv02\""
    "int" "int(x)" "A number, an amount in its unit (bytes, bits per second, seconds) or a text as an integer."
        "int(\"42\") == 42"
    "double" "double(x)" "The same as a number with a fraction."
        "double(vm.possibleHosts.size()) / 2 > 1.5"
    "string" "string(x)" "Any single value as messages show it."
        "string(vm.possibleHosts.size()) == \"2\""
    "memory" "memory(\"64GiB\")" "A constant amount of memory, in any form that YAML takes."
        "vm.memory.startup.orUnknown() > memory(\"64GiB\")"
    "bandwidth" "bandwidth(\"10Gbps\")" "A constant bandwidth."
        "vm.memory.dirtyRate.orUnknown() > bandwidth(\"200MiB/s\")"
    "duration" "duration(\"2h30m\")" "A constant length of time."
        "vm.recoveryPointObjective.orUnknown() < duration(\"24h\")"
    "timestamp" "timestamp(\"2026-12-05T22:00:00Z\")" "A constant instant."
        "vm.backupPolicies.exists(p, p.window.start < timestamp(\"2026-12-05T22:00:00Z\"))"
    "zone" "zone(\"Europe/Berlin\")" "A constant time zone, by its IANA name."
        "vm.backupPolicies.exists(p, p.window.zone == zone(\"Europe/Berlin\"))"
    "overlaps" "x.overlaps(y)" "Whether two windows, or some windows of two schedules, share an instant. Windows that only touch do not."
        "vm.backupPolicies.exists(p, vm.moves.exists(m, p.window.overlaps(m.plan.window)))"
    "inZone" "x.inZone(zone(\"UTC\"))" "The same instant, on the clock of another zone."
        "vm.backupPolicies.all(p, p.window.times.all(t, t.start.inZone(zone(\"Europe/Berlin\")).getHours() >= 20))"
    "getHours" "x.getHours()" "The hour that the clock of its zone shows at an instant, 0 to 23. (In CEL, without an argument, UTC's.)"
        "vm.backupPolicies.exists(p, p.window.start.getHours() < 20)"
    "getMinutes" "x.getMinutes()" "The minute, 0 to 59."
        "vm.backupPolicies.all(p, p.window.start.getMinutes() == 0)"
    "getDayOfWeek" "x.getDayOfWeek()" "The day of the week, 0 (Sunday) to 6."
        "vm.moves.exists(m, m.plan.window.start.getDayOfWeek() == 5)"
    "getDate" "x.getDate()" "The day of the month, 1 to 31."
        "vm.moves.exists(m, m.plan.window.start.getDate() > 24)"
    "getMonth" "x.getMonth()" "The month, 0 (January) to 11."
        "vm.moves.exists(m, m.plan.window.start.getMonth() == 11)"
    "getFullYear" "x.getFullYear()" "The year."
        "vm.moves.exists(m, m.plan.window.start.getFullYear() > 2026)"
};

macro_rules! operators {
    ($($form:literal $doc:literal $example:literal)*) => {
        &[$(Operator { form: $form, doc: $doc, example: $example }),*]
    };
}

/// All operators, those that bind most closely first.
pub static OPERATORS: &[Operator] = operators! {
    "x.y" "An attribute, of the object that a reference names as well."
        "vm.cluster.platform.orValue(\"hyper-v\") == \"hyper-v\""
    "x[\"key\"], x[0]" "A label, which may be absent; an element of a list, unknown where there is none."
        "has(vm.labels[\"tier\"]) && vm.labels[\"tier\"] == \"gold\""
    "!x" "Not."
        "!vm.highlyAvailable"
    "-x" "The negative number or amount."
        "-vm.moves.size() < -1"
    "* / %" "Of integers, an integer. An amount by a number is an amount; two amounts of one kind divide to a number; memory by bandwidth is a duration, memory by a duration a bandwidth, bandwidth by a duration memory. Overflow and division by zero are unknown."
        "vm.memory.startup.orUnknown() / bandwidth(\"10Gbps\") > duration(\"60s\")"
    "+ -" "Numbers; amounts of one kind; an instant and a duration; two instants give a duration; `+` also joins texts and lists."
        "vm.backupPolicies.exists(p, p.window.end - p.window.start > duration(\"4h\"))"
    "< <= > >=" "Numbers, texts, amounts of one kind, instants. Words of a list (`one of …`) have no order."
        "vm.memory.startup.orUnknown() >= memory(\"64GiB\")"
    "== !=" "Values of one type. A word must be one of the list, objects are equal when they are the same one."
        "vm.criticality == \"critical\""
    "x in y" "Whether a list holds a value, or labels a key."
        "\"tier\" in vm.labels"
    "&&" "And. False as soon as one is false, whatever is unknown."
        "vm.highlyAvailable && vm.possibleHosts.size() < 2"
    "||" "Or. True as soon as one is true, whatever is unknown."
        "vm.state == \"off\" || vm.state == \"saved\""
    "c ? x : y" "One of two values of one type; unknown where the condition is, unless both are equal."
        "(vm.highlyAvailable ? 2 : 1) <= vm.possibleHosts.size()"
    "[x, y]" "A list of values of one type."
        "vm.criticality in [\"high\", \"critical\"]"
};

macro_rules! types {
    ($($name:literal $constant:literal $doc:literal)*) => {
        &[$(TypeDoc { name: $name, constant: $constant, doc: $doc }),*]
    };
}

/// All types.
pub static TYPES: &[TypeDoc] = types! {
    "boolean" "true" ""
    "integer" "42" "64 bits."
    "number" "1.5" "With a fraction; an integer can stand for it."
    "text" "\"gold\"" "Also in single quotes."
    "one of …" "\"running\"" "A word of a fixed list, in canonical spelling."
    "memory" "memory(\"64GiB\")" "In bytes. GB and GiB are the same, as in PowerShell."
    "bandwidth" "bandwidth(\"10Gbps\")" "In bits per second. `MB/s` is decimal, `MiB/s` binary."
    "duration" "duration(\"2h30m\")" "In seconds, elapsed."
    "instant" "timestamp(\"2026-12-05T22:00:00Z\")" "With the zone in which to speak of it."
    "window" "" "From `start` to `end`, which is not part of it; both are instants. `zone` is its zone."
    "windows" "" "All windows of a schedule within 400 days from the as-of date. `times` is the list of them; `first`, `start` and `end` are those of the first one."
    "zone" "zone(\"Europe/Berlin\")" "An IANA time zone."
    "labels" "" "A map of texts: `x.labels.tier`, `x.labels[\"tier\"]`, `\"tier\" in x.labels`."
    "list" "[1, 2]" "Of one type. A list may be open: more may be in it than is known, as when a template fills in one of its names."
    "a record" "" "An object or a part of one: `Host`, `Processor`, `PlannedMove`."
};

macro_rules! left_out {
    ($($what:literal $example:literal $instead:literal)*) => {
        &[$(LeftOut { what: $what, example: $example, instead: $instead }),*]
    };
}

/// What CEL has and rule expressions do not.
pub static LEFT_OUT: &[LeftOut] = left_out! {
    "null" "vm.host == null" "`has(…)`"
    "unsigned integers and bytes" "vm.moves.size() == 1u" "integers, text"
    "maps and messages" "{\"a\": 1}.size() == 1" "labels are the only maps"
    "an empty list by itself" "[].size() == 0" "`orValue([])`"
    "types as values, `type(x)`, `dyn(x)`" "type(vm.name) == string" "every type is known when the rule is loaded"
    "macros with two variables, `cel.bind`" "vm.moves.exists(i, m, m.type == \"live\")" "`exists(x, …)`"
    "optional syntax `x.?y`" "vm.?host.isKnown()" "`has`, `orValue`"
    "arguments of `getHours` and its kin" "vm.moves.exists(m, m.plan.window.start.getHours(\"UTC\") == 1)" "`x.inZone(zone(\"UTC\")).getHours()`"
    "text functions such as `split`, `replace`, `lowerAscii`" "vm.name.lowerAscii() == \"a\"" "`matches(\"(?i)…\")`"
};
