//! An agentless monitor to embed: probes over SSH and on this machine, a scheduler that runs them when
//! they are due, incidents that begin and end, and notices that arrive.
//!
//! # The words
//!
//! A **server** is watched by **checks**. A check is a [probe](probe::Probe) (looks once), a
//! [schedule](model::Schedule) (when, and how often it must fail), [criteria](model::Criteria) (what
//! is bad) and the names of those who are told. A probe gives an
//! [observation](model::Observation) or a [failure](model::Failure) of a closed
//! [kind](model::FailureKind); criteria make a [status](model::Status) of it: Ok, Warning, Critical or
//! Unknown. Enough bad results in a row make a **problem**, which opens a numbered
//! [incident](model::Incident); only an Ok ends it. Each is told by a [notice](model::Notice), which a
//! [notifier](notify::Notifier) puts into words and sends.
//!
//! # The picture
//!
//! ```text
//! configuration ──→ plan ──→ scheduler ──→ probe (over exec: SSH · local) ──→ outcome
//!                                                                                │
//!  handle: snapshot · changes ←── monitor: criteria → state → who is told ←──────┘
//!                                                │
//!                              journal (state, incidents, outbox; fsynced)
//!                                                │ after the commit
//!                              delivery ──→ notifier (SMS · command · yours)
//!                                                │ when it can
//!                              store: history (memory · SQLite · MySQL)
//! ```
//!
//! Alerting stands on the [journal](journal::Journal), which is local; the [store](store::Store) is
//! history and may be away for hours. Sending never blocks checking. Decisions ([`criteria`],
//! [`state`], the monitor's core) are pure functions of what was seen and when.
//!
//! # A monitor on fakes
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use litemon_core::{
//!     model::{CheckId, CheckKind, Failure, Observation, Schedule, Status},
//!     monitor::{Check, Monitor},
//!     probe::Probe,
//! };
//!
//! /// A lamp that is always on.
//! #[derive(Debug)]
//! struct Lamp;
//!
//! #[async_trait::async_trait]
//! impl Probe for Lamp {
//!     async fn run(&self, _deadline: tokio::time::Instant) -> Result<Observation, Failure> {
//!         Ok(Observation::Switch { on: true, detail: None })
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let lamp = Check::new(CheckId::parse("checks/lamp")?, CheckKind::Service, Arc::new(Lamp))
//!     .schedule(Schedule { interval: Duration::from_millis(50), ..Schedule::default() });
//! let monitor = Monitor::builder().check(lamp).start().await?;
//!
//! let mut snapshots = monitor.handle().watch();
//! let seen = snapshots
//!     .wait_for(|now| now.check("checks/lamp").is_some_and(|check| check.status == Status::Ok));
//! tokio::time::timeout(Duration::from_secs(5), seen).await??;
//! monitor.shutdown(Duration::from_secs(1)).await;
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! None is on by default; each stands alone.
//!
//! | feature | gives |
//! |---|---|
//! | `config` | the configuration file: reading, planning, its mistakes, its schema |
//! | `ssh` | commands on other machines (`ssh-rsa`: RSA client keys too) |
//! | `stomp` | the check that sends a message through a STOMP broker and waits for it |
//! | `sqlite` | the durable journal, and history in a file |
//! | `mysql` | history in MySQL or MariaDB |
//! | `http` | checks that ask over HTTP: requests, statistics; the dead man's switch |
//! | `templates` | words of one's own for notices |
//! | `gateway` | the notifier `http`, for any service over HTTP |
//! | `sms` | the notifier for SMS gateways over HTTP |
//! | `webhook` | the notifier that posts the event as signed JSON |
//! | `email` | the notifier that sends mail |
//! | `exec` | the notifier that runs a command |
//! | `tls` | the kind `tls`: certificates that are trusted, and for how long |
//! | `dns` | the kind `dns`: names and what they stand for |
//! | `ping` | the kind `ping`: ICMP echo |
//! | `manage` | accounts, servers, actions and jobs: who does what on which servers |
//! | `simulate` | written timelines, played through the monitor on a virtual clock |
//! | `testing` | builders of snapshots, for tests of what shows them |
//!
//! The library installs nothing global: no TLS provider, no logger, no panic hook, no signal handler.

pub mod answer;
pub mod canary;
pub mod clock;
#[cfg(feature = "config")]
pub mod config;
pub mod criteria;
pub mod exec;
pub mod heartbeat;
pub mod hold;
#[cfg(feature = "http")]
mod http;
pub mod journal;
#[cfg(feature = "manage")]
pub mod manage;
pub mod measures;
pub mod model;
pub mod monitor;
mod net;
pub mod notify;
pub mod policy;
pub mod probe;
pub mod report;
pub mod schedule;
pub mod secret;
#[cfg(feature = "simulate")]
pub mod simulate;
pub mod state;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
