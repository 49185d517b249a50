//! The form of one product: new, or as it is now.

use device::api::{ProductKey, Refusal, Reply, Request};
use domain::catalogue::{Product, ProductFields, Unit};
use domain::money::{Currency, Money};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::banner::RefusalBanner;
use crate::components::field::{SelectField, TextField};
use crate::format;
use crate::state::{State, refusal_of};
use crate::text::{common, products as text};
use crate::updating::Updating;

/// The units, as the form names them.
const UNITS: [(Unit, &str, &str); 4] = [
    (Unit::Piece, "piece", text::PIECE),
    (Unit::Kilogram, "kg", text::KILOGRAM),
    (Unit::Litre, "l", text::LITRE),
    (Unit::Metre, "m", text::METRE),
];

/// What is typed, and what is wrong with it.
#[derive(Clone, Copy)]
struct Fields {
    sku: RwSignal<String>,
    name: RwSignal<String>,
    price: RwSignal<String>,
    barcodes: RwSignal<String>,
    unit: RwSignal<String>,
    tax_rate: RwSignal<String>,
    wrong_sku: RwSignal<Option<String>>,
    wrong_name: RwSignal<Option<String>>,
    wrong_price: RwSignal<Option<String>>,
}

impl Fields {
    fn of(product: Option<&Product>, price: String, barcode: String) -> Self {
        let barcodes = product.map_or(barcode, |product| product.barcodes.join(" "));
        let unit = product.map(|product| product.unit).unwrap_or_default();
        let (_, unit, _) = UNITS
            .into_iter()
            .find(|(known, ..)| *known == unit)
            .unwrap_or(UNITS[0]);
        let rate = product.and_then(|product| product.tax_rate);
        Self {
            sku: RwSignal::new(
                product
                    .map(|product| product.sku.clone())
                    .unwrap_or_default(),
            ),
            name: RwSignal::new(
                product
                    .map(|product| product.name.clone())
                    .unwrap_or_default(),
            ),
            price: RwSignal::new(price),
            barcodes: RwSignal::new(barcodes),
            unit: RwSignal::new(unit.into()),
            tax_rate: RwSignal::new(rate.map(|rate| rate.to_string()).unwrap_or_default()),
            wrong_sku: RwSignal::new(None),
            wrong_name: RwSignal::new(None),
            wrong_price: RwSignal::new(None),
        }
    }

    /// What was typed, when all of it can be used; else says beside each field what is wrong.
    fn read(self, currency: Currency, loaded: Option<&Product>) -> Option<ProductFields> {
        let name = self.name.get_untracked().trim().to_owned();
        let barcodes: Vec<String> = self
            .barcodes
            .read_untracked()
            .split_whitespace()
            .map(Into::into)
            .collect();
        let mut sku = self.sku.get_untracked().trim().to_owned();
        if sku.is_empty() {
            // A scanned product needs no second code.
            sku = barcodes.first().cloned().unwrap_or_default();
        }
        let price = Money::from_text(
            &format::plain_number(&self.price.read_untracked()),
            currency,
        )
        .ok();
        self.wrong_name
            .set(name.is_empty().then(|| text::NEED_NAME.into()));
        self.wrong_sku
            .set(sku.is_empty().then(|| text::NEED_SKU.into()));
        self.wrong_price
            .set(price.is_none().then(|| text::NEED_PRICE.into()));
        if name.is_empty() || sku.is_empty() {
            return None;
        }
        let unit = self.unit.get_untracked();
        let typed = ProductFields {
            sku: Some(sku),
            barcodes: Some(barcodes),
            name: Some(name),
            price: Some(price?),
            unit: UNITS
                .iter()
                .find(|(_, word, _)| *word == unit)
                .map(|(unit, ..)| *unit),
            tax_rate: self.tax_rate.read_untracked().parse().ok(),
            ..ProductFields::default()
        };
        Some(match loaded {
            Some(loaded) => only_changes(typed, loaded),
            None => typed,
        })
    }
}

/// What was typed without what the product was loaded with: a field that nobody touched must not
/// undo what somebody else wrote meanwhile.
fn only_changes(typed: ProductFields, loaded: &Product) -> ProductFields {
    let tax_rate = typed.tax_rate.filter(|rate| Some(*rate) != loaded.tax_rate);
    ProductFields {
        sku: typed.sku.filter(|sku| *sku != loaded.sku),
        barcodes: typed.barcodes.filter(|codes| *codes != loaded.barcodes),
        name: typed.name.filter(|name| *name != loaded.name),
        price: typed.price.filter(|price| Some(*price) != loaded.price),
        unit: typed.unit.filter(|unit| *unit != loaded.unit),
        tax_rate,
        ..typed
    }
}

fn key_of(product: Option<&Product>) -> ProductKey {
    product.map_or(ProductKey::New, |product| ProductKey::Id(product.id))
}

/// A product on its way to the device, and what came of it.
#[derive(Clone, Copy)]
struct Saving {
    state: State,
    which: ProductKey,
    busy: RwSignal<bool>,
    refusal: RwSignal<Option<Refusal>>,
    /// The other product that has one of the codes.
    holder: RwSignal<Option<Product>>,
}

