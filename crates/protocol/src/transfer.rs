//! Envelopes as JavaScript messages: an array of the head (a string) and one typed array a column,
//! whose buffers are transferred, not copied.

use crate::columns::{Column, Envelope, WireError};
use js_sys::{Array, Float64Array, JsString, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

/// The message for `postMessage`, and its transfer list.
///
/// Staleness markers survive: a typed array is filled byte by byte, no float is ever a JavaScript number.
#[must_use]
pub fn to_js(envelope: &Envelope) -> (JsValue, JsValue) {
    let message = Array::new();
    let transfer = Array::new();
    message.push(&JsValue::from_str(&envelope.head));
    for column in &envelope.columns {
        match column {
            Column::Floats(values) => {
                let array = Float64Array::from(values.as_slice());
                transfer.push(&array.buffer());
                message.push(&array);
            }
            Column::Bytes(bytes) => {
                let array = Uint8Array::from(bytes.as_slice());
                transfer.push(&array.buffer());
                message.push(&array);
            }
        }
    }
    (message.into(), transfer.into())
}

/// Puts something that only JavaScript can hold, such as a file, beside the columns of a message.
pub fn attach(message: &JsValue, attached: &JsValue) {
    if let Some(message) = message.dyn_ref::<Array>() {
        message.push(attached);
    }
}

/// What [`attach`] put beside the columns.
#[must_use]
pub fn attached(data: &JsValue) -> Vec<JsValue> {
    let Some(message) = data.dyn_ref::<Array>() else { return Vec::new() };
    message.iter().skip(1).filter(|item| !is_column(item)).collect()
}

fn is_column(item: &JsValue) -> bool {
    item.is_instance_of::<Float64Array>() || item.is_instance_of::<Uint8Array>()
}

/// The envelope in the data of a message event; what is attached to it is passed over.
///
/// # Errors
/// If the message was not made by [`to_js`].
pub fn from_js(data: &JsValue) -> Result<Envelope, WireError> {
    let message = data.dyn_ref::<Array>().ok_or(WireError::NotOurs)?;
    let head = message.get(0).dyn_into::<JsString>().map_err(|_| WireError::NotOurs)?;
    let mut columns = Vec::with_capacity(message.length().saturating_sub(1) as usize);
    for idx in 1..message.length() {
        let item = message.get(idx);
        if let Some(floats) = item.dyn_ref::<Float64Array>() {
            columns.push(Column::Floats(floats.to_vec()));
        } else if let Some(bytes) = item.dyn_ref::<Uint8Array>() {
            columns.push(Column::Bytes(bytes.to_vec()));
        } else if !item.is_object() {
            return Err(WireError::NotOurs);
        }
    }
    Ok(Envelope { head: String::from(&head), columns })
}
