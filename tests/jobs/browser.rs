//! The end of a browser in the middle of a job.

use std::sync::Arc;

use litemon_core::{
    clock::SystemClock,
    manage::{KeyFiles, Manage, Principal, Role, accounts::NewUser},
    secret::Secret,
};

use super::{PATIENCE, detached::Debian, lives, name};
use crate::{
    support::{
        chromium::{Browser, Options},
        eventually,
        litemon::Litemon,
    },
    web_jobs::looked_at,
};

const PASSWORD: &str = "a canary in the coal mine";

/// An operator who logs in with [`PASSWORD`].
async fn operator(litemon: &Litemon) {
    let clock = Arc::new(SystemClock);
    let manage = Manage::open(&litemon.state_dir(), &KeyFiles::default(), clock).await.unwrap();
    let mut new = NewUser::new(name("ann"), Role::Operator, Secret::new(PASSWORD.to_owned()));
    new.must_change = false;
    manage.add_user(&Principal::system(Some(0)), new).await.unwrap();
}

async fn says(browser: &Browser, what: &str) {
    eventually(&format!("the page to say {what:?}"), PATIENCE, async || {
        let text = browser.eval("return document.body.innerText").await.ok()?;
        text.as_str().filter(|text| text.contains(what)).map(|_| ())
    })
    .await;
}

/// A browser with an operator in front of it, at a page.
async fn logged_in(litemon: &Litemon, page: &str) -> Browser {
    let browser = Browser::start(Options::default()).await.unwrap();
    browser.open(&litemon.url(page)).await.unwrap();
    says(&browser, "Log in").await;
    let enter = format!(
        "document.querySelector('[name=name]').value = 'ann';\
         document.querySelector('[name=password]').value = '{PASSWORD}';\
         document.querySelector('form.entry').requestSubmit()"
    );
    browser.eval(&enter).await.unwrap();
    browser
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_goes_on_without_the_browser_that_began_it() {
    let debian = Debian::start().await;
    let litemon = Litemon::start(&debian.configuration(), &[]).await;
    operator(&litemon).await;
    let browser = logged_in(&litemon, "/servers?select=all").await;
    says(&browser, "1 server selected").await;
    let begin = "const form = document.querySelector('#run');\
                 form.requestSubmit(document.querySelector('button[value=refresh]'))";
    browser.eval(begin).await.unwrap();
    says(&browser, "begins").await;
    let apt: u32 = {
        let said = litemon.output(1, "a").await;
        said.lines().find_map(|line| line.strip_prefix("pid ")).unwrap().parse().unwrap()
    };
    // Its processes are killed, not asked to end.
    drop(browser);
    assert!(lives(apt));

    let browser = logged_in(&litemon, "/jobs/1").await;
    says(&browser, "begins").await;
    assert!(litemon.show(1).await["ended"].is_null());
    debian.go(0);
    says(&browser, "ends").await;
    says(&browser, "succeeded").await;
    assert_eq!(litemon.ended(1).await["results"][0]["outcome"], "ok");
    assert_eq!(debian.begun(), 1);

    // It stands on the server's page, which says what the server is, and is marked in charts.
    eventually("what the server told", PATIENCE, async || {
        browser.open(&litemon.url("/servers/a")).await.unwrap();
        let text = browser.eval("return document.body.innerText").await.ok()?;
        let all = ["What ran here", "What the server says of itself", "Kernel"];
        all.iter().all(|part| text.as_str().unwrap().contains(part)).then_some(())
    })
    .await;
    looked_at(&browser, "server-told").await;
    browser.open(&litemon.url("/checks/a/ssh?range=1h")).await.unwrap();
    eventually("the mark in the chart", PATIENCE, async || {
        let mark = "return document.querySelector('.plot .job[data-job=\"1\"]') !== null";
        browser.eval(mark).await.ok()?.as_bool().filter(|found| *found)
    })
    .await;
    looked_at(&browser, "check-job").await;
    assert_eq!(browser.console().await.unwrap(), Vec::<String>::new());
}
