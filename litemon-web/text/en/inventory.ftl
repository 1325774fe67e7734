# The page on which servers are added and edited.

inventory-add = Add server
inventory-none = No server is like that.
inventory-to_list = To the list of servers
inventory-name = Name
inventory-name_hint = Letters, digits, dots, dashes; it stays, as its history stands under it.
inventory-address = Address
inventory-address_hint = A host, host:port or [IPv6]:port
inventory-place = Where it is
inventory-login = Login
inventory-watched = What is checked
inventory-told = Who is told
inventory-groups = Groups
inventory-groups_hint = It takes over what these groups of the configuration say.
inventory-labels = Labels
inventory-labels_hint = KEY=TEXT, one in each line
inventory-profiles = Profiles
inventory-profiles_hint = Sets of checks; “linux” is cpu, mem and hdd. That it can be reached is always checked.
inventory-services = Services
inventory-services_hint = On while the command ends with exit status 0 and, if something is expected, its output matches. Clear a row to remove it; the last one is for another.
inventory-resources = Percentages
inventory-resources_hint = cpu, mem and hdd need no command; others print a number from 0 to 100. Above the threshold it is a problem.
inventory-check_name = Name
inventory-command = Command
inventory-expect = Expected (pattern)
inventory-threshold = Threshold (%)
inventory-tells = Problems of this server
inventory-tells_default = are told as its groups or the configuration say
inventory-tells_own = are told to those who are ticked
inventory-notifiers = Receivers
inventory-notify_hint = They count only when chosen above; with none ticked nobody is told.
inventory-device = System
inventory-user = User
inventory-default_hint = Empty: as the configuration says
inventory-identity = Key file
inventory-identity_hint = A path on the machine that runs litemon, from / or ~/; empty: as the configuration says
inventory-jump = Through (jump host)
inventory-jump_hint = A server’s name, or user@host:port; empty: directly
inventory-password = Password
inventory-sudo_password = sudo password
inventory-secret_hint = Stored encrypted, never shown. Empty: none
inventory-private_key = Private key
inventory-private_key_hint = Without a passphrase, as OpenSSH writes it. Stored encrypted, never shown. Empty: none
inventory-stored = One is stored. Left empty, it stays.
inventory-forget = Remove the stored one
inventory-checks = Checks
inventory-origin = Managed
inventory-locked = from the file, locked
inventory-locked_hint = from the configuration file, and changed there
inventory-editable = added here
inventory-save = Save
inventory-remove = Remove
inventory-remove_hint = It is not watched any more, its stored secrets are removed, and its open incidents end as withdrawn. Its history stays.
inventory-is_added = It is added, and watched within seconds. Test it now: its host key has to be trusted once.
inventory-is_saved = Saved. It counts within seconds.
inventory-to_server = How it is now
inventory-test = Test
inventory-tested = What works
inventory-reachable = Reachable
inventory-host_key = Host key
inventory-sudo = sudo
inventory-works = works
inventory-not_tried = not tried
inventory-trusted = trusted
inventory-changed = not the one that is trusted
inventory-revoked = revoked, never to be trusted
inventory-unknown_key = not trusted yet
inventory-pin = Trust this key
inventory-pin_hint = Compare the fingerprint first. On the server itself it is told by:
inventory-pin_changed = The server was installed anew, or somebody is in between. Trust the new key only when you know why it changed; on the server itself it is told by:
inventory-remove_named = Remove { $name }
inventory-remove_sure = Remove { $name }?
inventory-counted =
    { $locked ->
        [0] { $added } added here.
       *[other] { $added } added here, { $locked } from the file. Those of the file are changed there.
    }
