use super::repair::Slip;
use super::*;

const A: &str = "GAV5QBWJP4HABLY2D7BTFD5HMOUSNFZDZDNY7LCPSOXXDWYYNVXJBKNV";

/// Keys of the sample events.
const SAMPLES: [(&str, Kind); 8] = [
    (A, Kind::Account),
    (
        "GBQLHN7QXLK3OQAR5GAA7KDILA7BL7THDH3BLPOZWRMHMJPWTOZAFYWC",
        Kind::Account,
    ),
    (
        "GCA3MN6Y7TJMNWTDLHTJMMITUELQ3Z4V4S3SLOCNDYFUZ7M6YWGOTE64",
        Kind::Account,
    ),
    (
        "GBQ6UCAD7CCTKI5XO7KBJLHDCMGNJU7ZFXRM277YNFODG7LZYLXO4BMV",
        Kind::Account,
    ),
    (
        "GBGCNWIHJQT5RHW6LETQYCWBJNY6A4NRKI4VDH3VI5FS6O5GGSA7LQ7N",
        Kind::Account,
    ),
    (
        "CAB5QQDTDZ5YJZW7LWGKK67CHVBOUL4IJ5ELWNRZKYYO7Q7PV4EFJJ6G",
        Kind::Contract,
    ),
    (
        "CB2MSVQEAQ2CP4F64HIOC272KOX5KN7XG2WQA46EZRHBZSZ2QK25ZQEI",
        Kind::Contract,
    ),
    (
        "CDIJRK26IS42VO3VL53NQBSZR5BVOPDGFM26JIXKWHRRF3E22GK6FEEM",
        Kind::Contract,
    ),
];

/// Bytes of any number that look like a key's.
fn bytes(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at * 37 + 11) as u8).collect()
}

fn signed(length: usize) -> Vec<u8> {
    let mut all = bytes(32);
    all.extend((length as u32).to_be_bytes());
    all.extend(bytes(length));
    all.resize(36 + length.next_multiple_of(4), 0);
    all
}

#[test]
fn the_keys_of_the_samples_are_read_and_written_back() {
    for (text, kind) in SAMPLES {
        let key = decode(text).unwrap();
        assert_eq!(key.kind(), kind, "{text}");
        assert_eq!(encode(kind, key.bytes()).as_deref(), Some(text));
    }
}

#[test]
fn every_kind_begins_with_its_letter_and_has_its_length() {
    for kind in Kind::ALL {
        let payload = match kind {
            Kind::SignedPayload => signed(29),
            kind => bytes(kind.bytes().0),
        };
        let text = encode(kind, &payload).unwrap();
        assert_eq!(text.chars().next(), Some(kind.letter()));
        assert_eq!(check(&text), Ok(kind), "{text}");
        assert_eq!(decode(&text).unwrap().bytes(), payload);
    }
    assert_eq!(Kind::Account.chars(), (56, 56));
    assert_eq!(Kind::Muxed.chars(), (69, 69));
    assert_eq!(Kind::Balance.chars(), (58, 58));
    assert_eq!(Kind::SignedPayload.chars(), (69, 165));
    assert_eq!(encode(Kind::Account, &bytes(31)), None);
    assert_eq!(encode(Kind::SignedPayload, &bytes(40)), None);
    assert_eq!(contract(&[7; 32]).len(), 56);
}

#[test]
fn a_multiplexed_account_tells_its_account_and_number() {
    let mut payload = decode(A).unwrap().bytes().to_vec();
    payload.extend(4711_u64.to_be_bytes());
    let text = encode(Kind::Muxed, &payload).unwrap();
    let key = decode(&text).unwrap();
    assert_eq!(key.account().as_deref(), Some(A));
    assert_eq!(key.number(), Some(4711));
    assert_eq!(decode(A).unwrap().account(), None);
}

#[test]
fn payloads_to_be_signed_of_every_length() {
    for length in 1..=64 {
        let text = encode(Kind::SignedPayload, &signed(length)).unwrap();
        assert_eq!(check(&text), Ok(Kind::SignedPayload), "{length}");
    }
    let mut padded = signed(29);
    padded[36 + 31] = 1;
    assert_eq!(
        check(&written(Kind::SignedPayload, &padded)),
        Err(StrkeyError::Inside(Kind::SignedPayload))
    );
}

/// `A` with something else as its character `at`, from 0.
fn with(at: usize, letter: &str) -> String {
    let mut text = A.to_owned();
    text.replace_range(at..=at, letter);
    text
}

