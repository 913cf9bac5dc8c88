//! The operators: what types they take, and what they do.
//!
//! Total: whatever has no result (overflow, division by zero, an unknown operand) is unknown.

use std::cmp::Ordering;

use crate::model::reflect::{Moment, Type, Value};
use crate::schedule::Instant;

/// A binary operator, once its types are known.
pub(super) type Binary = for<'a> fn(Value<'a>, Value<'a>) -> Value<'a>;

/// The arithmetic operators.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// A boolean that may be unknown, as a value.
pub(super) fn truth_value<'a>(truth: Option<bool>) -> Value<'a> {
    truth.map_or(Value::Unknown, Value::Bool)
}

/// A value as a boolean that may be unknown.
pub(super) fn truth(value: &Value<'_>) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        _ => None,
    }
}

/// The type that both have or can be taken for.
pub(super) fn unify(a: &Type, b: &Type) -> Option<Type> {
    match (a, b) {
        (Type::List(a), Type::List(b)) => Some(Type::List(Box::new(unify(a, b)?))),
        _ if a == b => Some(a.clone()),
        (Type::Text, Type::Choice(_)) | (Type::Choice(_), Type::Text) => Some(Type::Text),
        (Type::Choice(a), Type::Choice(b)) => {
            a.iter().any(|word| b.contains(word)).then_some(Type::Text)
        }
        _ => None,
    }
}

/// Whether `==` makes sense between the two.
pub(super) fn comparable(a: &Type, b: &Type) -> bool {
    matches!((a, b), (Type::Int, Type::Float) | (Type::Float, Type::Int)) || unify(a, b).is_some()
}

/// Whether `<` makes sense for the type. Choices have none: their order is not the alphabet's.
pub(super) fn ordered(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Int
            | Type::Float
            | Type::Text
            | Type::Memory
            | Type::Bandwidth
            | Type::Duration
            | Type::Instant
    )
}

/// The type of an arithmetic operation, if it makes sense.
///
/// A quotient of two amounts of one kind is a [`Type::Float`]; memory and bandwidth give a
/// duration, as a transfer does.
pub(super) fn arithmetic_type(op: Arithmetic, a: &Type, b: &Type) -> Option<Type> {
    use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
    use Type::{Bandwidth, Duration, Float, Instant, Int, Memory, Text};
    Some(match (op, a, b) {
        (_, Int, Int) => Int,
        (Add | Subtract | Multiply | Divide, Int | Float, Int | Float) => Float,
        (Add, Text | Type::Choice(_), Text | Type::Choice(_)) => Text,
        (Add, Type::List(_), Type::List(_)) => return unify(a, b),
        (Add | Subtract, Instant, Duration) | (Add, Duration, Instant) => Instant,
        (Subtract, Instant, Instant) => Duration,
        (Add | Subtract | Remainder, Memory | Bandwidth | Duration, _) if a == b => a.clone(),
        (Multiply | Divide, Memory | Bandwidth | Duration, Int | Float) => a.clone(),
        (Multiply, Int | Float, Memory | Bandwidth | Duration) => b.clone(),
        (Divide, Memory | Bandwidth | Duration, _) if a == b => Float,
        (Divide, Memory, Bandwidth) => Duration,
        (Divide, Memory, Duration) => Bandwidth,
        (Multiply, Bandwidth, Duration) | (Multiply, Duration, Bandwidth) => Memory,
        _ => return None,
    })
}

/// What carries out an arithmetic operation.
pub(super) fn arithmetic(op: Arithmetic) -> Binary {
    match op {
        Arithmetic::Add => add,
        Arithmetic::Subtract => subtract,
        Arithmetic::Multiply => multiply,
        Arithmetic::Divide => divide,
        Arithmetic::Remainder => remainder,
    }
}

