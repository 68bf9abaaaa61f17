//! Colours: of the axes in a light and a dark theme, and of as many series as there are.
//!
//! The series' hues are those of Okabe and Ito, which people with any colour vision tell apart; their
//! lightness is shifted so that each stands out from the background (contrast of 3 and more), and
//! so that they differ in lightness too. After eight hues come two more steps of lightness.

use frame::MarkKind;

/// A colour of the sRGB space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// `#1a2b3c`, as CSS has it.
    #[must_use]
    pub fn css(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    const fn from_hex(hex: u32) -> Self {
        Rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
    }
}

/// The colours of a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    /// What the picture stands on (`--bg-raised` of the page); the picture itself is transparent.
    pub background: Rgb,
    /// Texts of the axes.
    pub text: Rgb,
    /// The two axis lines.
    pub axis: Rgb,
    /// The lines at the ticks.
    pub grid: Rgb,
    /// A value of 1 where states are shown, and a target that is up again.
    pub good: Rgb,
    /// A value of 0, and a target that is down.
    pub bad: Rgb,
    /// Something that began anew: a counter, a process.
    pub reset: Rgb,
    /// Something new, and a note.
    pub note: Rgb,
    /// An exemplar.
    pub exemplar: Rgb,
    series: &'static [u32; N_COLOURS],
    heat: &'static [u32; N_HEAT],
}

/// How many colours a heat map has.
pub const N_HEAT: usize = 12;

/// How many series have colours of their own.
pub const N_COLOURS: usize = 24;

impl Theme {
    /// Dark on light.
    pub const LIGHT: Theme = Theme {
        background: Rgb(0xff, 0xff, 0xff),
        text: Rgb(0x4d, 0x53, 0x5c),
        axis: Rgb(0x9a, 0xa1, 0xab),
        grid: Rgb(0xe6, 0xe8, 0xeb),
        good: Rgb(0x17, 0x6f, 0x30),
        bad: Rgb(0xb3, 0x26, 0x1e),
        reset: Rgb(0x7a, 0x52, 0x00),
        note: Rgb(0x0a, 0x5a, 0xa8),
        exemplar: Rgb(0xa3, 0x19, 0x5b),
        heat: &[
            0xd2e7fe, 0xb2d7fe, 0x90c6fe, 0x70b5fb, 0x53a4f2, 0x3792e7, 0x1881d8, 0x0270c1, 0x0261a8, 0x00518e,
            0x014276, 0x00345e,
        ],
        series: &[
            0x0774b5, 0xb04d04, 0x16a479, 0x5f1544, 0x604103, 0x03597f, 0x6f6f6f, 0x999007, 0x03466f, 0x964104,
            0x066f50, 0xab5b89, 0x3f2900, 0x013751, 0x484848, 0x3e3a00, 0x3793d6, 0xe36a1c, 0x009e73, 0x7e3360,
            0x674606, 0x0771a0, 0x8c8c8c, 0x928a03,
        ],
    };

    /// Light on dark.
    pub const DARK: Theme = Theme {
        background: Rgb(0x1b, 0x1f, 0x23),
        text: Rgb(0xb4, 0xba, 0xc4),
        axis: Rgb(0x5c, 0x64, 0x70),
        grid: Rgb(0x2a, 0x2e, 0x36),
        good: Rgb(0x63, 0xcb, 0x7b),
        bad: Rgb(0xff, 0x93, 0x8a),
        reset: Rgb(0xf0, 0xc0, 0x50),
        note: Rgb(0x74, 0xb6, 0xff),
        exemplar: Rgb(0xff, 0x9c, 0xc4),
        heat: &[
            0x183756, 0x174672, 0x15558e, 0x1665a9, 0x1e76c2, 0x2d87d9, 0x4199ec, 0x59abfb, 0x7dbdfe, 0xa1cefe,
            0xc3dffe, 0xe3f0fe,
        ],
        series: &[
            0x53acf0, 0xd35f0a, 0x5dd8aa, 0xcc79a7, 0xe8a10a, 0xaddfff, 0x7a7a7a, 0xefe341, 0x8dcbff, 0xf1772e,
            0x81f9c9, 0xb86795, 0xffcf87, 0x3c9cd0, 0xababab, 0xd5c90e, 0x2887c8, 0xb04d04, 0x2db185, 0xab5b89,
            0xfebd53, 0x5fbcf2, 0x8c8c8c, 0xfdf153,
        ],
    };