fn assert_wrong<const N: usize>(cases: [(String, StrkeyError, &str); N]) {
    for (text, error, needle) in cases {
        assert_eq!(check(&text), Err(error), "{text:?}");
        assert!(error.to_string().contains(needle), "{error}");
    }
}

#[test]
fn what_is_around_a_key_or_left_out_of_it() {
    assert_wrong([
        (String::new(), StrkeyError::Empty, "no key"),
        (format!(" {A}\n"), StrkeyError::Spaced, "white space around"),
        (A.to_lowercase(), StrkeyError::SmallLetters, "in capitals"),
        (
            with(9, "q"),
            StrkeyError::Character { at: 10, found: 'q' },
            "no small letters",
        ),
        (
            format!("{}…{}", &A[..6], &A[52..]),
            StrkeyError::Cut { at: 7 },
            "cut short at character 7",
        ),
        (
            format!("{}...{}", &A[..6], &A[52..]),
            StrkeyError::Cut { at: 7 },
            "the whole one is needed",
        ),
    ]);
}

#[test]
fn every_error_says_what_is_wrong_and_where() {
    assert_wrong([
        (
            with(6, "0"),
            StrkeyError::Character { at: 7, found: '0' },
            "character 7 is '0'; a key has only A-Z and 2-7 (the letter O?)",
        ),
        (
            with(3, "éé"),
            StrkeyError::Character { at: 4, found: 'é' },
            "character 4",
        ),
        (
            with(5, "\u{1b}"),
            StrkeyError::Character {
                at: 6,
                found: '\u{1b}',
            },
            r"'\u{1b}'",
        ),
        (with(0, "H"), StrkeyError::Letter('H'), "begins with 'H'"),
        (
            with(1, "E"),
            StrkeyError::Second {
                first: 'G',
                found: 'E',
            },
            "character 2 is 'E'",
        ),
        (
            A[..55].to_owned(),
            StrkeyError::Length {
                kind: Kind::Account,
                found: 55,
            },
            "55 characters; a key that begins with G (account) has 56",
        ),
        (
            format!("{A}A"),
            StrkeyError::Length {
                kind: Kind::Account,
                found: 57,
            },
            "57 characters",
        ),
        (with(20, "A"), StrkeyError::Checksum, "wrong checksum"),
    ]);
}

#[test]
fn bits_behind_the_last_byte_must_be_0() {
    let mut text = encode(Kind::Muxed, &bytes(40)).unwrap();
    let last = text.pop().unwrap() as u8;
    let other = ALPHABET[usize::from(bits(last).unwrap() | 1)];
    text.push(char::from(other));
    assert_eq!(check(&text), Err(StrkeyError::Bits { at: 69 }));
}

#[test]
fn every_single_slip_is_noticed() {
    for at in 0..56 {
        for letter in ALPHABET.iter().map(|letter| char::from(*letter)) {
            let mut text = A.to_owned();
            text.replace_range(at..=at, &letter.to_string());
            assert_eq!(check(&text).is_ok(), text == A, "{text}");
        }
    }
}

#[test]
fn one_slip_is_found_again() {
    let mut changed = A.to_owned();
    changed.replace_range(16..17, "O");
    let swapped = A.replacen("HAB", "AHB", 1);
    for (text, at, slip) in [
        (changed, 17, Slip::Changed),
        (swapped, 11, Slip::Swapped),
        (A.replacen("Y2D", "YD", 1), 16, Slip::Missing),
        (A.replacen("Y2D", "Y2QD", 1), 17, Slip::Extra),
        (A.replacen("KNV", "KN0", 1), 56, Slip::Changed),
    ] {
        let found = repair(&text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((found.key.as_str(), found.slip), (A, slip), "{text}");
        assert_eq!(found.at, at, "{}", found.told());
        assert!(found.told().contains("it is a key"));
    }
    assert_eq!(repair(A), None);
    assert_eq!(repair("USDC"), None);
    assert_eq!(repair(""), None);
    assert_eq!(repair(&"é".repeat(28)), None);
}

#[test]
fn any_text_is_read_without_a_panic() {
    let odd = ["G", "GA", "=", "\0", "🦀", "GGGGGGGG", "M"];
    for piece in odd {
        for times in 0..200 {
            let text = piece.repeat(times);
            assert!(check(&text).is_err());
        }
    }
    for text in odd {
        let _ = repair(text);
    }
}
