//! Words of lists of servers and of what narrows them.

super::area::words! {
    /// See [`Words`](super::Words).
    ListWords "list" {
        find,
        group,
        groups,
        label,
        no_group,
        all,
        with_problem,
        show,
        show_all,
        none,
        off,
    }
    with {
        found(count, of),
        more(count),
        count(count, text),
    }
}
