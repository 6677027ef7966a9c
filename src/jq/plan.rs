//! What an expression says in plain comparisons, so that most lines need not be built to be
//! filtered out.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Term};
use jaq_core::ops::Cmp;
use jaq_core::path::Part;

use super::parse;
use super::reads::SUMMARY_KEYS;

/// An expression's plain conditions, each necessary for a frame to match.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// All of them hold for a frame that matches.
    pub conditions: Vec<Condition>,
    /// Each occurs in a text within the body of a frame that matches.
    pub literals: Vec<String>,
    /// True if the conditions together say all of it: a frame for which they hold matches.
    pub exact: bool,
}

/// A condition on members of a frame's line that are known without its body.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A comparison by jq's order: null, false, true, numbers, texts.
    Compare(&'static str, Relation, Constant),
    /// The member, which is always a text, has this one in it.
    Has(&'static str, Place, String),
    /// The member is there, and not `false`.
    Holds(&'static str),
    /// Both.
    All(Box<Condition>, Box<Condition>),
    /// At least one.
    Any(Box<Condition>, Box<Condition>),
    /// The contrary.
    Not(Box<Condition>),
}

/// Where in a text another one stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Anywhere: `contains`.
    Anywhere,
    /// `startswith`
    Start,
    /// `endswith`
    End,
}

impl Place {
    fn of(filter: &str) -> Option<Self> {
        Some(match filter {
            "contains" => Self::Anywhere,
            "startswith" => Self::Start,
            "endswith" => Self::End,
            _ => return None,
        })
    }

    /// True if `part` stands there in `text`.
    #[must_use]
    pub fn holds(self, text: &str, part: &str) -> bool {
        match self {
            Self::Anywhere => text.contains(part),
            Self::Start => text.starts_with(part),
            Self::End => text.ends_with(part),
        }
    }
}

/// Members that every frame's line has, as texts: looking into them cannot fail.
const TEXTS: &[&str] = &["type", "dir", "kind", "badge", "label", "session"];

/// How a member stands to a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
}

/// What a member is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// `null`, and what is not there.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
}

impl Relation {
    /// True if a value that compares as `order` stands in this relation.
    #[must_use]
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
        }
    }

    /// The same seen from the right-hand side.
    fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }
}

impl From<Cmp> for Relation {
    fn from(operator: Cmp) -> Self {
        match operator {
            Cmp::Lt => Self::Less,
            Cmp::Le => Self::LessOrEqual,
            Cmp::Gt => Self::Greater,
            Cmp::Ge => Self::GreaterOrEqual,
            Cmp::Eq => Self::Equal,
            Cmp::Ne => Self::Unequal,
        }
    }
}

/// The plain conditions in `text`; none for a text that does not parse.
#[must_use]
pub fn plan(text: &str) -> Plan {
    let mut plan = Plan::default();
    if let Ok(term) = parse::term(text) {
        plan.exact = true;
        collect(&term, &mut plan);
    }
    plan
}

fn collect(term: &Term<&str>, plan: &mut Plan) {
    match term {
        Term::BinOp(left, BinaryOp::And, right) => {
            collect(left, plan);
            collect(right, plan);
        }
        Term::Call("select", arguments) if arguments.len() == 1 => collect(&arguments[0], plan),
        term => {
            if let Some(condition) = condition(term) {
                plan.conditions.push(condition);
            } else {
                plan.exact = false;
                plan.literals.extend(literal(term));
            }
        }
    }
}

