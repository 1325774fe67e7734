//! Ansible's ranges in host names: `web[01:50]`, `db-[a:c]`, `n[0:10:2]`.

/// All names that a pattern stands for, at most `most` and one more.
pub(super) fn expand(pattern: &str, most: usize) -> Result<Vec<String>, String> {
    let Some((head, rest)) = pattern.split_once('[') else { return Ok(vec![pattern.to_owned()]) };
    let wrong =
        || format!("{pattern:?} has a range that is not understood; expected [01:50] or [a:f]");
    let (range, tail) = rest.split_once(']').ok_or_else(wrong)?;
    let tails = expand(tail, most)?;
    let mut names = Vec::new();
    for middle in values(range, most).ok_or_else(wrong)? {
        for tail in &tails {
            if names.len() > most {
                return Ok(names);
            }
            names.push(format!("{head}{middle}{tail}"));
        }
    }
    Ok(names)
}

fn values(range: &str, most: usize) -> Option<Vec<String>> {
    let mut parts = range.split(':');
    let (from, to) = (parts.next()?, parts.next()?);
    let step: usize = parts.next().map_or(Some(1), |step| step.parse().ok())?;
    if step == 0 || parts.next().is_some() {
        return None;
    }
    if let (Ok(first), Ok(last)) = (from.parse::<u32>(), to.parse::<u32>()) {
        let width = if from.starts_with('0') { from.len() } else { 0 };
        let numbers = (first..=last).step_by(step).take(most + 1);
        return Some(numbers.map(|number| format!("{number:0width$}")).collect());
    }
    let letter =
        |text: &str| Some(text.chars().next()?).filter(|c| text.len() == 1 && c.is_ascii());
    let letters = (letter(from)?..=letter(to)?).step_by(step);
    Some(letters.map(String::from).collect())
}
