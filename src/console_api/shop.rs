//! Founding, signing in, the catalogue, selling, and what has been sold.

use base::EmployeeId;
use browser::BrowserError;
use browser::console::{Console, Failure};
use browser::environment::storage;
use device::api::{EmployeeRole, ProductKey, Reply, Request, Status};
use serde::de::IgnoredAny;

use super::{arguments, ask, ask_done, bad_argument, refused, results};
use crate::connection::Device;
use crate::text::console as text;

/// Adds the functions.
pub fn install(console: &Console, device: Device) -> Result<(), BrowserError> {
    console.function("createShop", move |(shop,)| create_shop(device, shop))?;
    console.function("signIn", move |(who,)| sign_in(device, who))?;
    console.function("signOut", move |_: IgnoredAny| {
        ask_done(device, Request::SignOut)
    })?;
    console.function("employees", move |_: IgnoredAny| employees(device))?;
    console.function("setEmployee", move |(employee,)| {
        set_employee(device, employee)
    })?;
    console.function("setActive", move |(employee,)| set_active(device, employee))?;
    console.function("status", move |_: IgnoredAny| status(device))?;
    console.function("importCatalogue", move |(csv, options)| {
        import(device, csv, options)
    })?;
    console.function("products", move |(rows,)| products(device, rows))?;
    console.function("setProduct", move |(fields,)| set_product(device, fields))?;
    console.function("sell", move |(sale,)| sell(device, sale))?;
    console.function("sales", move |(rows,)| sales(device, rows))?;
    console.function("counts", move |_: IgnoredAny| counts(device))
}

async fn create_shop(
    device: Device,
    shop: arguments::Shop,
) -> Result<results::ShopCreated, Failure> {
    ask(
        device,
        Request::CreateShop(shop.read()?),
        |reply| match reply {
            Reply::ShopCreated {
                shop,
                device,
                terminal,
                recovery,
            } => Ok(results::ShopCreated {
                shop_id: shop.to_string(),
                device_id: device.to_string(),
                terminal,
                recovery,
            }),
            other => Err(refused(other)),
        },
    )
    .await
}

/// An employee is named by id, or by name where that is one person's.
async fn sign_in(device: Device, who: arguments::SignIn) -> Result<results::Employee, Failure> {
    let list = employee_list(device).await?;
    let named = |person: &&device::api::EmployeeView| {
        person.id.to_string() == who.employee || person.name == who.employee
    };
    let mut matching = list.iter().filter(named);
    let (Some(person), None) = (matching.next(), matching.next()) else {
        return Err(bad_argument(text::unknown("employee", &who.employee)));
    };
    ask(
        device,
        Request::SignIn {
            employee: person.id,
            pin: who.pin,
        },
        |reply| match reply {
            Reply::SignedIn(view) => Ok(view.into()),
            other => Err(refused(other)),
        },
    )
    .await
}

async fn employee_list(device: Device) -> Result<Vec<device::api::EmployeeView>, Failure> {
    ask(device, Request::Employees, |reply| match reply {
        Reply::Employees(list) => Ok(list),
        other => Err(refused(other)),
    })
    .await
}

async fn employees(device: Device) -> Result<Vec<results::Employee>, Failure> {
    Ok(employee_list(device)
        .await?
        .into_iter()
        .map(Into::into)
        .collect())
}

async fn set_employee(
    device: Device,
    employee: arguments::Employee,
) -> Result<results::Employee, Failure> {
    let Some(role) = EmployeeRole::from_word(&employee.role) else {
        return Err(bad_argument(text::unknown("role", &employee.role)));
    };
    let id = employee.id.as_deref().map(employee_id).transpose()?;
    let request = Request::SetEmployee {
        id,
        name: employee.name,
        role,
        pin: employee.pin,
    };
    ask(device, request, |reply| match reply {
        Reply::Employee(view) => Ok(view.into()),
        other => Err(refused(other)),
    })
    .await
}

