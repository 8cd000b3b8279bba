//! Numbers of one frame.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Metric;

/// Values by metric. `None` is what could not be measured: a picture too small, a frame without one before it. Infinity is
/// the ratio of a frame that differs nowhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values(pub BTreeMap<Metric, Option<f64>>);

/// What was measured of a frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Numbers {
    /// Of the frame, on its own or against the reference.
    #[serde(flatten)]
    pub values: Values,
    /// Of the reference alone: the metrics that need none.
    #[serde(skip_serializing_if = "Values::is_empty")]
    pub reference: Values,
}

impl Values {
    /// The value of `metric`, where it was measured.
    pub fn get(&self, metric: Metric) -> Option<f64> {
        self.0.get(&metric).copied().flatten()
    }

    /// Whether nothing was to be measured.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets the value of `metric`; `None` where it could not be measured.
    pub fn put(&mut self, metric: Metric, value: Option<f64>) {
        self.0.insert(metric, value);
    }
}

/// The name that says in JSON that no sample differs, where a ratio is infinite and therefore null.
const IDENTICAL: &str = "identical";

/// As an object: a value that is infinite or was not measured is null. `identical` says which, where there is a PSNR.
impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (metric, value) in &self.0 {
            map.serialize_entry(metric.name(), &value.filter(|value| value.is_finite()))?;
            if *metric == Metric::Psnr {
                map.serialize_entry(IDENTICAL, &(*value == Some(f64::INFINITY)))?;
            }
        }
        map.end()
    }
}
