use std::{net::IpAddr, sync::Arc, time::Duration};

use super::*;
use crate::{
    clock::VirtualClock,
    manage::{KeyFiles, Manage, ManageError, Principal, Role, Via, audit::AuditFilter},
    model::{Name, Timestamp},
    secret::Secret,
};

const GOOD: &str = "correct horse battery";
const OTHER: &str = "another horse battery";

struct House {
    manage: Manage,
    clock: Arc<VirtualClock>,
    dir: tempfile::TempDir,
}

impl House {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(VirtualClock::new(Timestamp::from_millis(1_700_000_000_000)));
        let manage = Manage::open(dir.path(), &KeyFiles::default(), clock.clone()).await.unwrap();
        Self { manage, clock, dir }
    }

    async fn with(users: &[(&str, Role)]) -> Self {
        let house = Self::new().await;
        for (user, role) in users {
            let mut new = NewUser::new(name(user), *role, Secret::new(GOOD.to_owned()));
            new.must_change = false;
            house.manage.add_user(&root(), new).await.unwrap();
        }
        house
    }

    fn later(&self, by: Duration) {
        self.clock.set_by(i64::try_from(by.as_millis()).unwrap());
    }

    async fn login(&self, user: &str, password: &str) -> Result<LoggedIn, LoginRefused> {
        self.manage.login(user, password, None, here()).await
    }

    async fn lives(&self, login: &LoggedIn) -> bool {
        self.manage.session(login.token.expose()).await.unwrap().is_some()
    }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn root() -> Principal {
    Principal::new("root", Role::Admin, Via::System)
}

fn here() -> Option<IpAddr> {
    "127.0.0.1".parse().ok()
}

fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3600)
}

#[tokio::test]
async fn a_login_lasts_until_it_is_idle_or_old() {
    let house = House::with(&[("ann", Role::Operator)]).await;
    let login = house.login("ann", GOOD).await.unwrap();
    let session = house.manage.session(login.token.expose()).await.unwrap().unwrap();
    assert_eq!((session.principal.name.as_str(), session.principal.role), ("ann", Role::Operator));
    assert_eq!(session.csrf, login.csrf);
    assert!(house.manage.session("not one").await.unwrap().is_none());
    for _ in 0..15 {
        house.later(hours(11));
        assert!(house.lives(&login).await);
    }
    house.later(hours(11));
    assert!(!house.lives(&login).await, "a week is over");
    let login = house.login("ann", GOOD).await.unwrap();
    house.later(hours(12));
    assert!(!house.lives(&login).await, "it was idle");
    let login = house.login("ann", GOOD).await.unwrap();
    house.manage.logout(&login.principal, login.token.expose()).await.unwrap();
    assert!(!house.lives(&login).await);
}

#[tokio::test]
async fn who_may_not_is_not_told_why() {
    let house =
        House::with(&[("ann", Role::Viewer), ("bob", Role::Admin), ("eve", Role::Viewer)]).await;
    house.manage.edit_user(&root(), "eve", &UserEdit::default().disabled(true)).await.unwrap();
    for (user, password) in [("ann", OTHER), ("nobody", GOOD), ("eve", GOOD), ("", ""), ("ann", "")]
    {
        let refused = house.login(user, password).await.unwrap_err();
        assert!(matches!(refused, LoginRefused::Wrong), "{user}: {refused:?}");
    }
    // A password in the field of the name is not kept.
    house.login(GOOD, "").await.unwrap_err();
    let entries = house.manage.audit_entries(&root(), None, 100, &AuditFilter::default()).await;
    assert!(!format!("{:?}", entries.unwrap()).contains(GOOD));
}

#[tokio::test]
async fn guessing_does_not_keep_the_owner_out() {
    let house = House::with(&[("ann", Role::Admin)]).await;
    let office: Option<IpAddr> = "203.0.113.5".parse().ok();
    house.manage.login("ann", GOOD, None, office).await.unwrap();
    let mut refused = 0;
    for host in 0..20 {
        let from = format!("198.51.100.{host}").parse().ok();
        let answer = house.manage.login("ann", OTHER, None, from).await.unwrap_err();
        refused += usize::from(matches!(answer, LoginRefused::TooMany(_)));
    }
    assert!(refused > 0);
    let stranger = "198.51.100.99".parse().ok();
    let right = house.manage.login("ann", GOOD, None, stranger).await;
    assert!(matches!(right, Err(LoginRefused::TooMany(_))), "a stranger waits: {right:?}");
    house.manage.login("ann", GOOD, None, office).await.unwrap();
    house.manage.login("ann", GOOD, None, here()).await.unwrap();
}

