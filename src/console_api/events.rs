//! What scripts are told of: the device's notices under their public names.

use base::DeviceId;
use browser::console::Console;
use browser::error::BrowserError;
use device::api::{FoldedSale, Notice};
use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::connection::Device;
use crate::dom;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfDevice {
    device_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    device_id: String,
    done: u64,
    total: u64,
}

#[derive(Serialize)]
struct Sale {
    #[serde(rename = "saleId")]
    sale_id: String,
    total_minor: i64,
    #[serde(rename = "deviceId")]
    device_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sales {
    device_id: String,
    sales: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Inventory {
    device_id: String,
    data: Products,
}

#[derive(Serialize)]
struct Products {
    products: u32,
}

impl Inventory {
    fn of(device: DeviceId, products: u32) -> Self {
        Self {
            device_id: device.to_string(),
            data: Products { products },
        }
    }
}

#[derive(Serialize)]
struct Conflicts {
    conflicts: u64,
}

#[derive(Serialize)]
struct Trouble {
    message: String,
}

#[derive(Serialize)]
struct Message {
    from: String,
    r#type: String,
    #[serde(with = "serde_wasm_bindgen::preserve")]
    data: JsValue,
}

/// Sales that came together are told one by one up to this many. To tell of each in a long history
/// took a third of the time in which it came, and nobody reads it so.
const TOLD_ONE_BY_ONE_MAX: usize = 64;

/// Passes notices on for as long as the page lives.
pub fn install(console: &Console, device: Device) {
    let console = console.clone();
    device.watch(move |notice| tell(&console, notice));
}

fn tell(console: &Console, notice: &Notice) {
    // A detail of plain fields always becomes a value; a script's own trouble is its own.
    let _ = match notice {
        Notice::PeerConnected(device) => {
            let detail = OfDevice {
                device_id: device.to_string(),
            };
            console
                .emit("peer-connected", &detail)
                .and(console.emit("link-changed", &detail))
        }
        Notice::PeerDisconnected(device) => {
            let detail = OfDevice {
                device_id: device.to_string(),
            };
            console
                .emit("peer-disconnected", &detail)
                .and(console.emit("link-changed", &detail))
        }
        Notice::Progress {
            device,
            done,
            total,
        } => console.emit(
            "sync-progress",
            &Progress {
                device_id: device.to_string(),
                done: *done,
                total: *total,
            },
        ),
        Notice::Sales { device, sales } => tell_sales(console, *device, sales),
        Notice::InventoryReceived { device, products } => console.emit(
            "inventory-sync-received",
            &Inventory::of(*device, *products),
        ),
        Notice::ConflictsDetected { conflicts } => console.emit(
            "sync-conflicts-detected",
            &Conflicts {
                conflicts: *conflicts,
            },
        ),
        Notice::StorageTrouble(message) => console.emit(
            "storage-trouble",
            &Trouble {
                message: message.clone(),
            },
        ),
        Notice::Message { from, kind, data } => console.emit(
            "message",
            &Message {
                from: from.to_string(),
                r#type: kind.clone(),
                data: dom::from_json(data).unwrap_or(JsValue::NULL),
            },
        ),
        Notice::Ready
        | Notice::Reply(..)
        | Notice::StatusChanged
        | Notice::CatalogueChanged
        | Notice::LinkTrouble { .. }
        | Notice::Pairing(_) => Ok(()),
    };
}

fn tell_sales(
    console: &Console,
    device: DeviceId,
    sales: &[FoldedSale],
) -> Result<(), BrowserError> {
    let device_id = device.to_string();
    if sales.len() > TOLD_ONE_BY_ONE_MAX {
        let sales = sales.len();
        return console.emit("sales-received", &Sales { device_id, sales });
    }
    sales.iter().try_for_each(|sale| {
        let detail = Sale {
            sale_id: sale.id.to_string(),
            total_minor: sale.total.0,
            device_id: device_id.clone(),
        };
        console.emit("sale", &detail)
    })
}
