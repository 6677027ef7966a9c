//! The one compression grpc-go takes: gzip, unpacked whole, packed without compressing.

/// Why a message cannot be unpacked, in Go's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum GzipError {
    #[error("EOF")]
    Empty,
    #[error("unexpected EOF")]
    CutOff,
    #[error("gzip: invalid header")]
    Header,
    #[error("gzip: invalid checksum")]
    Checksum,
    #[error("flate: corrupt input before offset {0}")]
    Corrupt(usize),
    /// More than was allowed.
    #[error("longer than {0} bytes")]
    TooLong(usize),
}

const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// Unpacks one gzip member of at most `limit` bytes. As in grpc-go its own word for its length,
/// the last four bytes, is believed where it is too long.
pub(super) fn unpack(packed: &[u8], limit: usize) -> Result<Vec<u8>, GzipError> {
    let body = after_header(packed)?;
    let said = packed
        .last_chunk()
        .map_or(0, |last| u32::from_le_bytes(*last));
    if said as usize > limit {
        return Err(GzipError::TooLong(said as usize));
    }
    let mut bits = Bits::new(body);
    let mut out = Vec::new();
    loop {
        let is_last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => stored(&mut bits, &mut out, limit)?,
            1 => {
                let (literals, distances) = fixed();
                codes(&mut bits, &literals, &distances, &mut out, limit)?;
            }
            2 => {
                let (literals, distances) = described(&mut bits)?;
                codes(&mut bits, &literals, &distances, &mut out, limit)?;
            }
            _ => return Err(bits.corrupt()),
        }
        if is_last {
            break;
        }
    }
    let trailer = bits.rest().first_chunk::<8>().ok_or(GzipError::CutOff)?;
    let (crc, length) = trailer.split_at(4);
    if crc != checksum(&out).to_le_bytes() || length != (out.len() as u32).to_le_bytes() {
        return Err(GzipError::Checksum);
    }
    Ok(out)
}

/// A gzip member that holds `data` as it is.
pub(super) fn pack(data: &[u8]) -> Vec<u8> {
    let mut out = [&MAGIC[..], &[0; 6], &[255]].concat();
    let mut chunks = data.chunks(0xffff).peekable();
    loop {
        let chunk = chunks.next().unwrap_or_default();
        let is_last = chunks.peek().is_none();
        out.push(u8::from(is_last));
        let length = chunk.len() as u16;
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend(chunk);
        if is_last {
            break;
        }
    }
    out.extend(checksum(data).to_le_bytes());
    out.extend((data.len() as u32).to_le_bytes());
    out
}

fn after_header(packed: &[u8]) -> Result<&[u8], GzipError> {
    if packed.is_empty() {
        return Err(GzipError::Empty);
    }
    let (head, mut rest) = packed.split_at_checked(10).ok_or(GzipError::CutOff)?;
    if head[..3] != MAGIC {
        return Err(GzipError::Header);
    }
    let flags = head[3];
    if flags & 4 != 0 {
        let length = rest.first_chunk().ok_or(GzipError::CutOff)?;
        let length = usize::from(u16::from_le_bytes(*length));
        rest = rest.get(2 + length..).ok_or(GzipError::CutOff)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|&b| b == 0);
            rest = &rest[end.ok_or(GzipError::CutOff)? + 1..];
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..).ok_or(GzipError::CutOff)?;
    }
    Ok(rest)
}

/// Bits of a stream, the lowest of each byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    held: u32,
    count: u32,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            held: 0,
            count: 0,
        }
    }

    fn take(&mut self, count: u32) -> Result<u32, GzipError> {
        while self.count < count {
            let byte = *self.bytes.get(self.at).ok_or(GzipError::CutOff)?;
            self.held |= u32::from(byte) << self.count;
            self.count += 8;
            self.at += 1;
        }
        let taken = self.held & ((1 << count) - 1);
        self.held >>= count;
        self.count -= count;
        Ok(taken)
    }

    /// Whole bytes from here on; never more than 7 bits are held beyond what was taken.
    fn rest(&mut self) -> &'a [u8] {
        (self.held, self.count) = (0, 0);
        &self.bytes[self.at..]
    }

    fn corrupt(&self) -> GzipError {
        GzipError::Corrupt(self.at)
    }
}