#[tokio::test]
async fn another_password_or_role_ends_the_sessions() {
    let house = House::with(&[("ann", Role::Operator), ("bob", Role::Admin)]).await;
    let (one, two) =
        (house.login("ann", GOOD).await.unwrap(), house.login("ann", GOOD).await.unwrap());
    let wrong = house.manage.change_password(&one.principal, OTHER, OTHER).await;
    assert!(matches!(wrong, Err(ManageError::Invalid { field: "current", .. })), "{wrong:?}");
    for bad in ["short", GOOD] {
        let answer = house.manage.change_password(&one.principal, GOOD, bad).await;
        assert!(matches!(answer, Err(ManageError::Invalid { field: "new", .. })), "{answer:?}");
    }
    let three = house.manage.change_password(&one.principal, GOOD, OTHER).await.unwrap();
    assert_eq!([house.lives(&one).await, house.lives(&two).await], [false, false]);
    assert!(house.lives(&three).await);
    house.login("ann", GOOD).await.unwrap_err();
    house.manage.edit_user(&root(), "ann", &UserEdit::default().role(Role::Viewer)).await.unwrap();
    assert!(!house.lives(&three).await);
    let four = house.login("ann", OTHER).await.unwrap();
    assert_eq!(four.principal.role, Role::Viewer);
    house.manage.reset_password(&root(), "ann", GOOD, true).await.unwrap();
    assert!(!house.lives(&four).await);
    assert!(house.login("ann", GOOD).await.unwrap().must_change);
}

#[tokio::test]
async fn somebody_is_left_to_manage() {
    let house = House::with(&[("ann", Role::Admin), ("bob", Role::Admin)]).await;
    let ann = house.login("ann", GOOD).await.unwrap().principal;
    let to = |role| UserEdit::default().role(role);
    house.manage.edit_user(&ann, "bob", &UserEdit::default().disabled(true)).await.unwrap();
    let edits = [to(Role::Operator), UserEdit::default().disabled(true)];
    for edit in &edits {
        let left = house.manage.edit_user(&ann, "ann", edit).await;
        assert!(matches!(left, Err(ManageError::Conflict(_))), "{left:?}");
    }
    assert!(matches!(house.manage.remove_user(&ann, "ann").await, Err(ManageError::Conflict(_))));
    house.manage.edit_user(&ann, "bob", &UserEdit::default().disabled(false)).await.unwrap();
    house.manage.edit_user(&ann, "ann", &to(Role::Operator)).await.unwrap();
    assert!(matches!(
        house.manage.edit_user(&root(), "zoe", &to(Role::Viewer)).await,
        Err(ManageError::NotFound { .. })
    ));
    house.manage.remove_user(&root(), "bob").await.unwrap();
    house.manage.remove_user(&root(), "ann").await.unwrap();
    assert!(!house.manage.has_users().await.unwrap());
    assert!(house.manage.add_first_admin(&root()).await.unwrap().is_some());
    assert!(house.manage.add_first_admin(&root()).await.unwrap().is_none());
}

#[tokio::test]
async fn only_admins_manage_accounts() {
    let house = House::with(&[("ann", Role::Operator), ("bob", Role::Admin)]).await;
    let ann = house.login("ann", GOOD).await.unwrap().principal;
    let new = NewUser::new(name("eve"), Role::Admin, Secret::new(GOOD.to_owned()));
    let forbidden = [
        house.manage.users(&ann).await.err(),
        house.manage.add_user(&ann, new).await.err(),
        house.manage.edit_user(&ann, "ann", &UserEdit::default().role(Role::Admin)).await.err(),
        house.manage.remove_user(&ann, "bob").await.err(),
        house.manage.reset_password(&ann, "bob", GOOD, false).await.err(),
        house.manage.remove_totp(&ann, "bob", None).await.err(),
        house.manage.user(&ann, "bob").await.err(),
        house.manage.sessions(&ann, true).await.err(),
        house.manage.audit_verify(&ann).await.err(),
        house.manage.add_token(&ann, NewToken::new(name("t"), Role::Viewer)).await.err(),
    ];
    for (at, error) in forbidden.into_iter().enumerate() {
        assert!(matches!(error, Some(ManageError::Forbidden(_))), "{at}: {error:?}");
    }
    assert_eq!(house.manage.user(&ann, "ann").await.unwrap().role, Role::Operator);
    // The operating system's user of the same name is somebody else.
    let other = Principal::new("ann", Role::Viewer, Via::System);
    assert!(house.manage.user(&other, "ann").await.is_err());
    assert!(house.manage.change_password(&other, GOOD, OTHER).await.is_err());
    assert!(house.manage.tokens(&other).await.is_err());
}

