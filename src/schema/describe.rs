//! Definitions as a person reads them.

use std::fmt::Write as _;

use prost_reflect::{
    EnumDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor, OneofDescriptor,
    ServiceDescriptor,
};

use super::{Schema, nearest_name};

/// What a name in a schema stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A message.
    Message,
    /// An enum.
    Enum,
    /// A service.
    Service,
}

impl What {
    /// The keyword of a `.proto` file.
    #[must_use]
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Enum => "enum",
            Self::Service => "service",
        }
    }
}

/// One line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What it is.
    pub what: What,
    /// Full name.
    pub name: String,
    /// Import name of the file that defines it.
    pub file: String,
}

impl Schema {
    /// Everything with a name, in the order of files and definitions; map entries left out.
    #[must_use]
    pub fn list(&self) -> Vec<Listed> {
        let item = |what, name: &str, file: FileDescriptor| Listed {
            what,
            name: name.to_owned(),
            file: file.name().to_owned(),
        };
        let messages = self
            .pool()
            .all_messages()
            .filter(|message| !message.is_map_entry())
            .map(|message| item(What::Message, message.full_name(), message.parent_file()));
        let enums = self
            .pool()
            .all_enums()
            .map(|kind| item(What::Enum, kind.full_name(), kind.parent_file()));
        let services = self
            .pool()
            .services()
            .map(|service| item(What::Service, service.full_name(), service.parent_file()));
        messages.chain(enums).chain(services).collect()
    }

    /// The definition of a message, enum or service, much as its `.proto` file has it; `None` if
    /// there is none of that name. The end of a name behind a dot will do if only one ends so.
    #[must_use]
    pub fn describe(&self, name: &str) -> Option<String> {
        let name = self.full_name(name)?;
        let mut printer = Printer::default();
        let pool = self.pool();
        if let Some(message) = pool.get_message_by_name(&name) {
            printer.file(&message.parent_file());
            printer.message(&message, true);
        } else if let Some(kind) = pool.get_enum_by_name(&name) {
            printer.file(&kind.parent_file());
            printer.enumeration(&kind, true);
        } else {
            let service = pool.get_service_by_name(&name)?;
            printer.file(&service.parent_file());
            printer.service(&service);
        }
        Some(printer.out)
    }

    fn full_name(&self, name: &str) -> Option<String> {
        let name = name.trim_start_matches('.');
        let mut names = self.list().into_iter().map(|listed| listed.name);
        let ends = |full: &String| {
            let front = full.strip_suffix(name);
            front.is_some_and(|front| front.is_empty() || front.ends_with('.'))
        };
        let mut fitting: Vec<_> = names.by_ref().filter(ends).collect();
        if let Some(exact) = fitting.iter().position(|full| full == name) {
            return Some(fitting.swap_remove(exact));
        }
        match fitting.len() {
            1 => fitting.pop(),
            _ => None,
        }
    }

    /// The defined name that comes nearest to `name`.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<String> {
        let listed = self.list();
        let names: Vec<_> = listed.iter().map(|listed| listed.name.as_str()).collect();
        nearest_name(name, &names).map(str::to_owned)
    }
}

#[derive(Default)]
struct Printer {
    out: String,
    depth: usize,
}

