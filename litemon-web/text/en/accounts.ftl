# Logins, accounts and administration.

accounts-log_in = Log in
accounts-log_out = Log out
accounts-name = Name
accounts-password = Password
accounts-code = Code of your authenticator
accounts-code_needed = This account asks for a code as well. Enter your password again, with the code.
accounts-wrong = The name, the password or the code is wrong.
accounts-busy = Too many people log in at this moment. Try again.
accounts-no_accounts = Nobody can log in yet
accounts-no_accounts_hint = There is no account. On the machine that runs litemon: “litemon user add NAME --role admin”.
accounts-overheard = No login over this connection
accounts-overheard_hint = Others on the network could read the password. Use the address that begins with https://, or set “tls” or “trusted_proxies” in [web].
accounts-account = Account
accounts-cancel = Cancel
accounts-current_password = Current password
accounts-new_password = New password
accounts-repeat_password = New password again
accounts-change_password = Change password
accounts-password_hint = All other sessions of this account end when its password changes.
accounts-must_change_hint = Choose a password of your own first. The one you were given is good for this login only.
accounts-not_the_same = The new passwords are not the same.
accounts-sessions = Sessions
accounts-begun = Begun
accounts-last_seen = Last seen
accounts-from = From
accounts-this_session = this session
accounts-end_session = End
accounts-tokens = API tokens
accounts-tokens_hint = Programs show a token in the place of a login, as “Authorization: Bearer TOKEN”. It may do at most what this account may.
accounts-token_name = Name of the token
accounts-ends = Ends
accounts-ends_never = when it is removed
accounts-lasts = Lasts
accounts-last_used = Last used
accounts-never = never
accounts-remove = Remove
accounts-add_token = Add a token
accounts-role = Role
accounts-groups = Groups
accounts-groups_hint = On whose servers they may act, separated by commas. Empty: on all.
accounts-all_servers = all servers
accounts-users = Users
accounts-actions = Actions
accounts-audit = Audit
accounts-add_user = Add a user
accounts-is_enabled = may log in
accounts-is_disabled = disabled
accounts-has_to_change = has to change the password
accounts-with_code = may log in, with a code
accounts-last_login = Last login
accounts-created = Added
accounts-disabled = May not log in
accounts-save = Save
accounts-reset_password = Give a one-time password
accounts-reset_hint = The sessions of this user end. The password is shown once, and has to be changed at the next login.
accounts-remove_user = Remove
accounts-remove_hint = The account, its sessions and its API tokens are removed. What the user did stays in the audit trail.
accounts-please_log_in = Log in first
accounts-please_log_in_hint = Only those who have logged in may see or do this.
accounts-forbidden = You may not do this
accounts-forbidden_hint = Your role does not allow it. Ask an administrator.
accounts-forged = This form is too old
accounts-forged_hint = It was not sent from a page of this session. Nothing was done: open the page again, and send it again.
accounts-away = The accounts cannot be read now
accounts-away_hint = litemon cannot read or write its local database. See its log.
accounts-codes = Codes at logins
accounts-codes_on = Each login of this account takes a code of your authenticator app as well.
accounts-codes_off = A login takes the password only. With an authenticator app (TOTP), somebody who knows the password still cannot log in.
accounts-codes_add = Set up an authenticator
accounts-codes_remove = Ask for no codes
accounts-codes_setup = Enter this key into your authenticator app. It is shown this once only:
accounts-codes_open = Open in an app on this device
accounts-codes_confirm = Ask for codes from now on
accounts-codes_lost = For somebody who has lost the app: the next login takes the password only.
accounts-when = When
accounts-who = Who
accounts-what = What
accounts-about = To what
accounts-outcome = Outcome
accounts-older = Older ones
accounts-verify = Verify the trail
accounts-export = Export as JSON lines
accounts-broken = The trail is not as it was written:
accounts-too_many = Too many wrong logins. Try again in { $seconds } s.
accounts-role_of =
    { $role ->
        [viewer] viewer: sees everything
        [operator] operator: runs actions and commands
       *[other] admin: manages users and servers
    }
accounts-days =
    { $count ->
        [one] 1 day
       *[other] { $count } days
    }
accounts-token_once = The token { $name }. It is shown this once only:
accounts-password_once = The one-time password of { $user }. It is shown this once only, and has to be changed at the first login:
accounts-gone = { $name } is not there (any more).
accounts-taken = { $name } is there already.
accounts-remove_named = Remove { $name }
accounts-intact = All { $count } entries are as they were written, and none is missing.