    /// The theme of a page.
    #[must_use]
    pub const fn of(is_dark: bool) -> Self {
        if is_dark { Theme::DARK } else { Theme::LIGHT }
    }

    /// The colour of a series; after [`N_COLOURS`] they begin again.
    #[must_use]
    pub fn series(&self, idx: usize) -> Rgb {
        Rgb::from_hex(self.series[idx % N_COLOURS])
    }

    /// A colour of the heat map, from few (0) to many; the last for what is beyond. One hue, the lightness goes one
    /// way: away from that of the background.
    #[must_use]
    pub fn heat(&self, level: usize) -> Rgb {
        Rgb::from_hex(self.heat[level.min(N_HEAT - 1)])
    }

    /// The colour of an event.
    #[must_use]
    pub fn mark(&self, kind: MarkKind) -> Rgb {
        match kind {
            MarkKind::TargetDown | MarkKind::Difference => self.bad,
            MarkKind::TargetUp => self.good,
            MarkKind::CounterReset | MarkKind::Restart => self.reset,
            MarkKind::NewSeries | MarkKind::Note => self.note,
        }
    }
}

#[cfg(test)]
mod tests {
    //! Contrast against the background, and distances as eyes with each kind of cones see them.
    use super::*;

    /// Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
    const EYES: [(&str, [[f64; 3]; 3]); 4] = [
        ("all cones", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "protanopia",
            [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        ),
        (
            "deuteranopia",
            [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        ),
        (
            "tritanopia",
            [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
        ),
    ];

    fn linear(Rgb(r, g, b): Rgb) -> [f64; 3] {
        [r, g, b].map(|c| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) }
        })
    }

    fn luminance(colour: Rgb) -> f64 {
        let [r, g, b] = linear(colour);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn oklab([r, g, b]: [f64; 3]) -> [f64; 3] {
        let l = libm::cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
        let m = libm::cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
        let s = libm::cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
        [
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
        ]
    }

    fn seen(colour: Rgb, eye: &[[f64; 3]; 3]) -> [f64; 3] {
        let c = linear(colour);
        oklab(eye.map(|row| (row[0] * c[0] + row[1] * c[1] + row[2] * c[2]).clamp(0.0, 1.0)))
    }

    #[test]
    fn every_colour_stands_out_from_its_background() {
        for theme in [Theme::LIGHT, Theme::DARK] {
            for idx in 0..N_COLOURS {
                let ratio = contrast(theme.series(idx), theme.background);
                assert!(ratio >= 3.0, "{} has {ratio:.2}", theme.series(idx).css());
            }
            assert!(contrast(theme.text, theme.background) >= 4.5, "text");
            assert!(contrast(theme.grid, theme.background) < 1.5, "the grid is quieter than the data");
        }
    }

    #[test]
    fn states_and_marks_stand_out_and_the_heat_goes_one_way() {
        for theme in [Theme::LIGHT, Theme::DARK] {
            for colour in [theme.good, theme.bad, theme.reset, theme.note, theme.exemplar] {
                assert!(contrast(colour, theme.background) >= 4.5, "{}", colour.css());
            }
            let ratios: Vec<f64> = (0..N_HEAT).map(|level| contrast(theme.heat(level), theme.background)).collect();
            assert!(ratios[0] >= 1.2, "one observation is seen: {ratios:?}");
            assert!(ratios.windows(2).all(|pair| pair[1] > pair[0] * 1.1), "{ratios:?}");
            assert!(ratios[N_HEAT - 1] > 7.0, "{ratios:?}");
        }
    }

    #[test]
    fn any_eye_tells_the_first_eight_apart_and_most_eyes_all_of_them() {
        for theme in [Theme::LIGHT, Theme::DARK] {
            for (name, eye) in &EYES {
                for a in 0..N_COLOURS {
                    for b in 0..a {
                        let (x, y) = (seen(theme.series(a), eye), seen(theme.series(b), eye));
                        let distance = libm::sqrt((0..3).map(|i| (x[i] - y[i]) * (x[i] - y[i])).sum());
                        // 0.02 is about what can just be told apart side by side.
                        let least = if a < 8 { 0.07 } else { 0.01 };
                        assert!(distance >= least, "{a} and {b} for {name}: {distance:.3}");
                    }
                }
            }
        }
    }
}