/// Sums two values.
pub(super) fn add<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Value::Text(a + b),
        (Value::List(mut a), Value::List(b)) => {
            a.extend(b);
            Value::List(a)
        }
        (Value::Instant(moment), Value::Duration(by))
        | (Value::Duration(by), Value::Instant(moment)) => later(moment, by),
        (a, b) => same_unit(&a, &b, i64::checked_add, |a, b| a + b),
    }
}

fn subtract<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    match (&a, &b) {
        (Value::Instant(a), Value::Instant(b)) => {
            found(a.at.unix().checked_sub(b.at.unix()).map(Value::Duration))
        }
        (Value::Instant(moment), Value::Duration(by)) => by
            .checked_neg()
            .map_or(Value::Unknown, |by| later(*moment, by)),
        _ => same_unit(&a, &b, i64::checked_sub, |a, b| a - b),
    }
}

fn multiply<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    match (&a, &b) {
        (Value::Bandwidth(rate), Value::Duration(time))
        | (Value::Duration(time), Value::Bandwidth(rate)) => {
            let bytes = i128::from(*rate) * i128::from(*time) / 8;
            found(i64::try_from(bytes).ok().map(Value::Memory))
        }
        (amount, Value::Int(by)) | (Value::Int(by), amount) if is_amount(amount) => {
            scale(amount, |amount| amount.checked_mul(*by))
        }
        (amount, Value::Float(by)) | (Value::Float(by), amount) if is_amount(amount) => {
            scale(amount, |amount| whole(amount as f64 * by))
        }
        _ => same_unit(&a, &b, i64::checked_mul, |a, b| a * b),
    }
}

fn divide<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    match (&a, &b) {
        (Value::Memory(bytes), Value::Bandwidth(rate)) if *rate > 0 => {
            let bits = i128::from(*bytes) * 8;
            let seconds = bits.div_euclid(i128::from(*rate))
                + i128::from(bits.rem_euclid(i128::from(*rate)) != 0);
            found(i64::try_from(seconds).ok().map(Value::Duration))
        }
        (Value::Memory(bytes), Value::Duration(time)) if *time != 0 => {
            let rate = i128::from(*bytes) * 8 / i128::from(*time);
            found(i64::try_from(rate).ok().map(Value::Bandwidth))
        }
        (Value::Memory(a), Value::Memory(b))
        | (Value::Bandwidth(a), Value::Bandwidth(b))
        | (Value::Duration(a), Value::Duration(b)) => number(*a as f64 / *b as f64),
        (amount, Value::Int(by)) if is_amount(amount) => {
            scale(amount, |amount| amount.checked_div(*by))
        }
        (amount, Value::Float(by)) if is_amount(amount) => {
            scale(amount, |amount| whole(amount as f64 / by))
        }
        _ => same_unit(&a, &b, i64::checked_div, |a, b| a / b),
    }
}

fn remainder<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    same_unit(&a, &b, i64::checked_rem, |_, _| f64::NAN)
}

/// The value with its sign turned.
pub(super) fn negate(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Int(value) => found(value.checked_neg().map(Value::Int)),
        Value::Float(value) => Value::Float(-value),
        amount => scale(&amount, i64::checked_neg),
    }
}

fn found<'a>(value: Option<Value<'a>>) -> Value<'a> {
    value.unwrap_or(Value::Unknown)
}

/// A float, unless it is infinite or not a number.
pub(super) fn number<'a>(value: f64) -> Value<'a> {
    if value.is_finite() {
        Value::Float(value)
    } else {
        Value::Unknown
    }
}

/// A float cut to a whole number, where that fits.
pub(super) fn whole(value: f64) -> Option<i64> {
    let limit = 2_f64.powi(63);
    (-limit <= value && value < limit).then_some(value as i64)
}