fn condition(term: &Term<&str>) -> Option<Condition> {
    let both = |left, right| Some((Box::new(condition(left)?), Box::new(condition(right)?)));
    Some(match term {
        Term::BinOp(left, BinaryOp::And, right) => {
            let (left, right) = both(left, right)?;
            Condition::All(left, right)
        }
        Term::BinOp(left, BinaryOp::Or, right) => {
            let (left, right) = both(left, right)?;
            Condition::Any(left, right)
        }
        Term::BinOp(left, BinaryOp::Pipe(None), right) => match &**right {
            Term::Call("not", arguments) if arguments.is_empty() => {
                Condition::Not(Box::new(condition(left)?))
            }
            Term::Call(filter, arguments) => {
                let place = Place::of(filter)?;
                let key = summary_key(left).filter(|key| TEXTS.contains(key))?;
                let [part] = &arguments[..] else { return None };
                Condition::Has(key, place, text(part)?)
            }
            _ => return None,
        },
        Term::BinOp(left, BinaryOp::Cmp(operator), right) => {
            let relation = Relation::from(*operator);
            if let (Some(key), Some(constant)) = (summary_key(left), constant(right)) {
                Condition::Compare(key, relation, constant)
            } else {
                let (constant, key) = (constant(left)?, summary_key(right)?);
                Condition::Compare(key, relation.turned(), constant)
            }
        }
        term => Condition::Holds(summary_key(term)?),
    })
}

/// The member that a path such as `.badge` names, if it needs no body.
fn summary_key(term: &Term<&str>) -> Option<&'static str> {
    let key = match &path(term)?[..] {
        [key] => key.clone()?,
        _ => return None,
    };
    // The time is written from the entry, not kept as a text.
    let mut plain = SUMMARY_KEYS.iter().copied().filter(|known| *known != "at");
    plain.find(|known| **known == key)
}

/// The steps of a path from the line itself; `None` for steps that are not a plain name.
fn path(term: &Term<&str>) -> Option<Vec<Option<String>>> {
    let Term::Path(head, path) = term else {
        return None;
    };
    if !matches!(**head, Term::Id) {
        return None;
    }
    let step = |part: &Part<Term<&str>>| match part {
        Part::Index(index) => text(index),
        Part::Range(..) => None,
    };
    Some(path.0.iter().map(|(part, _)| step(part)).collect())
}

fn constant(term: &Term<&str>) -> Option<Constant> {
    match term {
        Term::Num(digits) => digits
            .parse()
            .ok()
            .filter(|number| (0..1 << 53).contains(number))
            .map(Constant::Number),
        Term::Call("null", arguments) if arguments.is_empty() => Some(Constant::Null),
        Term::Call("true", arguments) if arguments.is_empty() => Some(Constant::Bool(true)),
        Term::Call("false", arguments) if arguments.is_empty() => Some(Constant::Bool(false)),
        term => text(term).map(Constant::Text),
    }
}

fn text(term: &Term<&str>) -> Option<String> {
    let Term::Str(None, parts) = term else {
        return None;
    };
    let mut text = String::new();
    for part in parts {
        match part {
            StrPart::Str(part) => text.push_str(part),
            StrPart::Char(c) => text.push(*c),
            StrPart::Term(_) => return None,
        }
    }
    Some(text)
}

/// The text that must occur in the body for `.body.x == "text"`, or for a path in the body piped
/// into `startswith`, `endswith` or `contains` of a text.
fn literal(term: &Term<&str>) -> Option<String> {
    let in_body = |term: &Term<&str>| {
        path(term).is_some_and(|steps| {
            steps
                .first()
                .is_some_and(|step| step.as_deref() == Some("body"))
        })
    };
    let found = match term {
        Term::BinOp(left, BinaryOp::Cmp(Cmp::Eq), right) => {
            if in_body(left) {
                text(right)
            } else if in_body(right) {
                text(left)
            } else {
                None
            }
        }
        Term::BinOp(left, BinaryOp::Pipe(None), right) if in_body(left) => match &**right {
            Term::Call(filter, arguments) => {
                Place::of(filter).and_then(|_| arguments.first().and_then(text))
            }
            _ => None,
        },
        _ => None,
    };
    found.filter(|text| !text.is_empty() && !text.contains(char::REPLACEMENT_CHARACTER))
}

#[cfg(test)]
mod tests;