#[tokio::test]
async fn a_token_is_never_more_than_its_account_and_ends_with_it() {
    let house = House::with(&[("ann", Role::Operator), ("bob", Role::Admin)]).await;
    let ann = house.login("ann", GOOD).await.unwrap().principal;
    let mut new = NewToken::new(name("mine"), Role::Operator);
    new.user = Some(name("ann"));
    new.lasts = Some(hours(48));
    let made = house.manage.add_token(&ann, new.clone()).await.unwrap();
    let text = made.secret.expose();
    assert!(text.starts_with("litemon_"));
    let role = async || house.manage.token_principal(text).await.unwrap().map(|by| by.role);
    assert_eq!(role().await, Some(Role::Operator));
    assert!(matches!(
        house.manage.add_token(&ann, new.clone()).await,
        Err(ManageError::Taken { .. })
    ));
    house.manage.edit_user(&root(), "ann", &UserEdit::default().role(Role::Viewer)).await.unwrap();
    assert_eq!(role().await, Some(Role::Viewer));
    house.manage.edit_user(&root(), "ann", &UserEdit::default().disabled(true)).await.unwrap();
    assert_eq!(role().await, None);
    house.manage.edit_user(&root(), "ann", &UserEdit::default().disabled(false)).await.unwrap();
    let by_token = house.manage.token_principal(text).await.unwrap().unwrap();
    assert_eq!(by_token.via, Via::Token("mine".to_owned()));
    assert!(house.manage.add_token(&by_token, new).await.is_err(), "a token makes none");
    let admins = Principal::new("robot", Role::Admin, Via::Token("robot".to_owned()));
    let another = NewToken::new(name("another"), Role::Viewer);
    assert!(house.manage.add_token(&admins, another).await.is_err(), "that of an admin neither");
    house.later(hours(48));
    assert_eq!(role().await, None);
    let alone = NewToken::new(name("robot"), Role::Viewer);
    let robot = house.manage.add_token(&root(), alone).await.unwrap();
    assert!(house.manage.token_principal(robot.secret.expose()).await.unwrap().is_some());
    assert_eq!(house.manage.tokens(&ann).await.unwrap().len(), 1);
    house.manage.remove_token(&root(), "robot").await.unwrap();
    assert!(house.manage.token_principal(robot.secret.expose()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_code_is_asked_for_and_used_once() {
    let house = House::with(&[("ann", Role::Admin)]).await;
    let ann = house.login("ann", GOOD).await.unwrap().principal;
    assert!(house.manage.enroll_totp(&ann, OTHER).await.is_err());
    let setup = house.manage.enroll_totp(&ann, GOOD).await.unwrap();
    let login = async |code: &str| house.manage.login("ann", GOOD, Some(code), here()).await;
    assert!(login("").await.is_ok(), "nothing is asked for yet");
    let code = |house: &House| totp::present_code(&setup.secret, house.manage.office.clock.now());
    assert!(house.manage.confirm_totp(&ann, "000").await.is_err());
    let used = code(&house);
    house.manage.confirm_totp(&ann, &used).await.unwrap();
    assert!(house.manage.user(&ann, "ann").await.unwrap().totp);
    assert!(matches!(login("").await, Err(LoginRefused::CodeNeeded)));
    assert!(matches!(login(&used).await, Err(LoginRefused::Wrong)), "it was used");
    house.later(Duration::from_secs(60));
    let next = code(&house);
    assert!(login(&next).await.is_ok());
    assert!(matches!(login(&next).await, Err(LoginRefused::Wrong)), "it was used");
    let wrong_password = house.manage.login("ann", OTHER, None, here()).await;
    assert!(matches!(wrong_password, Err(LoginRefused::Wrong)));
    house.later(Duration::from_secs(60));
    assert!(login(&code(&house)).await.is_ok());
    assert_eq!(house.manage.rekey(&root()).await.unwrap(), 1, "the secret is sealed anew");
    house.later(Duration::from_secs(60));
    assert!(login(&code(&house)).await.is_ok());
    assert!(house.manage.remove_totp(&ann, "ann", Some(OTHER)).await.is_err());
    house.manage.remove_totp(&root(), "ann", None).await.unwrap();
    assert!(login("").await.is_ok());
    let kept = std::fs::read(house.dir.path().join(Manage::FILE)).unwrap();
    let kept = String::from_utf8_lossy(&kept).into_owned();
    assert!(!kept.contains(setup.secret.expose()) && !kept.contains(GOOD));
}

#[tokio::test]
async fn an_account_vouches_for_whoever_is_at_the_machine() {
    let house = House::with(&[("ann", Role::Operator), ("bob", Role::Admin)]).await;
    let vouch = async |by: &Principal, whom: &str, password: &str| {
        house.manage.vouch(by, whom, &Secret::new(password.to_owned())).await
    };
    assert_eq!(vouch(&root(), "ann", GOOD).await.unwrap().role, Role::Operator);
    assert!(matches!(vouch(&root(), "ann", OTHER).await, Err(ManageError::Invalid { .. })));
    assert!(matches!(vouch(&root(), "eve", GOOD).await, Err(ManageError::NotFound { .. })));
    let robot = Principal::new("robot", Role::Admin, Via::Token("robot".to_owned()));
    assert!(matches!(vouch(&robot, "ann", GOOD).await, Err(ManageError::Forbidden(_))));
    let off = UserEdit::default().disabled(true);
    house.manage.edit_user(&root(), "ann", &off).await.unwrap();
    assert!(matches!(vouch(&root(), "ann", GOOD).await, Err(ManageError::Forbidden(_))));
    let all = house.manage.audit_entries(&root(), None, 100, &AuditFilter::default()).await;
    let told = format!("{:?}", all.unwrap());
    assert!(told.contains("user.vouch") && !told.contains(GOOD), "{told}");
}
