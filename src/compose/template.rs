//! `${uuid}`, `${now}`, `${counter}`, `${env:NAME}`, `${random:a,b,c}` in the text of a document.
//!
//! They are filled in before the document is read. Inside quotes the value is escaped as JSON
//! wants it; outside quotes it stands as it is, which is how a number is had: `{"n":${counter}}`.
//! `$${` stands for a plain `${`.

use super::context::Context;
use crate::body::write_json_string;

/// What is wrong with a template, and where in the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TemplateError {
    pub(super) offset: usize,
    pub(super) what: String,
}

/// Fills in all templates of a JSON text.
pub(super) fn fill(text: &str, context: &mut Context<'_>) -> Result<String, TemplateError> {
    let mut out = String::with_capacity(text.len() + 32);
    let mut in_string = false;
    let mut at = 0;
    while let Some(&byte) = text.as_bytes().get(at) {
        match byte {
            b'\\' if in_string => {
                let end = text.len().min(at + 2);
                // A character of several bytes behind the backslash is copied in the next round.
                let end = if text.is_char_boundary(end) {
                    end
                } else {
                    at + 1
                };
                out.push_str(&text[at..end]);
                at = end;
            }
            b'"' => {
                in_string = !in_string;
                out.push('"');
                at += 1;
            }
            b'$' if text[at..].starts_with("$${") => {
                out.push_str("${");
                at += 3;
            }
            b'$' if text[at..].starts_with("${") => {
                let error = |what: String| TemplateError { offset: at, what };
                let inside = &text[at + 2..];
                let end = inside
                    .find(['}', '"', '\n'])
                    .filter(|end| inside[*end..].starts_with('}'));
                let end = end.ok_or_else(|| {
                    error(
                        "a template that begins with ${ has no closing }; write $${ for a plain ${"
                            .into(),
                    )
                })?;
                let value = value(&inside[..end], context).map_err(error)?;
                if in_string {
                    let mut quoted = String::new();
                    write_json_string(&value, &mut quoted);
                    out.push_str(&quoted[1..quoted.len() - 1]);
                } else {
                    out.push_str(&value);
                }
                at += 2 + end + 1;
            }
            _ => {
                let first = text[at..].chars().next().map_or(1, char::len_utf8);
                let len = text[at + first..]
                    .find(['\\', '"', '$'])
                    .unwrap_or(text.len() - at - first)
                    + first;
                out.push_str(&text[at..at + len]);
                at += len;
            }
        }
    }
    Ok(out)
}

fn value(template: &str, context: &mut Context<'_>) -> Result<String, String> {
    let (kind, argument) = template.split_once(':').unwrap_or((template, ""));
    Ok(match (kind, argument) {
        ("uuid", "") => context.uuid(),
        ("counter", "") => context.counter.to_string(),
        ("now", "") => context.now().to_string(),
        ("now", "unix") => context.now_us.div_euclid(1_000_000).to_string(),
        ("now", "unix_ms") => context.now_us.div_euclid(1_000).to_string(),
        ("now", "unix_us") => context.now_us.to_string(),
        ("now", "unix_ns") => (i128::from(context.now_us) * 1_000).to_string(),
        ("now", _) => {
            return Err(format!(
                "unknown form ${{{template}}}; known are ${{now}}, ${{now:unix}}, \
                 ${{now:unix_ms}}, ${{now:unix_us}} and ${{now:unix_ns}}"
            ));
        }
        ("env", "") => return Err("${env:…} must name a variable, as in ${env:USER}".into()),
        ("env", name) => context.env(name).ok_or_else(|| {
            format!("the environment variable {name} is not set; set it, or change ${{env:{name}}}")
        })?,
        ("random", "") => {
            return Err(
                "${random:…} must hold choices or a range, as in ${random:a,b,c} or \
                        ${random:1..100}"
                    .into(),
            );
        }
        ("random", choices) => random(choices, context)?,
        _ => {
            return Err(format!(
                "unknown template ${{{template}}}; known are ${{uuid}}, ${{now}}, ${{counter}}, \
                 ${{env:NAME}} and ${{random:a,b,c}}, and $${{ stands for a plain ${{"
            ));
        }
    })
}

