//! Writing the protobuf wire format.

/// Appends a varint.
pub fn varint(out: &mut Vec<u8>, mut bits: u64) {
    while bits >= 0x80 {
        out.push(bits as u8 | 0x80);
        bits >>= 7;
    }
    out.push(bits as u8);
}

/// Appends the tag of a field.
pub fn tag(out: &mut Vec<u8>, number: u32, wire_type: u8) {
    varint(out, u64::from(number) << 3 | u64::from(wire_type));
}

/// Appends a length-delimited field: a string, bytes, a message or packed numbers.
pub fn bytes(out: &mut Vec<u8>, number: u32, content: &[u8]) {
    tag(out, number, 2);
    varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

/// Appends a varint field.
pub fn number(out: &mut Vec<u8>, number: u32, bits: u64) {
    tag(out, number, 0);
    varint(out, bits);
}
