//! What a request's headers ask for, or why the stream is refused for them.

use std::time::Duration;

use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use base64::{DecodeError, Engine as _};
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};

use super::{Code, Service, Status};

/// The headers of a call that may go on.
#[derive(Debug)]
pub(super) struct Head {
    /// What the response repeats.
    pub(super) content_type: HeaderValue,
    pub(super) method: String,
    /// `grpc-encoding`, if it says anything but `identity`.
    pub(super) encoding: Option<String>,
    /// Time the client gives, from the headers on; none left if it was negative.
    pub(super) timeout: Option<Duration>,
}

/// Why a call may not go on; the whole answer.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) http: StatusCode,
    pub(super) content_type: HeaderValue,
    pub(super) status: Status,
}

impl Head {
    /// Reads the headers in the order grpc-go judges them: host, content type, time and binary
    /// metadata, HTTP method, gRPC method.
    pub(super) fn read(request: &Parts, service: &impl Service) -> Result<Self, Refused> {
        let headers = &request.headers;
        let content_type = content_type(headers);
        let shown = content_type
            .clone()
            .unwrap_or_else(|_| HeaderValue::from_static(GRPC));
        let refuse = |http, code, text: String| Refused {
            http,
            content_type: shown.clone(),
            status: Status::new(code, text),
        };
        let hosts = headers.get_all(HOST).iter().count();
        if hosts > 1 {
            let authorities = usize::from(request.uri.authority().is_some());
            let text = format!(
                "num values of :authority: {authorities}, num values of host: {hosts}, both must \
                 only have 1 value as per HTTP/2 spec"
            );
            return Err(refuse(StatusCode::BAD_REQUEST, Code::Internal, text));
        }
        let content_type = content_type.map_err(|found| {
            let text = format!("invalid gRPC request content-type {found:?}");
            refuse(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                Code::InvalidArgument,
                text,
            )
        })?;
        let timeout = judged_values(headers)
            .map_err(|text| refuse(StatusCode::BAD_REQUEST, Code::Internal, text))?;
        if request.method != Method::POST {
            let text = format!(
                "Received a HEADERS frame with :method {:?} which should be POST",
                request.method.as_str()
            );
            return Err(refuse(StatusCode::METHOD_NOT_ALLOWED, Code::Internal, text));
        }
        let path = request
            .uri
            .path_and_query()
            .map_or("", |path| path.as_str());
        let method = method(path, service)
            .map_err(|text| refuse(StatusCode::OK, Code::Unimplemented, text))?;
        let encoding = headers.get("grpc-encoding").map(lossy);
        Ok(Self {
            content_type,
            method,
            encoding: encoding.filter(|e| !e.is_empty() && e != "identity"),
            timeout,
        })
    }
}

const GRPC: &str = "application/grpc";

/// The response's content type: the subtype behind `+` or `;` is repeated behind `+`. Of several
/// headers one that fits is enough; the error is the one that does not.
fn content_type(headers: &HeaderMap) -> Result<HeaderValue, String> {
    let mut found = Err(String::new());
    for value in headers.get_all(CONTENT_TYPE) {
        let subtype = match value.as_bytes().strip_prefix(GRPC.as_bytes()) {
            Some([b'+' | b';', subtype @ ..]) => subtype,
            Some([]) => b"",
            _ => {
                found = found.map_err(|_| lossy(value));
                continue;
            }
        };
        let plus: &[u8] = if subtype.is_empty() { b"" } else { b"+" };
        let whole = [GRPC.as_bytes(), plus, subtype].concat();
        found = HeaderValue::from_bytes(&whole).map_err(|error| error.to_string());
    }
    found
}

/// Looks at the values that can be malformed; the time the client gives. Of several errors the
/// last is told.
fn judged_values(headers: &HeaderMap) -> Result<Option<Duration>, String> {
    let mut timeout = Ok(None);
    for (name, value) in headers {
        if name == "grpc-timeout" {
            match self::timeout(&lossy(value)) {
                Ok(time) => timeout = timeout.map(|_: Option<Duration>| Some(time)),
                Err(error) => timeout = Err(format!("malformed grpc-timeout: {error}")),
            }
        } else if name.as_str().ends_with("-bin")
            && let Err(at) = binary(value.as_bytes())
        {
            timeout = Err(format!(
                "malformed binary metadata {:?} in header {:?}: illegal base64 data at input \
                 byte {at}",
                lossy(value),
                name.as_str()
            ));
        }
    }
    timeout
}

/// Whether a binary value is base64; if not, the offset of what is wrong. Padding is optional.
fn binary(value: &[u8]) -> Result<(), usize> {
    let decoded = if value.len().is_multiple_of(4) {
        STANDARD.decode(value)
    } else {
        STANDARD_NO_PAD.decode(value)
    };
    match decoded {
        // Go takes bits behind the last byte.
        Ok(_) | Err(DecodeError::InvalidLastSymbol { .. }) => Ok(()),
        Err(DecodeError::InvalidByte(at, _)) => Err(at),
        Err(_) => Err(value.len()),
    }
}

/// The time of `100m`; at most eight digits and a unit. Zero for a negative one.
fn timeout(text: &str) -> Result<Duration, String> {
    let size = text.len();
    if !(2..=9).contains(&size) {
        let what = if size < 2 { "short" } else { "long" };
        return Err(format!("transport: timeout string is too {what}: {text:?}"));
    }
    let unit = match text.as_bytes()[size - 1] {
        b'H' => Duration::from_hours(1),
        b'M' => Duration::from_mins(1),
        b'S' => Duration::from_secs(1),
        b'm' => Duration::from_millis(1),
        b'u' => Duration::from_micros(1),
        b'n' => Duration::from_nanos(1),
        _ => {
            return Err(format!(
                "transport: timeout unit is not recognized: {text:?}"
            ));
        }
    };
    let number = &text[..size - 1];
    let count: i64 = number
        .parse()
        .map_err(|_| format!("strconv.ParseInt: parsing {number:?}: invalid syntax"))?;
    Ok(unit.saturating_mul(u32::try_from(count).unwrap_or(0)))
}

/// The method a path names, if the service has it.
fn method(path: &str, service: &impl Service) -> Result<String, String> {
    let name = path.strip_prefix('/').unwrap_or(path);
    let Some((of, method)) = name.rsplit_once('/') else {
        return Err(format!("malformed method name: {path:?}"));
    };
    if of != service.name() {
        Err(format!("unknown service {of}"))
    } else if !service.has(method) {
        Err(format!("unknown method {method} for service {of}"))
    } else {
        Ok(method.to_owned())
    }
}

fn lossy(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}
