//! A small estate with a vocabulary of its own, for the tests of this room.
//!
//! `sql01` runs on `hv01`, about which all is known; `web01` on `hv02`, which has no processor;
//! `app01` on `hv03`, whose vendor is a template; `lost` on a host that nobody declares.

use std::any::Any;
use std::sync::LazyLock;

use arcstr::ArcStr;

use super::expr::{Expression, Frame, Issue, Scope};
use crate::model::Reference;
use crate::model::reflect::{
    Attribute, Moment, Object, Objects, Place, Record, RecordType, Relation, Type, Value,
    Vocabulary, World,
};
use crate::model::{Kind, Labels, Meta};
use crate::schedule::{Instant, Zone};
use crate::source::{FileId, SourceFile, Sources, Span};

const GIB: i64 = 1 << 30;

macro_rules! attribute {
    ($name:literal, $ty:expr) => {
        attribute!($name, $ty, false)
    };
    ($name:literal, $ty:expr, $optional:literal) => {
        Attribute {
            name: $name,
            doc: "",
            optional: $optional,
            ty: || $ty,
            get: |_, object| thing(object).value($name),
            place: |_, object| thing(object).place_of(object, $name),
        }
    };
}

pub(super) static HOST: RecordType = RecordType {
    name: "Host",
    doc: "",
    kind: None,
    attributes: &[
        attribute!("name", Type::Text),
        attribute!("processor", Type::Record(&PROCESSOR), true),
        attribute!("reserve", Type::Memory, true),
    ],
};

static PROCESSOR: RecordType = RecordType {
    name: "Processor",
    doc: "",
    kind: None,
    attributes: &[
        attribute!("vendor", Type::Choice(&["intel", "amd"])),
        attribute!("model", Type::Text, true),
    ],
};

static DISK: RecordType = RecordType {
    name: "Disk",
    doc: "",
    kind: None,
    attributes: &[
        attribute!("name", Type::Text),
        attribute!("size", Type::Memory),
        attribute!("format", Type::Choice(&["vhdx", "vhd"]), true),
    ],
};

pub(super) static VM: RecordType = RecordType {
    name: "VirtualMachine",
    doc: "",
    kind: None,
    attributes: &[
        attribute!("name", Type::Text),
        attribute!("host", Type::Record(&HOST), true),
        attribute!("state", Type::Choice(&["running", "off", "saved"])),
        attribute!("count", Type::Int),
        attribute!("ratio", Type::Float),
        attribute!("memory", Type::Memory),
        attribute!("rate", Type::Bandwidth),
        attribute!("objective", Type::Duration, true),
        attribute!("critical", Type::Bool),
        attribute!("labels", Type::Labels),
        attribute!("disks", Type::List(Box::new(Type::Record(&DISK)))),
        attribute!("owners", Type::List(Box::new(Type::Record(&HOST)))),
        attribute!("window", Type::Window),
        attribute!("open", Type::Window),
        attribute!("maybe", Type::Bool),
        attribute!("number", Type::Int),
    ],
};

pub(super) static MOVE: RecordType = RecordType {
    name: "Move",
    doc: "",
    kind: None,
    attributes: &[
        attribute!("vm", Type::Record(&VM)),
        attribute!("host", Type::Record(&HOST), true),
        attribute!("vms", Type::List(Box::new(Type::Record(&VM)))),
    ],
};

pub(super) static VOCABULARY: Vocabulary = Vocabulary {
    relations: &[
        Relation {
            name: "vms",
            doc: "",
            of: &VM,
            all: |world| all(world, &VM),
        },
        Relation {
            name: "hosts",
            doc: "",
            of: &HOST,
            all: |world| all(world, &HOST),
        },
        Relation {
            name: "moves",
            doc: "",
            of: &MOVE,
            all: |world| all(world, &MOVE),
        },
    ],
    derived: &[],
};

pub(super) struct Thing {
    ty: &'static RecordType,
    owner: Option<&'static Meta>,
    span: Option<Span>,
    values: Vec<(&'static str, Value<'static>, Option<Span>)>,
}

impl Thing {
    fn value(&self, name: &str) -> Value<'static> {
        let found = self.values.iter().find(|value| value.0 == name);
        found.map_or(Value::Absent, |value| value.1.clone())
    }

    fn place_of<'a>(&self, object: Object<'a>, name: &str) -> Option<Place<'a>> {
        let found = self.values.iter().find(|value| value.0 == name)?;
        Some(Place {
            owner: object.owner?,
            file: object.owner?.file,
            span: found.2?,
            defined: None,
        })
    }

    pub(super) fn object(&'static self) -> Object<'static> {
        Object::part(self, self.owner)
    }
}

