//! What IOS and IOS XE print.

use super::span;

/// `CPU utilization for five seconds: 9%/7%; one minute: 8%; five minutes: 10%`: the minute. The five
/// seconds are full of the question itself; behind the slash stands the share of interrupts.
pub(super) fn cpu(text: &str) -> Option<(f64, String)> {
    let line = text.lines().find(|line| line.contains("CPU utilization"))?;
    let of = |name: &str| {
        let rest = line.split_once(name)?.1.trim_start_matches([':', ' ']);
        let percent: u8 = rest.split_once('%')?.0.parse().ok()?;
        (percent <= 100).then_some(percent)
    };
    let (short, minute) = (of("five seconds")?, of("one minute")?);
    Some((f64::from(minute), format!("{short}% in 5 s")))
}

/// The pool of the processor in `show memory statistics`:
/// `Processor  7F5F358048  1997625144  290200588  1707424556  487419128  1509949348`
/// (head, total, used, free, lowest, largest).
#[expect(clippy::cast_precision_loss, reason = "memory is fewer than 2^53 bytes")]
pub(super) fn mem(text: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix("Processor "))?;
    let mut numbers = line.split_whitespace().skip(1).map(str::parse::<u64>);
    let total = numbers.next()?.ok()?;
    let used = numbers.next()?.ok()?;
    (total > 0 && used <= total).then(|| used as f64 / total as f64 * 100.0)
}

/// `Router uptime is 2 weeks, 3 days, 4 hours, 5 minutes`, in seconds.
pub(crate) fn uptime(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.split_once(" uptime is "))?;
    span::seconds(line.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_of_a_minute() {
        for (text, value) in [
            (
                "CPU utilization for five seconds: 9%/7%; one minute: 8%; five minutes: 10%\n",
                Some((8.0, "9% in 5 s".to_owned())),
            ),
            (
                "CPU utilization for five seconds: 100%/0%; one minute: 100%; five minutes: 99%",
                Some((100.0, "100% in 5 s".to_owned())),
            ),
            ("CPU utilization for five seconds: 9%/7%; five minutes: 10%", None),
            ("CPU utilization for five seconds: 300%/7%; one minute: 8%", None),
            ("", None),
        ] {
            assert_eq!(cpu(text), value, "{text:?}");
        }
    }

    #[test]
    fn the_pool_of_the_processor() {
        let xe = "Tracekey : 1#b93c\n\
            \x20               Head    Total(b)     Used(b)     Free(b)   Lowest(b)  Largest(b)\n\
            Processor  7F5F358048   2000000000   500000000   1500000000   487419128  1509949348\n\
            \x20lsmpi_io  7F5D9901A8     6295128     6294304         824         824         412\n";
        assert_eq!(mem(xe), Some(25.0));
        let old = "                Head    Total(b)     Used(b)     Free(b)\n\
            Processor   62F0E2A0    100000000    75000000    25000000\n\
            \x20     I/O    E000000    33554432     8000000    25554432\n";
        assert_eq!(mem(old), Some(75.0));
        for text in ["", "Processor", "Processor 1 0 0 0", "Processor 1 5 6", "Processor 1 a b"] {
            assert_eq!(mem(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_time_since_its_start() {
        assert_eq!(uptime("Router uptime is 1 day, 1 hour, 2 minutes\n"), Some(90_120));
        let xe = "sw-1 uptime is 5 minutes\nUptime for this control processor is 7 minutes\n";
        assert_eq!(uptime(xe), Some(300));
        assert_eq!(uptime("Router uptime is unknown"), None);
        assert_eq!(uptime(""), None);
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_printed_is_read(text in "(CPU utilization|Processor| uptime is |five seconds: |one minute: |[0-9%;, ]{0,8}|\n|é){0,12}") {
            let (_, _) = (uptime(&text), cpu(&text));
            if let Some(value) = mem(&text) {
                proptest::prop_assert!((0.0..=100.0).contains(&value));
            }
        }
    }
}
