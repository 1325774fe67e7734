//! Words of charts and of the pages that have them.

super::area::words! {
    /// See [`Words`](super::Words).
    ChartWords "charts" {
        range_hour,
        range_day,
        range_week,
        range_month,
        range_year,
        range,
        millisecond,
        course,
        lowest,
        mean,
        highest,
        spread,
        limit,
        incident,
        no_record,
        nothing_measured,
        reading,
        slow,
        unreadable,
        times_in,
        keys,
        as_table,
        time,
        from,
        to,
        lasted,
        trends,
        checks,
        availability,
        no_outage,
        down,
        unknown,
        nothing_known,
        incidents,
        no_incidents,
        open,
        withdrawn,
        now,
        limit_is,
        warns_from,
        blocked,
        says,
        last_failure,
        checked,
        interval,
        timeout,
        attempts,
        told,
        somebody,
        took,
        overruns,
    }
    with {
        as_of(time),
        attempt_says(word),
        in_a_row(count),
        skipped(count),
    }
}

impl ChartWords {
    /// As [`Range::ALL`](crate::chart::range::Range::ALL).
    pub(crate) const fn ranges(&self) -> [&'static str; 5] {
        [self.range_hour, self.range_day, self.range_week, self.range_month, self.range_year]
    }
}
