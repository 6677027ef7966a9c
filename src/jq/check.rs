//! What is refused before it runs: expressions that cannot end, fill the memory by themselves, or
//! reach outside.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::ops::Math;
use jaq_core::path::Part;

use super::{JqError, parse};

/// Filters that do not exist here, and what to say about them.
const BANNED: &[(&str, &str)] = &[
    ("input", "there is only one value at a time; filter on `.`"),
    ("inputs", "there is only one value at a time; filter on `.`"),
    ("halt", "an expression cannot end the program"),
    ("halt_error", "an expression cannot end the program"),
    ("debug", "an expression cannot print"),
    ("debug_empty", "an expression cannot print"),
    ("stderr", "an expression cannot print"),
    ("stderr_empty", "an expression cannot print"),
    ("env", "an expression cannot read the environment"),
    ("repeat", "it never ends"),
    ("until", "it may never end"),
    ("while", "it may never end"),
    ("combinations", "its output grows without bound"),
    ("transpose", "its output grows without bound"),
];

/// True for filters left out of the library.
pub(super) fn is_banned(name: &str) -> bool {
    BANNED.iter().any(|(banned, _)| *banned == name)
}

/// Refuses `term` if something in it is not bounded.
pub(super) fn term(text: &str, term: &Term<&str>) -> Result<(), JqError> {
    Checker {
        text,
        defining: Vec::new(),
    }
    .term(term)
}

struct Checker<'t> {
    text: &'t str,
    /// Definitions the walk is inside of; a call to one of them would be a recursion.
    defining: Vec<&'t str>,
}

impl<'t> Checker<'t> {
    fn term(&mut self, term: &Term<&'t str>) -> Result<(), JqError> {
        match term {
            Term::Var("$ENV") => Err(self.refusal("$ENV", "cannot read the environment")),
            Term::Id
            | Term::Recurse
            | Term::Num(_)
            | Term::Break(_)
            | Term::Arr(None)
            | Term::Var(_) => Ok(()),
            Term::Str(_, parts) => self.parts(parts),
            Term::Arr(Some(inner)) | Term::Neg(inner) | Term::Label(_, inner) => self.term(inner),
            Term::Obj(members) => members.iter().try_for_each(|(key, value)| {
                self.term(key)?;
                value.as_ref().map_or(Ok(()), |value| self.term(value))
            }),
            Term::BinOp(left, operator, right) => self.binary(left, operator, right),
            Term::Fold(_, source, pattern, arguments) => {
                self.term(source)?;
                self.pattern(pattern)?;
                self.all(arguments)
            }
            Term::TryCatch(body, handler) => {
                self.term(body)?;
                handler
                    .as_ref()
                    .map_or(Ok(()), |handler| self.term(handler))
            }
            Term::IfThenElse(branches, otherwise) => {
                for (condition, then) in branches {
                    self.term(condition)?;
                    self.term(then)?;
                }
                otherwise.as_ref().map_or(Ok(()), |term| self.term(term))
            }
            Term::Def(definitions, body) => {
                for definition in definitions {
                    self.definition(definition)?;
                }
                self.term(body)
            }
            Term::Call(name, arguments) => self.call(name, arguments),
            Term::Path(head, path) => {
                self.term(head)?;
                path.0.iter().try_for_each(|(part, _)| self.part(part))
            }
        }
    }

    fn refusal(&self, part: &str, why: &str) -> JqError {
        let at = self.text.find(part).unwrap_or(0);
        parse::error(
            self.text,
            &self.text[at..],
            format!("`{part}` is refused: {why}"),
        )
    }