/// One of `a,b,c`, or a whole number of `1..100`, both ends included.
fn random(choices: &str, context: &mut Context<'_>) -> Result<String, String> {
    if let Some((low, high)) = choices.split_once("..")
        && let (Ok(low), Ok(high)) = (low.trim().parse::<i64>(), high.trim().parse::<i64>())
    {
        if low > high {
            return Err(format!(
                "the range {choices} is empty; write the smaller number first"
            ));
        }
        let span = high.abs_diff(low).saturating_add(1);
        return Ok((i128::from(low) + i128::from(context.below(span))).to_string());
    }
    let choices: Vec<&str> = choices.split(',').map(str::trim).collect();
    Ok(context.one_of(&choices).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, TemplateError> {
        let env = |name: &str| (name == "QUOTED").then(|| "a\"b\nc".to_owned());
        let mut context = Context::new(1_700_000_000_123_456, 7).with_env(&env);
        context.counter = 3;
        fill(text, &mut context)
    }

    #[test]
    fn values_by_template() {
        for (text, value) in [
            (r#"{"a":"plain $ {x} }"}"#, r#"{"a":"plain $ {x} }"}"#),
            (r#""${now}""#, r#""2023-11-14T22:13:20.123456Z""#),
            (r#""${now:unix}""#, r#""1700000000""#),
            (r#"{"at":${now:unix_ms}}"#, r#"{"at":1700000000123}"#),
            (
                "${now:unix_us} ${now:unix_ns}",
                "1700000000123456 1700000000123456000",
            ),
            (
                r#"{"n":${counter},"s":"no ${counter}"}"#,
                r#"{"n":3,"s":"no 3"}"#,
            ),
            (r#""${env:QUOTED}""#, r#""a\"b\nc""#),
            (r#""$${uuid}""#, r#""${uuid}""#),
            (r#""\"${counter}\\""#, r#""\"3\\""#),
            ("\"ä\\ä${counter}é\"", "\"ä\\ä3é\""),
            (r#""${random:x}""#, r#""x""#),
            (r#""${random:5..5}""#, r#""5""#),
        ] {
            assert_eq!(filled(text).as_deref(), Ok(value), "{text}");
        }
    }

    #[test]
    fn errors_name_the_template_and_its_place() {
        for (text, offset, needle) in [
            (r#""${nwo}""#, 1, "unknown template ${nwo}"),
            (r#""${now:iso}""#, 1, "unknown form ${now:iso}"),
            (r#""ab${uuid""#, 3, "no closing }"),
            (r#""${env:NOPE}""#, 1, "NOPE is not set"),
            (r#""${env:}""#, 1, "must name a variable"),
            (r#""${random:}""#, 1, "choices or a range"),
            (r#""${random:9..1}""#, 1, "is empty"),
            (r#""${counter:2}""#, 1, "unknown template"),
        ] {
            let error = filled(text).unwrap_err();
            assert_eq!(error.offset, offset, "{text}");
            assert!(error.what.contains(needle), "{text}: {}", error.what);
        }
    }

    #[test]
    fn chance_follows_the_seed() {
        let mut one = Context::new(0, 1);
        let mut two = Context::new(0, 2);
        let text = "${uuid} ${uuid}";
        let first = fill(text, &mut one).unwrap();
        assert_eq!(first, fill(text, &mut Context::new(0, 1)).unwrap());
        assert_ne!(first, fill(text, &mut two).unwrap());
        let (left, right) = first.split_once(' ').unwrap();
        assert_ne!(left, right);
        assert_eq!(uuid::Uuid::parse_str(left).unwrap().get_version_num(), 4);
        for _ in 0..100 {
            let number: i64 = fill("${random:-2..3}", &mut one).unwrap().parse().unwrap();
            assert!((-2..=3).contains(&number));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_filled_or_refused(text in "[${}a:\"\\\\é]{0,16}") {
            let _ = filled(&text);
        }
    }
}