async fn set_active(
    device: Device,
    change: arguments::Access,
) -> Result<results::Employee, Failure> {
    let request = Request::SetActive {
        employee: employee_id(&change.employee)?,
        active: change.active,
    };
    ask(device, request, |reply| match reply {
        Reply::Employee(view) => Ok(view.into()),
        other => Err(refused(other)),
    })
    .await
}

fn employee_id(text: &str) -> Result<EmployeeId, Failure> {
    EmployeeId::from_hex(text).ok_or_else(|| bad_argument(text::unknown("employee", text)))
}

async fn status(device: Device) -> Result<results::Standing, Failure> {
    let status = standing(device).await?;
    let counts = ask(device, Request::Counts, |reply| match reply {
        Reply::Counts(counts) => Ok(counts),
        other => Err(refused(other)),
    })
    .await?;
    let room = storage::room().await.ok().map(|room| results::Storage {
        persisted: room.persisted,
        usage: room.used_bytes,
        quota: room.quota_bytes,
    });
    Ok(results::Standing::of(status, counts.conflicts, room))
}

/// Where the device stands.
pub async fn standing(device: Device) -> Result<Status, Failure> {
    ask(device, Request::Status, |reply| match reply {
        Reply::Status(status) => Ok(*status),
        other => Err(refused(other)),
    })
    .await
}

async fn import(
    device: Device,
    csv: String,
    options: Option<arguments::ImportOptions>,
) -> Result<results::Imported, Failure> {
    let dry_run = options.unwrap_or_default().dry_run;
    ask(
        device,
        Request::Import { csv, dry_run },
        |reply| match reply {
            Reply::Imported { summary, report } => Ok(results::Imported::of(summary, report)),
            other => Err(refused(other)),
        },
    )
    .await
}

async fn products(
    device: Device,
    rows: Option<arguments::Rows>,
) -> Result<Vec<results::Product>, Failure> {
    let arguments::Rows {
        search,
        offset,
        limit,
        ..
    } = rows.unwrap_or_default();
    ask(
        device,
        Request::Products {
            search,
            offset,
            limit,
        },
        |reply| match reply {
            Reply::Products { page, .. } => Ok(page.into_iter().map(Into::into).collect()),
            other => Err(refused(other)),
        },
    )
    .await
}

async fn set_product(
    device: Device,
    fields: arguments::ProductFields,
) -> Result<results::Product, Failure> {
    ask(
        device,
        Request::SetProduct {
            which: ProductKey::Sku,
            fields: fields.read()?,
        },
        |reply| match reply {
            Reply::Product(product) => Ok(product.into()),
            other => Err(refused(other)),
        },
    )
    .await
}

async fn sell(device: Device, sale: arguments::Sale) -> Result<results::Sold, Failure> {
    ask(device, Request::Sell(sale.read()?), |reply| match reply {
        Reply::Sold(receipt) => Ok(receipt.into()),
        other => Err(refused(other)),
    })
    .await
}

async fn sales(
    device: Device,
    rows: Option<arguments::Rows>,
) -> Result<Vec<results::Sale>, Failure> {
    let rows = rows.unwrap_or_default();
    let shop = standing(device).await?.shop;
    let (from, to) = rows.days(shop.and_then(|shop| shop.business_date))?;
    let request = Request::Sales {
        from,
        to,
        offset: rows.offset,
        limit: rows.limit,
    };
    ask(device, request, |reply| match reply {
        Reply::Sales { page, .. } => Ok(page.into_iter().map(Into::into).collect()),
        other => Err(refused(other)),
    })
    .await
}

async fn counts(device: Device) -> Result<results::Numbers, Failure> {
    ask(device, Request::Counts, |reply| match reply {
        Reply::Counts(counts) => Ok(counts.into()),
        other => Err(refused(other)),
    })
    .await
}
