//! Who sends a request.

use std::{sync::Arc, time::Duration};

use http::{header, request::Parts};
use litemon_core::{
    manage::{ManageError, Principal, Role},
    secret::Secret,
};

use super::{Came, Cookies, csrf};
use crate::{pages::Trouble, serve::Local, service::Site, settings::Settings};

/// The longest that looking somebody up may take.
const WITHIN: Duration = Duration::from_secs(5);

/// By what somebody is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    Nothing,
    /// The cookie of a login.
    Session,
    /// `Authorization: Bearer`.
    Token,
    /// The socket in the state folder.
    Socket,
    /// What the application says that litemon is mounted in.
    Host,
}

impl Proof {
    /// Whether a browser sends it by itself, also for a page of somebody else.
    pub(crate) const fn is_sent_by_itself(self) -> bool {
        !matches!(self, Self::Token | Self::Socket)
    }
}

/// The one who sends a request.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) principal: Option<Principal>,
    pub(crate) proof: Proof,
    /// Nobody has to log in: this machine's users may read everything, as there are no accounts.
    pub(crate) open: bool,
    /// Names, states, values and times may be read by everybody.
    pub(crate) public: bool,
    /// There is management.
    pub(crate) managed: bool,
    /// Something can be run here.
    pub(crate) jobs: bool,
    /// There are accounts that one can log in to.
    pub(crate) accounts: bool,
    /// A token was sent that is not, or no longer, good.
    pub(crate) wrong_token: bool,
    /// What the forms of this visitor carry in the field `csrf`.
    pub(crate) csrf: String,
    /// What `csrf` was made from before a login; to be kept in a cookie by the page with the form.
    pub(crate) form: Option<String>,
    /// What the session is kept by, for its end.
    pub(crate) token: Option<Secret>,
    /// The number of the session.
    pub(crate) session: Option<i64>,
    /// Nothing may be done before the password is changed.
    pub(crate) must_change: bool,
    pub(crate) came: Came,
}

/// What of a visitor changes how a page is drawn. Drawings are shared by those of the same kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reader {
    /// Whether errors, addresses and recipients may be shown.
    pub(crate) detail: bool,
    /// What it may do.
    pub(crate) role: Option<Role>,
}

impl Visitor {
    /// Somebody who is not asked.
    pub(crate) const fn nobody(came: Came, settings: &Settings) -> Self {
        Self {
            principal: None,
            proof: Proof::Nothing,
            open: false,
            public: settings.public,
            managed: false,
            jobs: false,
            accounts: false,
            wrong_token: false,
            csrf: String::new(),
            form: None,
            token: None,
            session: None,
            must_change: false,
            came,
        }
    }

    /// The same at a dashboard.
    pub(crate) fn stranger_to(site: &Site, came: Came) -> Self {
        Self {
            managed: site.handles.manage.is_some(),
            jobs: site.handles.jobs.is_some(),
            ..Self::nobody(came, &site.settings)
        }
    }

    /// Looks up who sends this.
    ///
    /// # Errors
    /// When the accounts cannot be read now.
    pub(crate) async fn of(head: &Parts, site: &Site) -> Result<Self, Trouble> {
        let came = Came::of(head, &site.settings);
        let mut visitor = Self::stranger_to(site, came);
        if let Some(local) = head.extensions.get::<Local>() {
            let principal = Principal::system(local.user);
            visitor.principal = Some(principal);
            visitor.proof = Proof::Socket;
            return Ok(visitor);
        }
        let looked = tokio::time::timeout(WITHIN, visitor.look(head, site)).await;
        match looked {
            Ok(Ok(())) => Ok(visitor),
            Ok(Err(error)) => {
                tracing::warn!(error = %one_line(&error), "the accounts cannot be read");
                Err(Trouble::AccountsAway)
            }
            Err(_) => Err(Trouble::AccountsAway),
        }
    }

    async fn look(&mut self, head: &Parts, site: &Site) -> Result<(), ManageError> {
        if let Some(authenticator) = &site.handles.authenticator {
            self.principal = authenticator.principal(head).await;
            self.accounts = true;
            if let Some(principal) = &self.principal {
                self.proof = Proof::Host;
                self.csrf = site.keys.token("host", &principal.name);
            }
            return Ok(());
        }
        self.accounts(head, site).await?;
        if self.principal.is_none() {
            self.stranger(head, site);
        }
        Ok(())
    }

    /// Before a login, forms belong to a browser by a cookie of their own.
    fn stranger(&mut self, head: &Parts, site: &Site) {
        let kept = Cookies::new(self.came.https).form(&head.headers);
        let value = kept.map_or_else(csrf::random, str::to_owned);
        self.csrf = site.keys.token("form", &value);
        self.form = kept.is_none().then_some(value);
    }

    /// Whether errors, addresses and recipients may be shown.
    pub(crate) const fn detail(&self) -> bool {
        self.open || self.principal.is_some()
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader {
            detail: self.detail(),
            role: self.principal.as_ref().map(|principal| principal.role),
        }
    }

    /// Whether it may do what needs this role.
    pub(crate) fn may(&self, least: Role) -> bool {
        self.principal.as_ref().is_some_and(|principal| principal.role >= least)
    }

    /// Whether both are the same somebody with the same rights.
    pub(crate) fn is_still(&self, now: &Self) -> bool {
        self.principal == now.principal
            && self.open == now.open
            && self.session == now.session
            && !now.wrong_token
    }
}

/// Shared by what a request passes through.
pub(crate) type Someone = Arc<Visitor>;

fn bearer(head: &Parts) -> Option<&str> {
    let text = head.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn one_line(error: &dyn std::error::Error) -> String {
    litemon_core::model::Failure::internal(error).message
}

impl Visitor {
    async fn accounts(&mut self, head: &Parts, site: &Site) -> Result<(), ManageError> {
        let loopback = site.settings.listen.ip().is_loopback();
        let Some(manage) = &site.handles.manage else {
            self.open = loopback && !self.public;
            return Ok(());
        };
        self.accounts = manage.has_users().await?;
        let direct = site.settings.trusted_proxies.is_empty();
        self.open = loopback && direct && !self.public && !self.accounts;
        // What others could have read on the way proves nothing.
        if !self.came.private || !self.accounts {
            return Ok(());
        }
        if let Some(token) = bearer(head) {
            let principal = manage.token_principal(token).await?;
            self.principal = principal.map(|principal| principal.from_address(self.came.from));
            self.wrong_token = self.principal.is_none();
            self.proof = Proof::Token;
        } else if let Some(token) = Cookies::new(self.came.https).session(&head.headers)
            && let Some(session) = manage.session(token).await?
        {
            self.principal = Some(session.principal.from_address(self.came.from));
            self.proof = Proof::Session;
            self.csrf = session.csrf;
            self.token = Some(Secret::new(token.to_owned()));
            self.must_change = session.must_change;
            self.session = Some(session.id);
        }
        Ok(())
    }
}
