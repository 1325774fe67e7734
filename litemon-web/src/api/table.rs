//! The one table of `/api/v1`: every route with what it takes, what it answers and who may ask.

use std::pin::Pin;

use http::Method;
use litemon_core::manage::Role;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::{
    accounts, admin_types, audit,
    call::{Answer, Call},
    events, job_events, job_types, jobs, planned, planned_types,
    query::{Kind, Parameter},
    read, reports, servers, silence_types, silences, types, write,
};
use crate::gate::Least;

/// Something that is answered.
pub(super) struct Route {
    pub(super) method: Method,
    /// Below [`ROOT`](super::ROOT); what stands in braces is a name or a number.
    pub(super) path: &'static str,
    /// Its name in the OpenAPI document.
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) parameters: &'static [Parameter],
    /// What is to be sent along as JSON; `None`: nothing.
    pub(super) body: Option<Shaped>,
    pub(super) answer: Shape,
    /// Who may ask at least.
    pub(super) least: Least,
    pub(super) call: fn(Call) -> Pin<Box<dyn Future<Output = Answer> + Send>>,
}

/// The schema of a type.
pub(super) type Shaped = fn(&mut SchemaGenerator) -> Schema;

/// What an answer looks like.
pub(super) enum Shape {
    /// JSON with a status.
    Json(u16, Shaped),
    /// Nothing but a status.
    Nothing(u16),
    /// JSON lines.
    Lines,
    /// Server-sent events: which there are, and what their data is.
    Events(&'static str, &'static [Shaped]),
    /// The OpenAPI document itself.
    Document,
}

const fn shape<T: JsonSchema>() -> Shape {
    Shape::Json(200, SchemaGenerator::subschema_for::<T>)
}

const fn shaped<T: JsonSchema>(status: u16) -> Shape {
    Shape::Json(status, SchemaGenerator::subschema_for::<T>)
}

const fn takes<T: JsonSchema>() -> Option<Shaped> {
    Some(SchemaGenerator::subschema_for::<T>)
}

const FROM: Parameter = Parameter {
    name: "from",
    about: "From when on, as RFC 3339 or milliseconds since 1970; a day before `to` when absent",
    kind: Kind::Time,
};
const TO: Parameter = Parameter {
    name: "to",
    about: "Until when, that moment excluded; now when absent",
    kind: Kind::Time,
};

const OFFSET: Parameter = Parameter {
    name: "from",
    about: "From which byte on",
    kind: Kind::Number(0, i64::MAX, Some(0)),
};
const OPERATOR: Least = Least::Role(Role::Operator);
const ADMIN: Least = Least::Role(Role::Admin);

/// `[parameters] <- Body` for those that take one.
macro_rules! route {
    ($method:ident $path:literal, $name:literal, $about:literal, [$($parameter:expr),*], $answer:expr, $call:path) => {
        route!($method $path, $name, $about, [$($parameter),*], $answer, $call, Least::Seen)
    };
    ($method:ident $path:literal, $name:literal, $about:literal, [$($parameter:expr),*], $answer:expr, $call:path, $least:expr) => {
        route!(None; $method $path, $name, $about, [$($parameter),*], $answer, $call, $least)
    };
    ($method:ident $path:literal, $name:literal, $about:literal, [$($parameter:expr),*] <- $body:ty, $answer:expr, $call:path, $least:expr) => {
        route!(takes::<$body>(); $method $path, $name, $about, [$($parameter),*], $answer, $call, $least)
    };
    ($body:expr; $method:ident $path:literal, $name:literal, $about:literal, [$($parameter:expr),*], $answer:expr, $call:path, $least:expr) => {
        Route {
            method: Method::$method,
            path: $path,
            name: $name,
            about: $about,
            parameters: &[$($parameter),*],
            body: $body,
            answer: $answer,
            least: $least,
            call: |call| Box::pin($call(call)),
        }
    };
}

