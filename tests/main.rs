//! litemon against the real components: one binary, a module for each area.
#![allow(missing_docs, unreachable_pub, reason = "tests are read, not called")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout)]

mod actions;
mod answers;
mod api;
mod benchmark;
mod cli;
mod clock;
mod devices;
mod faults;
mod harness;
mod http;
mod isolated;
mod jobs;
mod journal;
mod kinds;
mod local;
mod managed;
mod messaging;
mod metrics;
mod notify;
mod planned;
mod profile;
mod report;
mod reports;
mod rolling;
mod scene_fleet;
mod scene_paper;
mod scene_sms;
mod silence;
mod simulate;
mod ssh;
mod stats;
mod store;
mod store_measures;
mod storm;
mod support;
mod top;
mod ways;
mod web;
mod web_actions;
mod web_charts;
mod web_jobs;
mod web_login;
mod web_pages;
mod web_servers;