    fn all(&mut self, terms: &[Term<&'t str>]) -> Result<(), JqError> {
        terms.iter().try_for_each(|term| self.term(term))
    }

    fn parts(&mut self, parts: &[StrPart<&'t str, Term<&'t str>>]) -> Result<(), JqError> {
        parts.iter().try_for_each(|part| match part {
            StrPart::Term(term) => self.term(term),
            StrPart::Str(_) | StrPart::Char(_) => Ok(()),
        })
    }

    fn part(&mut self, part: &Part<Term<&'t str>>) -> Result<(), JqError> {
        match part {
            Part::Index(index) => self.term(index),
            Part::Range(from, to) => [from, to]
                .into_iter()
                .flatten()
                .try_for_each(|bound| self.term(bound)),
        }
    }

    fn pattern(&mut self, pattern: &Pattern<&'t str>) -> Result<(), JqError> {
        match pattern {
            Pattern::Var(_) => Ok(()),
            Pattern::Arr(items) => items.iter().try_for_each(|item| self.pattern(item)),
            Pattern::Obj(members) => members.iter().try_for_each(|(key, value)| {
                self.term(key)?;
                self.pattern(value)
            }),
        }
    }

    fn binary(
        &mut self,
        left: &Term<&'t str>,
        operator: &BinaryOp<&'t str>,
        right: &Term<&'t str>,
    ) -> Result<(), JqError> {
        let repeats = match operator {
            BinaryOp::Math(Math::Mul) => !(is_number(left) && is_number(right)),
            BinaryOp::UpdateMath(Math::Mul) => true,
            _ => false,
        };
        if repeats {
            return Err(self.refusal(
                "*",
                "times a text it would repeat it without bound; \
                 make both sides numbers, as in `(.body.price | tonumber) * 2`",
            ));
        }
        if let BinaryOp::Pipe(Some(pattern)) = operator {
            self.pattern(pattern)?;
        }
        self.term(left)?;
        self.term(right)
    }

    fn definition(&mut self, definition: &Def<&'t str>) -> Result<(), JqError> {
        self.defining.push(definition.name);
        let result = self.term(&definition.body);
        self.defining.pop();
        result
    }

    fn call(&mut self, name: &'t str, arguments: &[Term<&'t str>]) -> Result<(), JqError> {
        if let Some((_, why)) = BANNED.iter().find(|(banned, _)| *banned == name) {
            return Err(parse::error(
                self.text,
                name,
                format!("`{name}` is refused: {why}"),
            ));
        }
        if self.defining.contains(&name) {
            let what = format!("`{name}` calls itself, which may never end");
            return Err(parse::error(self.text, name, what));
        }
        let descends = match (name, arguments) {
            ("recurse", [step]) => is_descent(step),
            ("recurse", [_, _]) => false,
            _ => true,
        };
        if !descends {
            let what = "`recurse` is refused unless it goes down into the value, \
                        as in `recurse(.children[]?)`";
            return Err(parse::error(self.text, name, what.to_owned()));
        }
        self.all(arguments)
    }
}

/// True if the term's outputs are parts of its input, so repeating it comes to an end.
fn is_descent(term: &Term<&str>) -> bool {
    match term {
        Term::Path(head, path) => !path.0.is_empty() && matches!(**head, Term::Id),
        Term::TryCatch(body, None) => is_descent(body),
        Term::BinOp(left, BinaryOp::Comma | BinaryOp::Alt, right) => {
            is_descent(left) && is_descent(right)
        }
        Term::BinOp(left, BinaryOp::Pipe(None), right) => {
            is_descent(left) && (is_descent(right) || matches!(**right, Term::Call("select", _)))
        }
        _ => false,
    }
}

/// True if the term can only yield numbers (or nothing, or an error).
fn is_number(term: &Term<&str>) -> bool {
    match term {
        Term::Num(_) => true,
        Term::Neg(inner) => is_number(inner),
        Term::BinOp(left, BinaryOp::Math(_), right) => is_number(left) && is_number(right),
        Term::BinOp(_, BinaryOp::Pipe(_), right) => is_number(right),
        Term::Call(name, _) => matches!(
            *name,
            "tonumber" | "length" | "floor" | "ceil" | "round" | "abs" | "now" | "utf8bytelength"
        ),
        Term::Path(head, path) => {
            matches!(**head, Term::Id)
                && matches!(&path.0[..], [(Part::Index(Term::Str(None, key)), _)]
                    if matches!(&key[..], [StrPart::Str("size" | "latency_us" | "seq")]))
        }
        _ => false,
    }
}
