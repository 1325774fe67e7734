//! `/api/v1/users` and `/api/v1/tokens`.

use std::time::Duration;

use litemon_core::{
    manage::{
        ManageError, Principal, Role, Via,
        accounts::{self, ApiToken, UserEdit},
    },
    secret::Secret,
};

use super::{
    admin_types::{MadeToken, NewToken, NewUser, Token, TokenList, User, UserBody, UserList},
    call::{Answer, Call, body, json},
    servers::{created, named, names, nothing, texts, who},
};

pub(super) async fn users(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    let users = manage.users(&by).await?;
    json(&UserList { users: users.iter().map(User::from).collect() })
}

pub(super) async fn user(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    json(&User::from(&manage.user(&by, call.segment(0)).await?))
}

pub(super) async fn add_user(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    let asked: NewUser = body(&call)?;
    let password = Secret::new(asked.password);
    let mut new = accounts::NewUser::new(named("name", &asked.name)?, role(&asked.role)?, password);
    new.groups = names("groups", &asked.groups)?;
    created(&User::from(&manage.add_user(&by, new).await?))
}

pub(super) async fn edit_user(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    let asked: UserBody = body(&call)?;
    let mut edit = UserEdit::default();
    edit.role = asked.role.as_deref().map(role).transpose()?;
    edit.groups = asked.groups.map(|list| names("groups", &list)).transpose()?;
    edit.disabled = asked.disabled;
    json(&User::from(&manage.edit_user(&by, call.segment(0), &edit).await?))
}

pub(super) async fn remove_user(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    manage.remove_user(&by, call.segment(0)).await?;
    nothing()
}

pub(super) async fn tokens(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    let tokens = manage.tokens(&by).await?;
    json(&TokenList { tokens: tokens.iter().map(Token::from).collect() })
}

pub(super) async fn add_token(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    let made = manage.add_token(&by, wanted(&by, body(&call)?)?).await?;
    let secret = made.secret.expose().to_owned();
    created(&MadeToken { token: Token::from(&made.token), secret })
}

fn wanted(by: &Principal, asked: NewToken) -> Result<accounts::NewToken, ManageError> {
    let mut new = accounts::NewToken::new(named("name", &asked.name)?, role(&asked.role)?);
    let own = (by.via == Via::Session).then(|| by.name.clone());
    new.user = asked.user.or(own).map(|user| named("user", &user)).transpose()?;
    new.groups = names("groups", &asked.groups)?;
    new.lasts = asked.lasts_ms.map(Duration::from_millis);
    Ok(new)
}

pub(super) async fn remove_token(call: Call) -> Answer {
    let (manage, by) = who(&call)?;
    manage.remove_token(&by, call.segment(0)).await?;
    nothing()
}

fn role(word: &str) -> Result<Role, ManageError> {
    Role::parse(word)
        .ok_or_else(|| ManageError::invalid("role", "viewer, operator or admin is expected"))
}

impl From<&accounts::User> for User {
    fn from(user: &accounts::User) -> Self {
        Self {
            name: user.name.to_string(),
            role: user.role.word().to_owned(),
            groups: texts(&user.groups),
            disabled: user.disabled,
            must_change: user.must_change,
            totp: user.totp,
            created: user.created.into(),
            last_login: user.last_login.map(Into::into),
        }
    }
}

impl From<&ApiToken> for Token {
    fn from(token: &ApiToken) -> Self {
        Self {
            name: token.name.to_string(),
            user: token.user.as_ref().map(ToString::to_string),
            role: token.role.word().to_owned(),
            groups: texts(&token.groups),
            created: token.created.into(),
            ends: token.ends.map(Into::into),
            used: token.used.map(Into::into),
        }
    }
}
