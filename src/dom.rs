//! The few things that screens ask of the page itself: focus, print, copy, the clock on the wall.

use leptos::prelude::document;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent};

/// Milliseconds since 1970 by this device's clock, for words like "2 h ago".
pub fn now_ms() -> u64 {
    js_sys::Date::now() as u64
}

/// Hour and minute of a moment, as clocks here show it.
fn clock_time(at_ms: u64) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(at_ms as f64));
    format!("{:02}:{:02}", date.get_hours(), date.get_minutes())
}

/// A moment as clocks here show it: hour and minute, behind the date when that is not today's.
pub fn clock_moment(at_ms: u64) -> String {
    let day = |ms: u64| {
        let date = js_sys::Date::new(&JsValue::from_f64(ms as f64));
        let (year, month) = (date.get_full_year(), date.get_month() + 1);
        format!("{year}-{month:02}-{:02}", date.get_date())
    };
    let (date, time) = (day(at_ms), clock_time(at_ms));
    if date == day(now_ms()) {
        time
    } else {
        format!("{date} {time}")
    }
}

/// Opens the browser's print dialog; the print style sheet keeps what is marked for paper.
pub fn print_page() {
    // Refused only inside a sandboxed frame, where there is nothing to print to.
    let _ = leptos::prelude::window().print();
}

/// Puts text on the clipboard.
pub fn copy_text(text: &str) {
    let _ = leptos::prelude::window()
        .navigator()
        .clipboard()
        .write_text(text);
}

/// The text field that has the focus, if any.
pub fn focused_field() -> Option<HtmlInputElement> {
    document().active_element()?.dyn_into().ok()
}

/// Moves the focus into the element with this id.
pub fn focus(id: &str) {
    if let Some(element) = document().get_element_by_id(id)
        && let Ok(element) = element.dyn_into::<HtmlElement>()
    {
        let _ = element.focus();
    }
}

/// Moves the focus to what a sheet marks with `autofocus`, if it marks anything.
pub fn focus_first_choice(sheet: &HtmlElement) {
    if let Ok(Some(element)) = sheet.query_selector("[autofocus]")
        && let Ok(element) = element.dyn_into::<HtmlElement>()
    {
        let _ = element.focus();
    }
}

/// Whether a key was pressed on a button that is in no element of this selector: the key is that
/// button's then.
pub fn is_on_button_outside(event: &KeyboardEvent, selector: &str) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| {
        let inside = element.closest(selector).is_ok_and(|found| found.is_some());
        !inside && matches!(element.tag_name().as_str(), "BUTTON" | "A")
    })
}

/// Puts `text` into a field as if it had been typed, so that whoever listens hears of it.
pub fn put_text(field: &HtmlInputElement, text: &str) {
    field.set_value(text);
    if let Ok(event) = web_sys::Event::new("input") {
        let _ = field.dispatch_event(&event);
    }
}

/// The time zone that this device is set to, as an IANA name.
pub fn time_zone() -> Option<String> {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    js_sys::Reflect::get(&format.resolved_options(), &"timeZone".into())
        .ok()?
        .as_string()
}

/// Every time zone that this browser knows, as IANA names.
pub fn time_zones() -> Vec<String> {
    let zones = || {
        let intl = js_sys::Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let list = js_sys::Reflect::get(&intl, &"supportedValuesOf".into()).ok()?;
        let list: js_sys::Function = list.dyn_into().ok()?;
        let zones = list.call1(&intl, &"timeZone".into()).ok()?;
        Some(
            js_sys::Array::from(&zones)
                .iter()
                .filter_map(|zone| zone.as_string())
                .collect(),
        )
    };
    zones().unwrap_or_default()
}

/// The text of the file that was just chosen in a file field.
pub async fn chosen_file(event: &web_sys::Event) -> Option<String> {
    let field: HtmlInputElement = event.target()?.dyn_into().ok()?;
    let file = field.files()?.get(0)?;
    wasm_bindgen_futures::JsFuture::from(file.text())
        .await
        .ok()?
        .as_string()
}

/// Scrolls the element with this id to its end.
pub fn show_end(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.set_scroll_top(element.scroll_height());
    }
}

/// What people call a currency, in English; its code when the browser knows no name.
pub fn currency_name(code: &str) -> String {
    let name = || {
        let options = js_sys::Object::new();
        js_sys::Reflect::set(&options, &"type".into(), &"currency".into()).ok()?;
        let intl = js_sys::Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        let names = js_sys::Reflect::get(&intl, &"DisplayNames".into()).ok()?;
        let names: js_sys::Function = names.dyn_into().ok()?;
        let arguments = js_sys::Array::of2(&"en".into(), &options);
        let names = js_sys::Reflect::construct(&names, &arguments).ok()?;
        let of: js_sys::Function = js_sys::Reflect::get(&names, &"of".into())
            .ok()?
            .dyn_into()
            .ok()?;
        of.call1(&names, &code.into()).ok()?.as_string()
    };
    name().unwrap_or_else(|| code.to_owned())
}

/// A moment as RFC 3339 in UTC.
pub fn rfc3339(at_ms: u64) -> String {
    js_sys::Date::new(&JsValue::from_f64(at_ms as f64))
        .to_iso_string()
        .into()
}

/// A JavaScript value as JSON; `None` when it has none, as a function or a ring.
pub fn to_json(value: &JsValue) -> Option<String> {
    js_sys::JSON::stringify(value).ok()?.as_string()
}

/// A JavaScript value from JSON.
pub fn from_json(json: &str) -> Option<JsValue> {
    js_sys::JSON::parse(json).ok()
}

/// Takes the element with this id off the page.
pub fn remove(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.remove();
    }
}

/// Puts a page of plain words in place of everything, for when the app itself is broken and no
/// screen can be trusted any more. The link loads the page anew without a script.
pub fn show_only(title: &str, words: &str, reload: &str) {
    if let Some(body) = document().body() {
        // External: the router, broken like everything else, must leave the link to the browser.
        body.set_inner_html(&format!(
            "<main class=\"stage\"><div class=\"stage-card\"><h1>{title}</h1><p>{words}</p>\
             <a class=\"button button-main button-tall\" href=\"\" rel=\"external\">{reload}</a></div></main>"
        ));
    }
}
