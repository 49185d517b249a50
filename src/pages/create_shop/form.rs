//! The form of a new shop, and what is wrong with it, all at once.

use device::api::NewShop;
use domain::money::Currency;
use domain::settings::TaxMode;
use leptos::prelude::*;
use leptos_router::components::A;

use super::rates::{RateFields, Rates};
use crate::components::banner::{Banner, Tone};
use crate::components::field::{RadioChoice, SelectField, TextField};
use crate::dom;
use crate::pages::staff::is_pin;
use crate::text::{common, setup as text};

const INCLUDED: &str = "included";
const ADDED: &str = "added";

/// What is typed. It outlives a refusal, so that nobody types it twice.
#[derive(Clone, Copy)]
pub struct Fields {
    name: RwSignal<String>,
    currency: RwSignal<String>,
    zone: RwSignal<String>,
    tax_mode: RwSignal<String>,
    rates: RwSignal<Vec<RateFields>>,
    default_rate: RwSignal<usize>,
    owner: RwSignal<String>,
    pin: RwSignal<String>,
    pin_again: RwSignal<String>,
    device: RwSignal<String>,
}

impl Fields {
    /// Empty fields, or those of the sample shop. The time zone of the device is proposed, in
    /// plain sight; the currency and the tax are never guessed.
    pub fn new(sample: bool) -> Self {
        let given = |text: &str| {
            RwSignal::new(if sample {
                text.to_owned()
            } else {
                String::new()
            })
        };
        let mut rates = vec![RateFields::new(
            text::RATE_STANDARD,
            if sample { "20" } else { "" },
        )];
        if sample {
            rates.push(RateFields::new(text::RATE_REDUCED, "5"));
        }
        Self {
            name: given(text::SAMPLE_NAME),
            currency: given("EUR"),
            zone: RwSignal::new(dom::time_zone().unwrap_or_default()),
            tax_mode: given(INCLUDED),
            rates: RwSignal::new(rates),
            default_rate: RwSignal::new(0),
            owner: RwSignal::new(String::new()),
            pin: RwSignal::new(String::new()),
            pin_again: RwSignal::new(String::new()),
            device: RwSignal::new(text::DEVICE_DEFAULT.into()),
        }
    }

    /// The shop, or everything that is still missing.
    fn read(self) -> Result<NewShop, Vec<&'static str>> {
        let trimmed = |field: RwSignal<String>| field.read_untracked().trim().to_owned();
        let pin = self.pin.get_untracked();
        let (name, owner, device) = (
            trimmed(self.name),
            trimmed(self.owner),
            trimmed(self.device),
        );
        let currency = Currency::from_code(&self.currency.read_untracked());
        let zone = self.zone.get_untracked();
        let tax_mode = match self.tax_mode.read_untracked().as_str() {
            INCLUDED => Some(TaxMode::Inclusive),
            ADDED => Some(TaxMode::Exclusive),
            _ => None,
        };
        let tax_rates = super::rates::read(
            &self.rates.read_untracked(),
            self.default_rate.get_untracked(),
        );
        let missing: Vec<_> = [
            (name.is_empty(), text::NEED_NAME),
            (currency.is_none(), text::NEED_CURRENCY),
            (zone.is_empty(), text::NEED_ZONE),
            (tax_mode.is_none(), text::NEED_TAX),
            (tax_rates.is_none(), text::NEED_RATE),
            (owner.is_empty(), text::NEED_OWNER),
            (!is_pin(&pin), text::NEED_PIN),
            (pin != self.pin_again.get_untracked(), text::PINS_DIFFER),
            (device.is_empty(), text::NEED_DEVICE),
        ]
        .into_iter()
        .filter_map(|(wrong, words)| wrong.then_some(words))
        .collect();
        match (missing.is_empty(), currency, tax_mode, tax_rates) {
            (true, Some(currency), Some(tax_mode), Some(tax_rates)) => Ok(NewShop {
                name,
                currency,
                timezone: zone,
                tax_mode,
                tax_rates,
                owner_name: owner,
                owner_pin: pin,
                device_name: device,
            }),
            _ => Err(missing),
        }
    }
}