impl Printer {
    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        for _ in 0..self.depth {
            self.out.push_str("  ");
        }
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{text}");
    }

    fn file(&mut self, file: &FileDescriptor) {
        self.line(format_args!("// from {}", file.name()));
    }

    /// The comment that stands before the definition at `path` of its file.
    fn comment(&mut self, file: &FileDescriptor, path: &[i32]) {
        let Some(info) = &file.file_descriptor_proto().source_code_info else {
            return;
        };
        let Some(found) = info.location.iter().find(|location| location.path == path) else {
            return;
        };
        let leading = found.leading_comments.as_deref();
        let comment = leading.or(found.trailing_comments.as_deref());
        for text in comment.unwrap_or_default().trim_end().lines() {
            let text = text.strip_prefix(' ').unwrap_or(text);
            self.line(format_args!("// {text}"));
        }
    }

    fn block(&mut self, head: std::fmt::Arguments<'_>, inside: impl FnOnce(&mut Self)) {
        self.line(format_args!("{head} {{"));
        self.depth += 1;
        inside(self);
        self.depth -= 1;
        self.line(format_args!("}}"));
    }

    fn message(&mut self, message: &MessageDescriptor, outermost: bool) {
        let file = message.parent_file();
        self.comment(&file, message.path());
        let name = if outermost {
            message.full_name()
        } else {
            message.name()
        };
        self.block(format_args!("message {name}"), |printer| {
            for nested in message
                .child_messages()
                .filter(|nested| !nested.is_map_entry())
            {
                printer.message(&nested, false);
            }
            for nested in message.child_enums() {
                printer.enumeration(&nested, false);
            }
            let mut fields: Vec<_> = message.fields().collect();
            fields.sort_by_key(FieldDescriptor::number);
            let mut done = Vec::new();
            for field in fields {
                match field
                    .containing_oneof()
                    .filter(|oneof| !oneof.is_synthetic())
                {
                    None => printer.field(&file, &field),
                    Some(oneof) if done.contains(&oneof) => {}
                    Some(oneof) => {
                        printer.oneof(&file, &oneof);
                        done.push(oneof);
                    }
                }
            }
        });
    }

    fn oneof(&mut self, file: &FileDescriptor, oneof: &OneofDescriptor) {
        self.comment(file, oneof.path());
        self.block(format_args!("oneof {}", oneof.name()), |printer| {
            for field in oneof.fields() {
                printer.field(file, &field);
            }
        });
    }

    fn field(&mut self, file: &FileDescriptor, field: &FieldDescriptor) {
        self.comment(file, field.path());
        let (name, number) = (field.name(), field.number());
        let kind = field.kind();
        if let (true, Kind::Message(entry)) = (field.is_map(), &kind) {
            let (key, value) = (entry.map_entry_key_field(), entry.map_entry_value_field());
            let (key, value) = (key.kind(), value.kind());
            self.line(format_args!("map<{key:?}, {value:?}> {name} = {number};"));
            return;
        }
        let label = if field.is_list() {
            "repeated "
        } else if field.is_required() {
            "required "
        } else if field.supports_presence()
            && !matches!(kind, Kind::Message(_))
            && field
                .containing_oneof()
                .is_none_or(|oneof| oneof.is_synthetic())
        {
            "optional "
        } else {
            ""
        };
        self.line(format_args!("{label}{kind:?} {name} = {number};"));
    }

    fn enumeration(&mut self, kind: &EnumDescriptor, outermost: bool) {
        let file = kind.parent_file();
        self.comment(&file, kind.path());
        let name = if outermost {
            kind.full_name()
        } else {
            kind.name()
        };
        self.block(format_args!("enum {name}"), |printer| {
            let mut values: Vec<_> = kind.values().collect();
            // As written: the last step of the path counts the values in the file.
            values.sort_by_key(|value| value.path().last().copied());
            for value in values {
                printer.comment(&file, value.path());
                printer.line(format_args!("{} = {};", value.name(), value.number()));
            }
        });
    }

    fn service(&mut self, service: &ServiceDescriptor) {
        let file = service.parent_file();
        self.comment(&file, service.path());
        self.block(format_args!("service {}", service.full_name()), |printer| {
            for method in service.methods() {
                printer.comment(&file, method.path());
                let stream = |streams| if streams { "stream " } else { "" };
                printer.line(format_args!(
                    "rpc {}({}{}) returns ({}{});",
                    method.name(),
                    stream(method.is_client_streaming()),
                    method.input().full_name(),
                    stream(method.is_server_streaming()),
                    method.output().full_name(),
                ));
            }
        });
    }
}

#[cfg(test)]
mod tests;
