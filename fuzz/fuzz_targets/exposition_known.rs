//! Two texts, the first byte tells the format and 0xff parts them: lines of series that the first one has are read from the
//! second the quick way, and say the same.
#![no_main]

use exposition::{Entry, Format, Parser};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, texts)) = bytes.split_first() else { return };
    let format = if first % 2 == 0 { Format::PrometheusText } else { Format::OpenMetrics };
    let at = texts.iter().position(|&byte| byte == 0xff).unwrap_or(texts.len());
    let (before, after) = (&texts[..at], texts.get(at + 1..).unwrap_or(&[]));
    let mut parser = Parser::new(before, format);
    let mut keys = Vec::new();
    while let Ok(Some(entry)) = parser.next_entry() {
        if let Entry::Series(series) = entry {
            keys.push(series.key);
        }
    }
    for text in [before, after] {
        let (mut quick, mut slow) = (Parser::new(text, format), Parser::new(text, format));
        loop {
            let found = keys.iter().find_map(|key| quick.next_known(key)).map(Entry::Series);
            let got = found.map_or_else(|| quick.next_entry(), |entry| Ok(Some(entry)));
            let want = slow.next_entry();
            // NaN is not the same as itself.
            assert_eq!(format!("{got:?}"), format!("{want:?}"));
            if !matches!(want, Ok(Some(_))) {
                break;
            }
        }
    }
});
