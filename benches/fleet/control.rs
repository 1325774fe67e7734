//! The control lines on standard input.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::fleet::Fleet;

/// Does what each line says, until the input ends.
pub(crate) async fn follow(fleet: &mut Fleet) {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        match obey(fleet, &line).await {
            Ok(()) => println!("ok"),
            Err(error) => println!("error: {error}"),
        }
    }
}

async fn obey(fleet: &mut Fleet, line: &str) -> Result<(), String> {
    let words: Vec<_> = line.split_whitespace().collect();
    let number: usize = words.get(1).and_then(|word| word.parse().ok()).ok_or("which server?")?;
    let server = fleet.servers.get_mut(number).ok_or("no such server")?;
    match words.as_slice() {
        ["down", _] => server.cut(),
        ["up", _] => server.listen().await.map_err(|error| error.to_string())?,
        ["slow", _, delay] => {
            let delay = delay.parse().map_err(|_| "how many milliseconds?")?;
            server.switches.slow(Duration::from_millis(delay));
        }
        ["off", _, word] => server.switches.off(word),
        ["on", _, word] => server.switches.on(word),
        _ => return Err("down, up, slow, off or on".to_owned()),
    }
    Ok(())
}