/// A canonical prefix code: how many codes of each length, and the symbols in order.
struct Code {
    counts: [u16; 16],
    symbols: Vec<u16>,
}

impl Code {
    fn of(lengths: &[u8]) -> Self {
        let mut counts = [0; 16];
        for &length in lengths {
            counts[usize::from(length)] += 1;
        }
        counts[0] = 0;
        let mut symbols: Vec<u16> = (0..lengths.len() as u16)
            .filter(|&symbol| lengths[usize::from(symbol)] > 0)
            .collect();
        symbols.sort_by_key(|&symbol| lengths[usize::from(symbol)]);
        Self { counts, symbols }
    }

    fn symbol(&self, bits: &mut Bits<'_>) -> Result<u16, GzipError> {
        let (mut code, mut first, mut index) = (0_i32, 0_i32, 0_i32);
        for &count in &self.counts[1..] {
            code |= bits.take(1)? as i32;
            let count = i32::from(count);
            if code - first < count {
                let symbol = self.symbols.get((index + code - first) as usize);
                return symbol.copied().ok_or_else(|| bits.corrupt());
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(bits.corrupt())
    }
}

fn fixed() -> (Code, Code) {
    let mut lengths = [8; 288];
    lengths[144..256].fill(9);
    lengths[256..280].fill(7);
    (Code::of(&lengths), Code::of(&[5; 30]))
}

/// Reads the codes a block brings along.
fn described(bits: &mut Bits<'_>) -> Result<(Code, Code), GzipError> {
    const ORDER: [usize; 19] = [
        16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
    ];
    let literals = bits.take(5)? as usize + 257;
    let distances = bits.take(5)? as usize + 1;
    let count = bits.take(4)? as usize + 4;
    let mut lengths = [0; 19];
    for &place in &ORDER[..count] {
        lengths[place] = bits.take(3)? as u8;
    }
    let code = Code::of(&lengths);
    let mut lengths: Vec<u8> = Vec::with_capacity(literals + distances);
    while lengths.len() < literals + distances {
        let (value, times) = match code.symbol(bits)? {
            16 => {
                let last = *lengths.last().ok_or_else(|| bits.corrupt())?;
                (last, 3 + bits.take(2)?)
            }
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            length => (length as u8, 1),
        };
        lengths.extend(std::iter::repeat_n(value, times as usize));
    }
    if lengths.len() > literals + distances {
        return Err(bits.corrupt());
    }
    Ok((
        Code::of(&lengths[..literals]),
        Code::of(&lengths[literals..]),
    ))
}

fn stored(bits: &mut Bits<'_>, out: &mut Vec<u8>, limit: usize) -> Result<(), GzipError> {
    let rest = bits.rest();
    let (head, rest) = rest.split_at_checked(4).ok_or(GzipError::CutOff)?;
    let length = u16::from_le_bytes([head[0], head[1]]);
    if !length != u16::from_le_bytes([head[2], head[3]]) {
        return Err(bits.corrupt());
    }
    let length = usize::from(length);
    out.extend_from_slice(rest.get(..length).ok_or(GzipError::CutOff)?);
    bits.at += 4 + length;
    bounded(out, limit)
}

/// Reads literals and repetitions until the block ends.
fn codes(
    bits: &mut Bits<'_>,
    literals: &Code,
    distances: &Code,
    out: &mut Vec<u8>,
    limit: usize,
) -> Result<(), GzipError> {
    loop {
        let symbol = literals.symbol(bits)?;
        match symbol {
            0..=255 => out.push(symbol as u8),
            256 => return Ok(()),
            _ => {
                let length = length(symbol - 257, bits)?;
                let distance = distance(distances.symbol(bits)?, bits)?;
                let from = out
                    .len()
                    .checked_sub(distance)
                    .ok_or_else(|| bits.corrupt())?;
                for n in 0..length {
                    out.push(out[from + n]);
                }
            }
        }
        bounded(out, limit)?;
    }
}

fn length(symbol: u16, bits: &mut Bits<'_>) -> Result<usize, GzipError> {
    Ok(match symbol {
        0..=7 => usize::from(symbol) + 3,
        8..=27 => {
            let extra = u32::from(symbol) / 4 - 1;
            let base = (4 + usize::from(symbol) % 4) << extra;
            base + 3 + bits.take(extra)? as usize
        }
        28 => 258,
        _ => return Err(bits.corrupt()),
    })
}

fn distance(symbol: u16, bits: &mut Bits<'_>) -> Result<usize, GzipError> {
    Ok(match symbol {
        0..=3 => usize::from(symbol) + 1,
        4..=29 => {
            let extra = u32::from(symbol) / 2 - 1;
            let base = (2 + usize::from(symbol) % 2) << extra;
            base + 1 + bits.take(extra)? as usize
        }
        _ => return Err(bits.corrupt()),
    })
}

fn bounded(out: &[u8], limit: usize) -> Result<(), GzipError> {
    if out.len() > limit {
        return Err(GzipError::TooLong(limit + 1));
    }
    Ok(())
}

/// CRC-32 of IEEE 802.3.
fn checksum(data: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in data {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            let low = 0_u32.wrapping_sub(crc & 1);
            crc = (crc >> 1) ^ (0xedb8_8320 & low);
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unhex(hex: &str) -> Vec<u8> {
        let pairs = hex.as_bytes().chunks(2);
        let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        pairs.map(byte).collect()
    }

    /// Fixed codes, then codes of its own, as another library packed them.
    #[test]
    fn what_others_packed() {
        let short = "1f8b08000000000002034b4c8481a4643802003d1ec03815000000";
        assert_eq!(
            unpack(&unhex(short), 100),
            Ok(b"aaaaaaaaaabcabcabcabc".to_vec())
        );
        let long = "\
            1f8b08000000000002035594494ec5400c44f79c220760d11e7a3a0e0b90903e9f35b70794aef4cbb6e4b8eb\
            d9e53c3e9fef4739be3f8eafb7e7cfeb515e1eff8a6dc54ec5b792a7125b99a792f8aa9d52dd92d7536a5b8a\
            55d5d17cf51a5b6aebc1b9a5b15c19ac5b9179ba775502c07275b4a0e3f5b211632e8746109158239d2a01e3\
            433d8113aed72727a139832845e420ca54255732564f0751f5f5ba83a8f6e5d341d444e4206a572588fad513\
            44fd7a9d2b92cf00d1145180688a3db8a3a23105975434d1e0964cc38fcad58b2a1a55ad348065a1edc7b8e5\
            441e006655994aa6af092d19bfa6a426d9ba229d641bca7ede12a8234946b0882d9941d3d92543e8457dc1e6\
            51e4016c9e65f9ad85d9165b059bb7ab166cded5b7060f411e2ad87c5ebf09b0c5c556f9ab30cda1f6db2da9\
            2f2f2c34dfca13cbbf5dfc02605fc5b7f0040000";
        let line = |n: usize| format!("line {n} of many, {}\n", n * n);
        let expected: String = (0..60).map(line).collect();
        assert_eq!(unpack(&unhex(long), 5000), Ok(expected.into_bytes()));
    }

    #[test]
    fn what_is_wrong_is_told_in_go_s_words() {
        let good = pack(b"hello");
        let mut sum = good.clone();
        let at = sum.len() - 8;
        sum[at] ^= 1;
        for (packed, error) in [
            (Vec::new(), GzipError::Empty),
            (b"garbage".to_vec(), GzipError::CutOff),
            (b"no gzip at all".to_vec(), GzipError::Header),
            (sum, GzipError::Checksum),
            ([&good[..15], &[0; 4]].concat(), GzipError::CutOff),
            (
                [&good[..], &[0, 0, 0x40, 1]].concat(),
                GzipError::TooLong(0x0140_0000),
            ),
            (pack(&[7; 101]), GzipError::TooLong(101)),
        ] {
            assert_eq!(unpack(&packed, 100), Err(error));
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(data in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(unpack(&pack(&data), 300), Ok(data));
        }

        #[test]
        fn no_bytes_make_it_panic(tail in prop::collection::vec(any::<u8>(), 0..100)) {
            let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0];
            let _ = unpack(&[&head[..], &tail, &[0; 4]].concat(), 10_000);
        }
    }
}