pub(super) static ROUTES: &[Route] = &[
    route!(
        GET "/status", "status", "Everything that is known now",
        [], shape::<types::StatusReport>(), read::status
    ),
    route!(
        GET "/servers", "servers", "All servers with their checks",
        [], shape::<types::ServerList>(), read::servers
    ),
    route!(
        GET "/servers/{server}", "server", "A server with its checks",
        [], shape::<types::Server>(), read::server
    ),
    route!(
        GET "/checks/{owner}/{check}", "check", "A check as it is now",
        [], shape::<types::Check>(), read::check
    ),
    route!(
        GET "/checks/{owner}/{check}/series", "series", "A check's values over a time",
        [FROM, TO, Parameter {
            name: "points",
            about: "The most samples to give",
            kind: Kind::Number(1, 2_000, Some(300)),
        }],
        shape::<types::Series>(), read::series
    ),
    route!(
        GET "/checks/{owner}/{check}/uptime", "uptime", "How long a check was what",
        [FROM, TO], shape::<types::Uptime>(), read::uptime
    ),
    route!(
        GET "/checks/{owner}/{check}/changes", "changes", "A check's status changes, oldest first",
        [FROM, TO], shape::<types::ChangeList>(), read::changes
    ),
    route!(
        POST "/checks/{owner}/{check}/run", "runCheck",
        "Runs a check at once, or right after the run it is in; for operators",
        [], shaped::<types::Accepted>(202), write::run_now,
        Least::Role(Role::Operator)
    ),
    route!(
        GET "/incidents", "incidents", "Incidents, newest first",
        [
            Parameter {
                name: "before",
                about: "Only incidents with a lower number: `next` of the page before",
                kind: Kind::Number(1, i64::MAX, None),
            },
            Parameter {
                name: "limit",
                about: "The most incidents to give",
                kind: Kind::Number(1, 500, Some(50)),
            },
            Parameter {
                name: "state",
                about: "Which incidents",
                kind: Kind::Word(&["all", "open", "closed"]),
            }
        ],
        shape::<types::IncidentPage>(), read::incidents
    ),
    route!(
        GET "/incidents/{number}", "incident",
        "An incident with its status changes, its notices and the attempts to send them",
        [], shape::<types::IncidentReport>(), read::incident
    ),
    route!(
        POST "/incidents/{number}/ack", "acknowledge",
        "Says that somebody looks after an open incident; for operators",
        [] <- silence_types::AckOrder, Shape::Nothing(204), silences::acknowledge, OPERATOR
    ),
    route!(
        DELETE "/incidents/{number}/ack", "unacknowledge",
        "Says that nobody looks after it any more; for operators",
        [], Shape::Nothing(204), silences::unacknowledge, OPERATOR
    ),
    route!(
        GET "/silences", "silences", "Times in which problems are not told: those that are, and those that come",
        [], shape::<silence_types::SilenceList>(), silences::list, Least::Detail
    ),
    route!(
        POST "/silences", "addSilence", "Problems are not told for a time; for operators",
        [] <- silence_types::NewSilence, shaped::<silence_types::Silence>(201), silences::add, OPERATOR
    ),
    route!(
        DELETE "/silences/{number}", "endSilence", "Ends such a time at once; for operators",
        [], Shape::Nothing(204), silences::end, OPERATOR
    ),
    route!(
        GET "/reports", "report",
        "What happened in a time, for administrators; a week up to `to` when `from` is absent",
        [FROM, TO], shape::<crate::report::Document>(), reports::report,
        Least::Role(Role::Admin)
    ),
    route!(
        GET "/events", "events", "What changes, as server-sent events",
        [],
        Shape::Events(
            "`event: summary` and `event: changes`; the data of each is JSON",
            &[SchemaGenerator::subschema_for::<types::Summary>, SchemaGenerator::subschema_for::<types::Changes>]
        ),
        events::events
    ),
    route!(
        GET "/jobs", "jobs", "Jobs, newest first; for operators",
        [
            Parameter {
                name: "before",
                about: "Only jobs with a lower number: `next` of the page before",
                kind: Kind::Number(1, i64::MAX, None),
            },
            Parameter {
                name: "limit",
                about: "The most jobs to give",
                kind: Kind::Number(1, 200, Some(50)),
            }
        ],
        shape::<job_types::JobPage>(), jobs::list, OPERATOR
    ),
    route!(
        POST "/jobs", "beginJob",
        "Runs an action or a command on servers; with `dry_run` nothing is run, and the answer is 200 \
         with what would be (`JobWould`); for operators",
        [] <- job_types::JobOrder, shaped::<job_types::Job>(201), jobs::begin, OPERATOR
    ),
    route!(
        GET "/schedules", "schedules",
        "The jobs of the configuration: when each runs next, and how it last ended; for operators",
        [], shape::<planned_types::PlannedList>(), planned::list, OPERATOR
    ),
    route!(
        POST "/schedules/{name}/run", "runSchedule",
        "Runs a job of the configuration now; with `dry_run` as of jobs; for operators",
        [] <- planned_types::RunOrder, shaped::<job_types::Job>(201), planned::run, OPERATOR
    ),
    route!(
        POST "/schedules/{name}/check", "checkSchedule",
        "What a job of the configuration would do now, and what speaks against it; nothing is run; for operators",
        [], shape::<planned_types::JobWould>(), planned::check, OPERATOR
    ),
    route!(
        GET "/jobs/{job}", "job", "A job with its results; for operators",
        [], shape::<job_types::Job>(), jobs::show, OPERATOR
    ),
    route!(
        GET "/jobs/{job}/events", "jobEvents",
        "A job and its results as they change (`event: job`), until it ends; for operators",
        [],
        Shape::Events(
            "`event: job`; the data is JSON",
            &[SchemaGenerator::subschema_for::<job_types::Job>]
        ),
        job_events::job, OPERATOR
    ),
    route!(
        GET "/jobs/{job}/output/{server}", "jobOutput",
        "A part of what a server put out; for operators",
        [OFFSET], shape::<job_types::JobOutput>(), jobs::output, OPERATOR
    ),
    route!(
        GET "/jobs/{job}/output/{server}/events", "jobOutputEvents",
        "What a server puts out as it comes (`event: output`, each a JobOutput), until its end; the \
         id of an event is where the next one begins: `Last-Event-ID` goes on from there; for \
         operators",
        [OFFSET],
        Shape::Events(
            "`event: output`; the data is JSON",
            &[SchemaGenerator::subschema_for::<job_types::JobOutput>]
        ),
        job_events::output, OPERATOR
    ),
    route!(
        POST "/jobs/{job}/cancel", "cancelJob",
        "Asks a job to end, everywhere or on the server of the body; without a body everywhere; for operators",
        [] <- job_types::JobPlace, shaped::<job_types::Job>(202), jobs::cancel, OPERATOR
    ),
    route!(
        POST "/jobs/{job}/pause", "pauseJob",
        "Asks a rolling job to begin nothing more until it is to go on; for operators",
        [], shaped::<job_types::Job>(202), jobs::pause, OPERATOR
    ),
    route!(
        POST "/jobs/{job}/continue", "continueJob",
        "Asks a paused job to go on; for operators",
        [], shaped::<job_types::Job>(202), jobs::go_on, OPERATOR
    ),
    route!(
        POST "/jobs/{job}/retry", "retryJob",
        "Runs a job again, as a new one, where it failed or did not begin; for operators",
        [], shaped::<job_types::Job>(201), jobs::retry,
        OPERATOR
    ),
    route!(
        GET "/inventory", "inventory",
        "All servers as they are written: those of the files, which are locked, and those that were added; for admins",
        [], shape::<admin_types::Inventory>(), servers::list, ADMIN
    ),
    route!(
        POST "/inventory", "addServer", "Adds a server, which is watched within seconds; for admins",
        [] <- admin_types::NewServer, shaped::<admin_types::ManagedServer>(201), servers::add, ADMIN
    ),
    route!(
        GET "/inventory/{server}", "managedServer", "A server as it is written; for admins",
        [], shape::<admin_types::ManagedServer>(), servers::show, ADMIN
    ),
    route!(
        PUT "/inventory/{server}", "editServer",
        "Replaces what is said of an added server; secrets that are left out stay; for admins",
        [] <- admin_types::ServerBody, shape::<admin_types::ManagedServer>(), servers::edit, ADMIN
    ),
    route!(
        DELETE "/inventory/{server}", "removeServer", "Removes an added server and its secrets; for admins",
        [], Shape::Nothing(204), servers::remove, ADMIN
    ),
    route!(
        POST "/inventory/{server}/test", "testServer",
        "Tries what a server allows, step by step; nothing on it is changed; for admins",
        [], shape::<admin_types::ServerTest>(), servers::test, ADMIN
    ),
    route!(
        POST "/inventory/{server}/pin", "pinHostKey",
        "Trusts the host key of this fingerprint from now on, if the server shows it; for admins",
        [] <- admin_types::PinOrder, shape::<admin_types::HostKey>(), servers::pin, ADMIN
    ),
    route!(
        GET "/users", "users", "All accounts; for admins",
        [], shape::<admin_types::UserList>(), accounts::users, ADMIN
    ),
    route!(
        POST "/users", "addUser",
        "Adds an account, whose first login begins with another password; for admins",
        [] <- admin_types::NewUser, shaped::<admin_types::User>(201), accounts::add_user, ADMIN
    ),
    route!(
        GET "/users/{user}", "user", "An account; for admins",
        [], shape::<admin_types::User>(), accounts::user, ADMIN
    ),
    route!(
        PUT "/users/{user}", "editUser",
        "Changes an account; what is left out stays; its sessions end; for admins",
        [] <- admin_types::UserBody, shape::<admin_types::User>(), accounts::edit_user, ADMIN
    ),
    route!(
        DELETE "/users/{user}", "removeUser",
        "Removes an account, its sessions and its tokens; for admins",
        [], Shape::Nothing(204), accounts::remove_user, ADMIN
    ),
    route!(
        GET "/tokens", "tokens", "API tokens, without their texts; for admins",
        [], shape::<admin_types::TokenList>(), accounts::tokens, ADMIN
    ),
    route!(
        POST "/tokens", "addToken",
        "Makes an API token, whose text is told this once; a token makes none: it takes a login, or control.sock; for admins",
        [] <- admin_types::NewToken, shaped::<admin_types::MadeToken>(201), accounts::add_token, ADMIN
    ),
    route!(
        DELETE "/tokens/{token}", "removeToken", "Removes an API token, which ends at once; for admins",
        [], Shape::Nothing(204), accounts::remove_token, ADMIN
    ),
    route!(
        GET "/audit", "audit", "What was done, newest first; for admins",
        [
            Parameter {
                name: "before",
                about: "Only entries with a lower number: `next` of the page before",
                kind: Kind::Number(1, i64::MAX, None),
            },
            Parameter {
                name: "limit",
                about: "The most entries to give",
                kind: Kind::Number(1, 500, Some(100)),
            },
            Parameter { name: "by", about: "Only by this account or user", kind: Kind::Text },
            Parameter {
                name: "doing",
                about: "Only this, as `server.add`, or all that begins with it and a dot, as `server`",
                kind: Kind::Text,
            },
            Parameter { name: "about", about: "Only to something with this in its name", kind: Kind::Text }
        ],
        shape::<admin_types::AuditPage>(), audit::list, ADMIN
    ),
    route!(
        GET "/audit/verify", "verifyAudit",
        "Whether the trail is as it was written, and nothing is missing; for admins",
        [], shape::<admin_types::AuditVerdict>(), audit::verify, ADMIN
    ),
    route!(
        POST "/audit/export", "exportAudit",
        "The whole trail as JSON lines with their seals, oldest first; this is itself written into it; for admins",
        [], Shape::Lines, audit::export, ADMIN
    ),
    route!(
        GET "/openapi.json", "openapi", "This document",
        [], Shape::Document, read::openapi
    ),
];
