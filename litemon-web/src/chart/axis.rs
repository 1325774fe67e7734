//! The axis of values: from zero, in steps that people count in.

/// Beyond this nothing is told apart, and sums could overflow.
pub(super) const MOST: f64 = 1e15;
/// Below this a range is no range.
const LEAST: f64 = 1e-9;

/// An axis with ticks at whole steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Axis {
    low: f64,
    high: f64,
    step: f64,
}

impl Axis {
    /// The axis on which all of these and zero stand; what is not finite is left out.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let finite = values.into_iter().filter(|value| value.is_finite());
        let (low, high) = finite
            .map(|value| value.clamp(-MOST, MOST))
            .fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
        let high = if high - low < LEAST { low + 1.0 } else { high };
        let step = nice((high - low) / 4.0);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        Self { low, high, step }
    }

    /// How far below the top of a plot of this height a value stands: 0 to `height`.
    pub(crate) fn y(&self, value: f64, height: f64) -> f64 {
        if value.is_nan() {
            return height;
        }
        let part = (value.clamp(-MOST, MOST) - self.low) / (self.high - self.low);
        (height * (1.0 - part)).clamp(0.0, height)
    }

    /// The values that are named, lowest first.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        let mut ticks: Vec<f64> = Vec::new();
        while ticks.len() < 12 {
            #[allow(clippy::cast_precision_loss, reason = "there are at most 12")]
            let tick = self.low + self.step * ticks.len() as f64;
            if tick > self.high + self.step / 2.0 {
                break;
            }
            // Not `-0`.
            ticks.push(if tick.abs() < self.step / 2.0 { 0.0 } else { tick });
        }
        ticks
    }

    /// Decimals that tell one tick from the next.
    pub(crate) fn decimals(&self) -> usize {
        let whole = |decimals: &i32| {
            let scaled = self.step * 10_f64.powi(*decimals);
            (scaled - scaled.round()).abs() < scaled * 1e-6
        };
        (0..10).find(whole).and_then(|decimals| usize::try_from(decimals).ok()).unwrap_or(0)
    }
}

/// The step that is at least this: 1, 2, 2.5 or 5 times a power of ten.
fn nice(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let times = [1.0, 2.0, 2.5, 5.0].into_iter().find(|times| power * times >= least * 0.999_999);
    power * times.unwrap_or(10.0)
}
