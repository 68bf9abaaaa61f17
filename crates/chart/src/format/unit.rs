//! The unit of a value: what it measures, and whether of each second. It has a word for the address and for metrics'
//! metadata, and letters for axes and legends.

/// The unit of an axis or a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Unit {
    /// What is measured.
    pub base: Base,
    /// So much of it in a second.
    pub per_second: bool,
}

/// What is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Base {
    /// Things, or nothing that has a name: `1.5k`.
    #[default]
    Count,
    /// Bytes, in powers of 1024: `1.5 MiB`.
    Bytes,
    /// Bits, in powers of 1000: `1.5 Mbit`.
    Bits,
    /// Seconds: `250 ms`, `1.5 s`, `2 h`.
    Seconds,
    /// Thousandths of a second; they read as seconds do.
    Milliseconds,
    /// Millionths of a second.
    Microseconds,
    /// Billionths of a second.
    Nanoseconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// A part of one, read as per cent: `12.5%`.
    Ratio,
    /// Parts of a hundred: `12.5%`.
    Percent,
    /// Degrees Celsius.
    Celsius,
    /// Times a second.
    Hertz,
    /// Volts.
    Volts,
    /// Amperes.
    Amperes,
    /// Watts.
    Watts,
    /// Joules.
    Joules,
    /// Metres.
    Metres,
    /// Grams.
    Grams,
    /// Anything else, by its own name.
    Custom(Word),
}

/// The name of a unit that is not among the known ones: short enough to stand beside each number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Word {
    bytes: [u8; Word::MAX_BYTES],
    len: u8,
}

impl Word {
    /// The longest name, in bytes.
    pub const MAX_BYTES: usize = 22;

    /// Takes a name of letters, digits and `_ - . %`, the first a letter; nothing else may stand beside numbers.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let is_fit = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'%');
        let begins = name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
        if !begins || name.len() > Self::MAX_BYTES || !name.bytes().all(is_fit) {
            return None;
        }
        let mut bytes = [0; Self::MAX_BYTES];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        Some(Word { bytes, len: name.len() as u8 })
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.bytes.get(..usize::from(self.len)).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl std::fmt::Debug for Word {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The names of each known unit: the word of metadata and address first, then what else is understood. Letters beside a
/// number come from the tables of `format`.
const NAMES: [(Base, &[&str]); 20] = [
    (Base::Count, &["none", "count", "1", ""]),
    (Base::Bytes, &["bytes", "byte", "By", "B"]),
    (Base::Bits, &["bits", "bit"]),
    (Base::Seconds, &["seconds", "second", "s"]),
    (Base::Milliseconds, &["milliseconds", "millisecond", "millis", "msec", "ms"]),
    (Base::Microseconds, &["microseconds", "microsecond", "micros", "usec", "us"]),
    (Base::Nanoseconds, &["nanoseconds", "nanosecond", "nanos", "nsec", "ns"]),
    (Base::Minutes, &["minutes", "minute", "min"]),
    (Base::Hours, &["hours", "hour", "h"]),
    (Base::Days, &["days", "day", "d"]),
    (Base::Ratio, &["ratio", "ratios"]),
    (Base::Percent, &["percent", "percents", "percentage", "%"]),
    (Base::Celsius, &["celsius", "Cel"]),
    (Base::Hertz, &["hertz", "Hz"]),
    (Base::Volts, &["volts", "volt", "V"]),
    (Base::Amperes, &["amperes", "ampere", "amps", "A"]),
    (Base::Watts, &["watts", "watt", "W"]),
    (Base::Joules, &["joules", "joule", "J"]),
    (Base::Metres, &["meters", "meter", "metres", "metre", "m"]),
    (Base::Grams, &["grams", "gram", "g"]),
];

impl Base {
    /// The word of metadata and address.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Base::Custom(word) => word.as_str(),
            base => NAMES.iter().find(|(known, _)| known == base).and_then(|(_, names)| names.first()).unwrap_or(&""),
        }
    }

    /// The known unit of a name, be it long or letters.
    #[must_use]
    pub fn known(name: &str) -> Option<Self> {
        NAMES.iter().find(|(_, names)| names.contains(&name)).map(|(base, _)| *base)
    }

    /// How many seconds one of it is, if it is a length of time.
    #[must_use]
    pub fn seconds(&self) -> Option<f64> {
        Some(match self {
            Base::Seconds => 1.0,
            Base::Milliseconds => 1e-3,
            Base::Microseconds => 1e-6,
            Base::Nanoseconds => 1e-9,
            Base::Minutes => 60.0,
            Base::Hours => 3_600.0,
            Base::Days => 86_400.0,
            _ => return None,
        })
    }

    /// The length of time of which one is so many seconds.
    #[must_use]
    pub fn of_seconds(seconds: f64) -> Option<Self> {
        let near = |one: f64| (seconds - one).abs() <= one * 1e-9;
        NAMES.iter().map(|(base, _)| *base).find(|base| base.seconds().is_some_and(near))
    }
}

