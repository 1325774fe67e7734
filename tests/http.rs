//! `kind = "http"`: the program and a server.

use crate::support::{
    free_port,
    litemon::Litemon,
    statistics::{Mood, Statistics},
};

// The program is waited for while the server answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_judged_by_its_status_its_body_and_its_time() {
    let server = Statistics::start().await;
    let url = format!("{}?key=k3y&date1=2016-04-14&date2=2016-04-14", server.url());
    let litemon = Litemon::prepare(
        &format!(
            "[checks.site]\nkind = \"http\"\nurl = {{ env = \"SITE_URL\" }}\nstatus = 200\n\
             expect = 'count\": \"1\"'\nthreshold = 5\n\
             [checks.words]\nkind = \"http\"\nurl = {{ env = \"SITE_URL\" }}\nnot_expect = \"from\"\n\
             [checks.slow]\nkind = \"http\"\nurl = {{ env = \"SITE_URL\" }}\nthreshold = 0\n\
             [servers.here]\naddress = \"local\"\n\
             [servers.here.checks.gone]\nkind = \"http\"\nurl = \"http://127.0.0.1:{}/\"\n",
            free_port()
        ),
        &[("SITE_URL", &url)],
    );
    let probe = |name: &str| {
        let output = litemon.command(&["probe", name]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let text = text + &String::from_utf8_lossy(&output.stderr);
        assert!(!text.contains("k3y") && !text.contains("/users"), "{text}");
        (output.status.code().unwrap(), text)
    };
    let (code, text) = probe("checks/site");
    assert!(code == 0 && text.contains("s  HTTP 200 OK"), "{text}");
    let (code, text) = probe("checks/words");
    let why = "HTTP 200 OK, but the answer has what is not expected";
    assert!(code == 2 && text.contains(why), "{text}");
    let (code, text) = probe("checks/slow");
    assert!(code == 2 && text.contains("s > 0.000 s"), "{text}");
    let (code, text) = probe("here/gone");
    assert!(code == 2 && text.contains("connection refused"), "{text}");
    server.set(Mood::Fails);
    let (code, text) = probe("checks/site");
    assert!(code == 2 && text.contains("HTTP 500 Internal Server Error"), "{text}");
}
