//! What `metrics` gives.

use std::collections::BTreeMap;

use device::api::{CommitTimes, Metrics, Traffic};
use serde::Serialize;

/// The counters that are there even while they are zero.
const ALWAYS: [&str; 2] = ["commits", "duplicates"];

/// Of `metrics`: everything that is counted, since the page was opened.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counted {
    #[serde(flatten)]
    counters: BTreeMap<String, u64>,
    commit_ms: Histogram,
    #[serde(flatten)]
    traffic: Carried,
    links: Vec<Link>,
}

#[derive(Serialize)]
struct Carried {
    frames: BothWays,
    bytes: BothWays,
    retries: u64,
    resent: u64,
}

#[derive(Serialize)]
struct BothWays {
    sent: u64,
    received: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Link {
    device_id: String,
    #[serde(flatten)]
    traffic: Carried,
}

#[derive(Serialize)]
struct Histogram {
    count: u64,
    sum: u64,
    buckets: Vec<Bucket>,
}

/// How many were at most this long, and longer than the bucket before.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bucket {
    /// Nothing: beyond every other bucket.
    up_to: Option<u64>,
    count: u64,
}

impl From<Metrics> for Counted {
    fn from(metrics: Metrics) -> Self {
        let mut counters = BTreeMap::from(ALWAYS.map(|name| (name.to_owned(), 0)));
        counters.extend(metrics.counters);
        let link = |(device, traffic): (base::DeviceId, Traffic)| Link {
            device_id: device.to_string(),
            traffic: traffic.into(),
        };
        Self {
            counters,
            commit_ms: metrics.commit_times.into(),
            traffic: metrics.traffic.into(),
            links: metrics.links.into_iter().map(link).collect(),
        }
    }
}

impl From<Traffic> for Carried {
    fn from(traffic: Traffic) -> Self {
        Self {
            frames: BothWays {
                sent: traffic.frames_out,
                received: traffic.frames_in,
            },
            bytes: BothWays {
                sent: traffic.bytes_out,
                received: traffic.bytes_in,
            },
            retries: traffic.retries,
            resent: traffic.resent,
        }
    }
}

impl From<CommitTimes> for Histogram {
    fn from(times: CommitTimes) -> Self {
        let bounds = CommitTimes::BOUNDS_MS.into_iter().map(Some).chain([None]);
        let bucket = |(up_to, count)| Bucket { up_to, count };
        Self {
            count: times.counts.iter().sum(),
            sum: times.total_ms,
            buckets: bounds.zip(times.counts).map(bucket).collect(),
        }
    }
}