/// Named as if they were variants: that is how they read where they are used.
#[expect(non_upper_case_globals, reason = "they stand beside variants, in patterns too")]
impl Unit {
    /// Plain numbers.
    pub const None: Unit = Unit::of(Base::Count);
    /// Bytes.
    pub const Bytes: Unit = Unit::of(Base::Bytes);
    /// Bytes a second.
    pub const BytesPerSecond: Unit = Unit::rate_of(Base::Bytes);
    /// Seconds.
    pub const Seconds: Unit = Unit::of(Base::Seconds);
    /// Events a second.
    pub const PerSecond: Unit = Unit::rate_of(Base::Count);
    /// A part of one.
    pub const Ratio: Unit = Unit::of(Base::Ratio);
    /// Parts of a hundred.
    pub const Percent: Unit = Unit::of(Base::Percent);
}

impl Unit {
    /// What a menu of units offers. [`Unit::parse`] knows more.
    pub const ALL: [Unit; 22] = [
        Unit::None,
        Unit::PerSecond,
        Unit::Bytes,
        Unit::BytesPerSecond,
        Unit::of(Base::Bits),
        Unit::rate_of(Base::Bits),
        Unit::Seconds,
        Unit::of(Base::Milliseconds),
        Unit::of(Base::Microseconds),
        Unit::of(Base::Nanoseconds),
        Unit::of(Base::Minutes),
        Unit::of(Base::Hours),
        Unit::Ratio,
        Unit::Percent,
        Unit::of(Base::Celsius),
        Unit::of(Base::Hertz),
        Unit::of(Base::Volts),
        Unit::of(Base::Amperes),
        Unit::of(Base::Watts),
        Unit::of(Base::Joules),
        Unit::of(Base::Metres),
        Unit::of(Base::Grams),
    ];

    /// So much of it.
    #[must_use]
    pub const fn of(base: Base) -> Self {
        Unit { base, per_second: false }
    }

    /// So much of it a second.
    #[must_use]
    pub const fn rate_of(base: Base) -> Self {
        Unit { base, per_second: true }
    }

    /// The unit as it is best read: joules a second are watts, seconds a second are plain numbers.
    #[must_use]
    pub fn reduced(self) -> Self {
        match self.base {
            Base::Joules if self.per_second => Unit::of(Base::Watts),
            Base::Seconds if self.per_second => Unit::None,
            _ => self,
        }
    }

    /// The word for it in an address: `bytes`, `bytes/s`, `none`, `count/s`.
    #[must_use]
    pub fn word(&self) -> String {
        match (self.base, self.per_second) {
            (base, false) => base.word().to_owned(),
            (Base::Count, true) => "count/s".to_owned(),
            (base, true) => format!("{}/s", base.word()),
        }
    }

    /// Reads the word of an address or of `# UNIT`: a known one, or one's own if it can stand beside a number.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let word = word.trim();
        let (base, per_second) = match PER_SECOND.iter().find_map(|end| word.strip_suffix(end)) {
            Some(base) => (base, true),
            None if word == "per_second" => ("", true),
            None => (word, false),
        };
        let lower = || base.to_ascii_lowercase();
        let base = Base::known(base).or_else(|| Base::known(&lower())).or_else(|| Word::new(base).map(Base::Custom))?;
        Some(Unit { base, per_second })
    }
}

/// What says that a unit is of each second.
const PER_SECOND: [&str; 3] = ["/s", "_per_second", "_per_sec"];

#[cfg(test)]
mod tests {
    //! Words and what they stand for.
    use super::*;

    #[test]
    fn every_unit_of_the_menu_reads_back_from_its_word() {
        for unit in Unit::ALL {
            assert_eq!(Unit::parse(&unit.word()), Some(unit), "{}", unit.word());
        }
        for (base, names) in NAMES {
            for name in names {
                assert_eq!(Base::known(name), Some(base), "{name} stands in two lines");
            }
        }
    }

    #[test]
    fn words_of_metadata_and_addresses_are_understood() {
        let custom = |name: &str| Unit::of(Base::Custom(Word::new(name).expect("a word")));
        for (word, want) in [
            ("bytes", Some(Unit::Bytes)),
            ("Bytes", Some(Unit::Bytes)),
            (" B ", Some(Unit::Bytes)),
            ("bytes_per_second", Some(Unit::BytesPerSecond)),
            ("B/s", Some(Unit::BytesPerSecond)),
            ("bits/s", Some(Unit::rate_of(Base::Bits))),
            ("none", Some(Unit::None)),
            ("1", Some(Unit::None)),
            ("per_second", Some(Unit::PerSecond)),
            ("/s", Some(Unit::PerSecond)),
            ("metres", Some(Unit::of(Base::Metres))),
            ("Cel", Some(Unit::of(Base::Celsius))),
            ("ms", Some(Unit::of(Base::Milliseconds))),
            ("requests", Some(custom("requests"))),
            ("requests/s", Some(Unit { per_second: true, ..custom("requests") })),
            ("<b>", None),
            ("5", None),
            ("zwei Wörter", None),
            ("a_word_that_is_far_too_long_for_an_axis", None),
        ] {
            assert_eq!(Unit::parse(word), want, "{word}");
        }
    }

    #[test]
    fn lengths_of_time_are_told_by_their_seconds() {
        assert_eq!(Base::of_seconds(1e-3 / 1e-3), Some(Base::Seconds));
        assert_eq!(Base::of_seconds(0.001 * 1_000.0 * 60.0), Some(Base::Minutes));
        assert_eq!([0.0, 7.0, f64::NAN, f64::INFINITY].map(Base::of_seconds), [None; 4]);
    }
}
