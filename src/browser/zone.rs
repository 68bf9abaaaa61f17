//! Time zones: how far the clocks of a zone are from UTC at a time, and times as the page writes them.

use model::civil::Civil;
use std::cell::RefCell;
use wasm_bindgen::JsValue;

/// Whose clocks the page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// Those of this computer.
    #[default]
    Local,
    /// Those of Greenwich.
    Utc,
    /// Those of a place, by its name in the tz database: `Europe/Berlin`.
    Named(String),
}

impl Zone {
    /// The zone of a stored name; unknown places are refused.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "local" => Some(Zone::Local),
            "UTC" => Some(Zone::Utc),
            name => {
                let zone = Zone::Named(name.to_owned());
                zone.named_offset_ms(name, 0).map(|_| zone)
            }
        }
    }

    /// The name it is stored under.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Zone::Local => "local",
            Zone::Utc => "UTC",
            Zone::Named(name) => name,
        }
    }

    /// The names the browser knows, sorted; empty in a browser that does not tell.
    #[must_use]
    pub fn known() -> Vec<String> {
        let names = || {
            let intl = js_sys::Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
            let list = js_sys::Reflect::get(&intl, &"supportedValuesOf".into()).ok()?;
            let list = wasm_bindgen::JsCast::dyn_into::<js_sys::Function>(list).ok()?;
            list.call1(&intl, &"timeZone".into()).ok()
        };
        let names = names().map(|names| js_sys::Array::from(&names).to_vec()).unwrap_or_default();
        names.iter().filter_map(JsValue::as_string).collect()
    }

    /// How many milliseconds the zone's clocks are ahead of UTC at a time.
    #[must_use]
    pub fn offset_ms(&self, at_ms: i64) -> i64 {
        match self {
            Zone::Local => {
                let date = js_sys::Date::new(&JsValue::from_f64(at_ms as f64));
                (-date.get_timezone_offset() * 60_000.0) as i64
            }
            Zone::Utc => 0,
            Zone::Named(name) => self.named_offset_ms(name, at_ms).unwrap_or(0),
        }
    }

    /// What the zone's clocks show.
    #[must_use]
    pub fn civil(&self, at_ms: i64) -> Civil {
        Civil::from_ms(at_ms.saturating_add(self.offset_ms(at_ms)))
    }

    /// When the zone's clocks show a civil time, given as if it were UTC. Of two such times (clocks
    /// are set back) the earlier; of none (set forward) the time as far behind the jump.
    #[must_use]
    pub fn to_utc(&self, civil_ms: i64) -> i64 {
        let guess = civil_ms - self.offset_ms(civil_ms);
        civil_ms - self.offset_ms(guess)
    }

    /// `2026-05-01 13:00:00.250 +02:00`
    #[must_use]
    pub fn format(&self, at_ms: i64) -> String {
        let offset = self.offset_ms(at_ms);
        let civil = Civil::from_ms(at_ms.saturating_add(offset));
        if offset == 0 {
            return format!("{civil} UTC");
        }
        let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60_000);
        format!("{civil} {sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// Swedish dates are `2026-05-01 13:00:00`, so that the browser's own tz data can be read back.
    fn named_offset_ms(&self, name: &str, at_ms: i64) -> Option<i64> {
        thread_local! {
            static FORMAT: RefCell<Option<(String, js_sys::Function)>> = const { RefCell::new(None) };
        }
        let format = FORMAT.with_borrow_mut(|cached| match cached {
            Some((of, format)) if of == name => Some(format.clone()),
            _ => {
                let format = formatter(name)?;
                *cached = Some((name.to_owned(), format.clone()));
                Some(format)
            }
        })?;
        let seconds = at_ms.div_euclid(1_000) * 1_000;
        let text = format.call1(&JsValue::UNDEFINED, &JsValue::from_f64(seconds as f64)).ok()?.as_string()?;
        Some(Civil::parse(&text)?.to_ms() - seconds)
    }
}

fn formatter(zone: &str) -> Option<js_sys::Function> {
    let options = js_sys::Object::new();
    for (name, value) in [("timeZone", zone), ("dateStyle", "short"), ("timeStyle", "medium")] {
        js_sys::Reflect::set(&options, &name.into(), &value.into()).ok()?;
    }
    // The constructor throws for an unknown zone, so it is called where that can be caught.
    let intl = js_sys::Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let class = js_sys::Reflect::get(&intl, &"DateTimeFormat".into()).ok()?;
    let args = js_sys::Array::of2(&"sv-SE".into(), &options);
    let object = js_sys::Reflect::construct(&js_sys::Function::from(class), &args).ok()?;
    js_sys::Reflect::get(&object, &"format".into()).ok().map(js_sys::Function::from)
}