impl Saving {
    fn of(which: ProductKey) -> Self {
        Self {
            state: State::here(),
            which,
            busy: RwSignal::new(false),
            refusal: RwSignal::new(None),
            holder: RwSignal::new(None),
        }
    }

    /// Writes the product, once however often it is pressed.
    fn save(self, typed: ProductFields, on_saved: Callback<Product>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.refusal.set(None);
        self.holder.set(None);
        let codes = codes_of(&typed);
        let request = Request::SetProduct {
            which: self.which,
            fields: typed,
        };
        spawn_local(async move {
            match self.state.device.ask(request).await {
                Reply::Product(product) => on_saved.run(product),
                other => {
                    let why = refusal_of(other);
                    if why.code == "code-taken" {
                        let holder = holder_of(self.state, self.which, codes).await;
                        self.holder.try_set(holder);
                    }
                    self.refusal.try_set(Some(why));
                }
            }
            self.busy.try_set(false);
        });
    }
}

/// Adds a product, or changes one.
#[component]
pub fn ProductForm(
    /// The product as it is; none adds one.
    #[prop(optional)]
    product: Option<Product>,
    /// The barcode of a new one, when it was just scanned.
    #[prop(optional)]
    barcode: String,
    /// Called with the product as it now is.
    #[prop(into)]
    on_saved: Callback<Product>,
    /// Opens another product: the one that has the code already.
    #[prop(optional, into)]
    on_open: Option<Callback<Product>>,
) -> impl IntoView {
    Updating::hold_here();
    let state = State::here();
    let currency = format::shop_currency().get_untracked();
    let price = product.as_ref().and_then(|product| product.price);
    let price = price.map(|price| format::amount(price, currency));
    let fields = Fields::of(product.as_ref(), price.unwrap_or_default(), barcode);
    let which = key_of(product.as_ref());
    let named_rate = product
        .as_ref()
        .is_some_and(|product| product.tax_rate.is_some());
    let loaded = StoredValue::new(product);
    let saving = Saving::of(which);
    let save = move || {
        let typed = currency.and_then(|currency| {
            loaded.with_value(|loaded| fields.read(currency, loaded.as_ref()))
        });
        if let Some(typed) = typed {
            saving.save(typed, on_saved);
        }
    };
    view! {
        <RefusalBanner refusal=saving.refusal />
        <OpenHolder holder=saving.holder on_open />
        <form
            class="stack stack-wide"
            on:submit=move |event| {
                event.prevent_default();
                save();
            }
        >
            <TextField label=text::NAME value=fields.name error=fields.wrong_name />
            <div class="field-pair">
                <TextField
                    label=text::PRICE
                    value=fields.price
                    input_mode="decimal"
                    error=fields.wrong_price
                />
                <SelectField label=text::UNIT value=fields.unit options=units() />
            </div>
            <SelectField label=text::TAX value=fields.tax_rate options=tax_rates(state, named_rate) />
            <div class="field-pair">
                <TextField label=text::SKU value=fields.sku error=fields.wrong_sku />
                <TextField label=text::BARCODES value=fields.barcodes note=text::BARCODES_NOTE />
            </div>
            <button
                type="submit"
                class="button button-main button-tall"
                disabled=move || saving.busy.get()
            >
                {common::SAVE}
            </button>
        </form>
    }
}

/// Leads to the product that has a code already.
#[component]
fn OpenHolder(
    holder: RwSignal<Option<Product>>,
    on_open: Option<Callback<Product>>,
) -> impl IntoView {
    move || {
        let (product, on_open) = holder.get().zip(on_open)?;
        let words = text::open(&product.name);
        Some(view! {
            <button type="button" class="button" on:click=move |_| on_open.run(product.clone())>
                {words}
            </button>
        })
    }
}

/// Every code that was typed.
fn codes_of(typed: &ProductFields) -> Vec<String> {
    let barcodes = typed.barcodes.iter().flatten();
    typed.sku.iter().chain(barcodes).cloned().collect()
}

/// The other product that has one of these codes.
async fn holder_of(state: State, which: ProductKey, codes: Vec<String>) -> Option<Product> {
    for code in codes {
        let found = state.device.ask(Request::Lookup { code }).await;
        if let Reply::Found(Some(product)) = found
            && ProductKey::Id(product.id) != which
        {
            return Some(product);
        }
    }
    None
}

/// The units, by word.
fn units() -> Vec<(String, String)> {
    UNITS
        .map(|(_, word, name)| (word.to_owned(), name.to_owned()))
        .to_vec()
}

/// The shop's rates by id, after the usual one; a product that names a rate keeps naming one.
fn tax_rates(state: State, named: bool) -> Vec<(String, String)> {
    let status = state.status.read_untracked();
    let shop = status.as_ref().and_then(|status| status.shop.as_ref());
    let rates = shop
        .map(|shop| shop.tax_rates.as_slice())
        .unwrap_or_default();
    let usual = (String::new(), text::TAX_DEFAULT.to_owned());
    let rates = rates.iter().map(|rate| {
        (
            rate.id.to_string(),
            text::rate(&rate.name, &rate.rate.to_text()),
        )
    });
    let usual = [usual].into_iter().filter(|_| !named);
    usual.chain(rates).collect()
}