impl Record for Thing {
    fn record_type(&self) -> &'static RecordType {
        self.ty
    }
    fn place(&self) -> Option<Span> {
        self.span
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn thing(object: Object<'_>) -> &Thing {
    object.downcast().unwrap()
}

fn all<'a>(world: &'a dyn World, ty: &'static RecordType) -> Objects<'a> {
    let mock: &Mock = world.as_any().downcast_ref().unwrap();
    let things = mock.things.iter().filter(move |thing| thing.ty == ty);
    Box::new(things.map(|thing| thing.object()))
}

pub(super) struct Mock {
    pub(super) things: Vec<&'static Thing>,
}

impl World for Mock {
    fn resolve<'a>(&'a self, _: Kind, reference: &'a Reference) -> Value<'a> {
        let found = self.things.iter().find(|thing| {
            thing
                .owner
                .is_some_and(|owner| owner.name == reference.written)
        });
        found.map_or(Value::Unknown, |thing| Value::Record(thing.object()))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

pub(super) fn file() -> FileId {
    Sources::default().add(SourceFile::new("estate.yaml", ""))
}

fn meta(kind: Kind, name: &str, index: u32) -> &'static Meta {
    leak(Meta {
        name: ArcStr::from(name),
        named: true,
        index,
        ..Meta::at(kind, file(), Span::default())
    })
}

fn reference(name: &str) -> Value<'static> {
    Value::Reference(Kind::Host, leak(Reference::new(ArcStr::from(name))))
}

fn text(text: &'static str) -> Value<'static> {
    Value::Text(text.into())
}

/// A place that tells which one it is: `number..number + 1`.
pub(super) fn span(number: usize) -> Span {
    Span::new(number, number + 1)
}

fn host(index: u32, name: &'static str, vendor: Option<Value<'static>>) -> &'static Thing {
    let owner = Some(meta(Kind::Host, name, index));
    let at = 100 * (index as usize + 1);
    let mut values = vec![("name", text(name), Some(span(at + 1)))];
    if let Some(vendor) = vendor {
        let processor = leak(Thing {
            ty: &PROCESSOR,
            owner,
            span: Some(span(at + 2)),
            values: vec![("vendor", vendor, Some(span(at + 3)))],
        });
        let processor = Value::Record(processor.object());
        values.push(("processor", processor, Some(span(at + 2))));
    }
    leak(Thing {
        ty: &HOST,
        owner,
        span: Some(span(at)),
        values,
    })
}

static BERLIN: LazyLock<Zone> = LazyLock::new(|| Zone::parse("Europe/Berlin").unwrap());

fn vm(index: u32, name: &'static str, on: &str) -> &'static Thing {
    let owner = Some(meta(Kind::VirtualMachine, name, index));
    let at = 1000 * (index as usize + 1);
    let disk = |name, size: i64| {
        Value::Record(
            leak(Thing {
                ty: &DISK,
                owner,
                span: Some(span(at + 20)),
                values: vec![
                    ("name", text(name), None),
                    ("size", Value::Memory(size * GIB), None),
                ],
            })
            .object(),
        )
    };
    let labels: &Labels = leak([("tier", "gold")].into_iter().collect());
    let opens = Moment {
        at: Instant::from_unix(1_796_504_400),
        zone: &BERLIN,
    };
    leak(Thing {
        ty: &VM,
        owner,
        span: Some(span(at)),
        values: vec![
            ("name", text(name), Some(span(at + 1))),
            ("host", reference(on), Some(span(at + 2))),
            ("state", text("running"), None),
            ("count", Value::Int(4), Some(span(at + 4))),
            ("ratio", Value::Float(0.5), None),
            ("memory", Value::Memory(16 * GIB), Some(span(at + 6))),
            ("rate", Value::Bandwidth(8_000_000_000), None),
            ("critical", Value::Bool(index == 0), None),
            ("labels", Value::Labels(labels), None),
            (
                "disks",
                Value::List(vec![disk("os", 80), disk("data", 20)]),
                None,
            ),
            (
                "owners",
                Value::List(vec![
                    reference("hv01"),
                    reference("hv02"),
                    reference("gone"),
                ]),
                None,
            ),
            (
                "window",
                Value::Window(opens, Some(opens.at.plus(4 * 3600))),
                None,
            ),
            ("open", Value::Window(opens, None), None),
            ("maybe", Value::Unknown, None),
            ("number", Value::Unknown, None),
        ],
    })
}

/// The estate.
pub(super) fn world() -> Mock {
    let vms = [
        vm(0, "sql01", "hv01"),
        vm(1, "web01", "hv02"),
        vm(2, "app01", "hv03"),
        vm(3, "lost", "gone"),
    ];
    let fact = || {
        leak(Thing {
            ty: &MOVE,
            owner: None,
            span: None,
            values: vec![
                ("vm", Value::Record(vms[0].object()), None),
                (
                    "vms",
                    Value::List(
                        vms[..2]
                            .iter()
                            .map(|vm| Value::Record(vm.object()))
                            .collect(),
                    ),
                    None,
                ),
            ],
        })
    };
    let mut things = vec![
        host(0, "hv01", Some(text("intel"))),
        host(1, "hv02", None),
        host(2, "hv03", Some(Value::Unknown)),
    ];
    things.extend(vms);
    things.extend([fact(), fact()]);
    Mock { things }
}

pub(super) fn scope() -> Scope {
    Scope::new(VOCABULARY, "vm", Type::Record(&VM))
}

/// The errors of an expression about a `vm`.
pub(super) fn issues(text: &str) -> Vec<Issue> {
    Expression::compile(text, &scope())
        .err()
        .unwrap_or_default()
}

/// The value of an expression about the `vm` of that name, as it is shown.
pub(super) fn shown(text: &str, name: &str) -> String {
    let world = world();
    let vm = world
        .things
        .iter()
        .find(|thing| thing.owner.is_some_and(|owner| &*owner.name == name))
        .unwrap();
    let expression =
        Expression::compile(text, &scope()).unwrap_or_else(|issues| panic!("{text}: {issues:?}"));
    let mut frame = Frame::about(&world, vm.object());
    super::expr::print::show(&expression.value(&mut frame))
}