fn later(moment: Moment<'_>, by: i64) -> Value<'_> {
    found(moment.at.unix().checked_add(by).map(|at| {
        Value::Instant(Moment {
            at: Instant::from_unix(at),
            ..moment
        })
    }))
}

fn is_amount(value: &Value<'_>) -> bool {
    matches!(
        value,
        Value::Memory(_) | Value::Bandwidth(_) | Value::Duration(_)
    )
}

fn scale<'a>(amount: &Value<'a>, by: impl Fn(i64) -> Option<i64>) -> Value<'a> {
    found(match amount {
        Value::Memory(amount) => by(*amount).map(Value::Memory),
        Value::Bandwidth(amount) => by(*amount).map(Value::Bandwidth),
        Value::Duration(amount) => by(*amount).map(Value::Duration),
        _ => None,
    })
}

fn same_unit<'a>(
    a: &Value<'a>,
    b: &Value<'a>,
    exact: fn(i64, i64) -> Option<i64>,
    float: fn(f64, f64) -> f64,
) -> Value<'a> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => found(exact(*a, *b).map(Value::Int)),
        (Value::Memory(a), Value::Memory(b)) => found(exact(*a, *b).map(Value::Memory)),
        (Value::Bandwidth(a), Value::Bandwidth(b)) => found(exact(*a, *b).map(Value::Bandwidth)),
        (Value::Duration(a), Value::Duration(b)) => found(exact(*a, *b).map(Value::Duration)),
        _ => match (as_float(a), as_float(b)) {
            (Some(a), Some(b)) => number(float(a, b)),
            _ => Value::Unknown,
        },
    }
}

fn as_float(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Int(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        _ => None,
    }
}

/// Whether two values are equal; `None` where that is not known.
pub(super) fn equal(a: &Value<'_>, b: &Value<'_>) -> Option<bool> {
    Some(match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Labels(a), Value::Labels(b)) => {
            a.len() == b.len() && a.iter().all(|label| b.contains(label))
        }
        (Value::Record(a), Value::Record(b)) => a.is(*b)?,
        (Value::Zone(a), Value::Zone(b)) => a == b,
        (Value::Window(a, a_end), Value::Window(b, b_end)) => {
            if a.at != b.at {
                false
            } else {
                (*a_end)? == (*b_end)?
            }
        }
        (Value::List(a), Value::List(b)) => return equal_lists(a, b),
        _ => compare(a, b)? == Ordering::Equal,
    })
}

fn equal_lists(a: &[Value<'_>], b: &[Value<'_>]) -> Option<bool> {
    let uncertain = |list: &[Value<'_>]| list.iter().any(|e| matches!(e, Value::Absent));
    if uncertain(a) || uncertain(b) {
        return None;
    }
    if a.len() != b.len() {
        return Some(false);
    }
    let mut verdict = Some(true);
    for (a, b) in a.iter().zip(b) {
        match equal(a, b) {
            Some(false) => return Some(false),
            Some(true) => {}
            None => verdict = None,
        }
    }
    verdict
}

/// The order of two values; `None` where that is not known.
pub(super) fn compare(a: &Value<'_>, b: &Value<'_>) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b))
        | (Value::Memory(a), Value::Memory(b))
        | (Value::Bandwidth(a), Value::Bandwidth(b))
        | (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Instant(a), Value::Instant(b)) => Some(a.at.cmp(&b.at)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        _ => as_float(a)?.partial_cmp(&as_float(b)?),
    }
}

/// `==`
pub(super) fn equals<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    truth_value(equal(&a, &b))
}

/// `!=`
pub(super) fn differs<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    truth_value(equal(&a, &b).map(|same| !same))
}

/// `<`
pub(super) fn less<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    truth_value(compare(&a, &b).map(Ordering::is_lt))
}

/// `<=`
pub(super) fn at_most<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    truth_value(compare(&a, &b).map(Ordering::is_le))
}

/// `>`
pub(super) fn greater<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    truth_value(compare(&a, &b).map(Ordering::is_gt))
}

/// `>=`
pub(super) fn at_least<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    truth_value(compare(&a, &b).map(Ordering::is_ge))
}
