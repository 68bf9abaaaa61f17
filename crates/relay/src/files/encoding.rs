//! What `Accept-Encoding` gets: the encodings that are wanted, best first.

use crate::headers::weight;

/// How a file can lie in the bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    /// As it is.
    Identity,
}

impl Encoding {
    /// What the name of the companion ends with.
    pub(super) fn suffix(self) -> Option<&'static str> {
        match self {
            Encoding::Brotli => Some(".br"),
            Encoding::Gzip => Some(".gz"),
            Encoding::Identity => None,
        }
    }

    /// As in `Content-Encoding`.
    pub(super) fn token(self) -> Option<&'static str> {
        match self {
            Encoding::Brotli => Some("br"),
            Encoding::Gzip => Some("gzip"),
            Encoding::Identity => None,
        }
    }
}

/// The encodings that `Accept-Encoding` takes, the most welcome first, the smaller before the larger where it does not
/// matter. The file as it is ends the list: it is sent where nothing else can be.
pub(super) fn by_preference(accepted: &str) -> Vec<Encoding> {
    let weight_of = |name| weight(accepted, name).or_else(|| weight(accepted, "*"));
    // Not named, it is welcome after what is.
    let of_identity = weight(accepted, "identity").unwrap_or(0.0);
    let mut wanted: Vec<(f32, Encoding)> = [("br", Encoding::Brotli), ("gzip", Encoding::Gzip)]
        .into_iter()
        .filter_map(|(name, encoding)| Some((weight_of(name)?, encoding)))
        .filter(|(weight, _)| *weight > 0.0 && *weight >= of_identity)
        .collect();
    // Stable: brotli stays before gzip.
    wanted.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    wanted.into_iter().map(|(_, encoding)| encoding).chain([Encoding::Identity]).collect()
}

#[cfg(test)]
mod tests {
    //! Headers and what they get.
    use super::*;
    use Encoding::{Brotli, Gzip, Identity};

    #[test]
    fn the_most_welcome_encoding_comes_first() {
        let lines: [(&str, &[Encoding]); 12] = [
            ("", &[Identity]),
            ("gzip, deflate, br, zstd", &[Brotli, Gzip, Identity]),
            ("gzip, deflate", &[Gzip, Identity]),
            ("br;q=0.5, gzip", &[Gzip, Brotli, Identity]),
            ("br;q=0, gzip;q=0.1", &[Gzip, Identity]),
            ("*", &[Brotli, Gzip, Identity]),
            ("*;q=0", &[Identity]),
            ("*, br;q=0", &[Gzip, Identity]),
            ("identity", &[Identity]),
            ("identity, gzip;q=0.5", &[Identity]),
            ("identity;q=0.5, gzip", &[Gzip, Identity]),
            ("brotli, x-gzip", &[Identity]),
        ];
        for (accepted, expected) in lines {
            assert_eq!(by_preference(accepted), expected, "{accepted}");
        }
    }
}