/// The form. What is missing is listed above the button, all at once.
#[component]
pub fn ShopForm(
    /// What is typed.
    fields: Fields,
    /// Called with the shop when nothing is missing.
    #[prop(into)]
    on_create: Callback<NewShop>,
) -> impl IntoView {
    let missing = RwSignal::new(Vec::<&'static str>::new());
    let submit = move || match fields.read() {
        Ok(shop) => on_create.run(shop),
        Err(wrong) => missing.set(wrong),
    };
    view! {
        <form
            class="stack stack-wide"
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }
        >
            <ShopFields fields />
            <TaxFields fields />
            <OwnerFields fields />
            <Show when=move || !missing.read().is_empty()>
                <Banner tone=Tone::Bad>
                    <ul>
                        {move || {
                            missing.get().into_iter().map(|words| view! { <li>{words}</li> }).collect_view()
                        }}
                    </ul>
                </Banner>
            </Show>
            <button type="submit" class="button button-main button-tall">
                {text::CREATE}
            </button>
            <A href="/welcome" attr:class="button button-plain">
                {common::BACK}
            </A>
        </form>
    }
}

#[component]
fn ShopFields(fields: Fields) -> impl IntoView {
    let choose = (String::new(), text::CHOOSE.to_owned());
    let mut currencies: Vec<_> = Currency::all()
        .map(|currency| {
            let code = currency.code();
            (
                code.to_owned(),
                text::currency(code, &dom::currency_name(code)),
            )
        })
        .collect();
    currencies.sort();
    currencies.insert(0, choose.clone());
    let mut zones = dom::time_zones();
    let own = fields.zone.get_untracked();
    if !own.is_empty() && !zones.contains(&own) {
        zones.insert(0, own);
    }
    let zones = [choose]
        .into_iter()
        .chain(
            zones
                .into_iter()
                .map(|zone| (zone.clone(), zone.replace('_', " "))),
        )
        .collect();
    view! {
        <section class="card stack" aria-label=text::SHOP>
            <h2>{text::SHOP}</h2>
            <TextField label=text::SHOP_NAME value=fields.name note=text::SHOP_NAME_NOTE />
            <div class="field-pair">
                <SelectField label=text::CURRENCY value=fields.currency options=currencies />
                <SelectField label=text::TIME_ZONE value=fields.zone options=zones />
            </div>
        </section>
    }
}

#[component]
fn TaxFields(fields: Fields) -> impl IntoView {
    view! {
        <section class="card stack" aria-label=text::TAX>
            <h2>{text::TAX}</h2>
            <div class="field-pair" role="radiogroup" aria-label=text::TAX_MODE>
                <RadioChoice
                    group="tax-mode"
                    value=INCLUDED
                    words=text::TAX_INCLUDED
                    chosen=fields.tax_mode
                />
                <RadioChoice
                    group="tax-mode"
                    value=ADDED
                    words=text::TAX_ADDED
                    chosen=fields.tax_mode
                />
            </div>
            <Rates rates=fields.rates default_rate=fields.default_rate />
        </section>
    }
}

#[component]
fn OwnerFields(fields: Fields) -> impl IntoView {
    view! {
        <section class="card stack" aria-label=text::OWNER>
            <h2>{text::OWNER}</h2>
            <div class="field-pair">
                <TextField label=text::OWNER_NAME value=fields.owner />
                <TextField label=text::DEVICE_NAME value=fields.device />
            </div>
            <div class="field-pair">
                <TextField
                    label=text::PIN
                    value=fields.pin
                    kind="password"
                    input_mode="numeric"
                />
                <TextField
                    label=text::PIN_AGAIN
                    value=fields.pin_again
                    kind="password"
                    input_mode="numeric"
                />
            </div>
        </section>
    }
}
