use super::{
    Dialect::{Ios, RouterOs},
    *,
};

#[test]
fn prompts_are_told_from_output() {
    for (dialect, line, name) in [
        (Ios, "Router>", Some("Router")),
        (Ios, "Router#", Some("Router")),
        (Ios, "sw-1.lab#", Some("sw-1.lab")),
        (Ios, "Router# ", Some("Router")),
        (Ios, "Router(config)#", Some("Router")),
        (Ios, "Router(config-if-range)#", Some("Router")),
        (Ios, "Router(dhcp-config)#", Some("Router")),
        (Ios, "RP/0/RSP0/CPU0:core#", Some("RP/0/RSP0/CPU0:core")),
        (Ios, "Router", None),
        (Ios, "#", None),
        (Ios, "*** Authorized access only ***#", None),
        (Ios, "Access is logged #", None),
        (Ios, "Password:", None),
        (Ios, "-->", None),
        (Ios, "Router#show clock", None),
        (RouterOs, "[admin@MikroTik] > ", Some("admin@MikroTik")),
        (RouterOs, "[admin@MikroTik] >", Some("admin@MikroTik")),
        (RouterOs, "[admin@core router 1] > ", Some("admin@core router 1")),
        (RouterOs, "[admin@MikroTik] /interface> ", Some("admin@MikroTik")),
        (RouterOs, "[admin@MikroTik] /interface ethernet> ", Some("admin@MikroTik")),
        (RouterOs, "[admin@MikroTik] <SAFE> ", Some("admin@MikroTik")),
        (RouterOs, "[admin@MikroTik] <SAFE> > ", Some("admin@MikroTik")),
        (RouterOs, "[admin@MikroTik] > /system resource print", None),
        (RouterOs, "[admin@MikroTik] > :put \"a>", None),
        (RouterOs, "[admin] > ", None),
        (RouterOs, "[@] > ", None),
        (RouterOs, "Router>", None),
    ] {
        assert_eq!(dialect.prompt(line), name, "{dialect:?} {line:?}");
    }
}

#[test]
fn what_may_be_done_is_read_from_the_prompt() {
    assert!(Ios.is_privileged("Router#") && Ios.is_privileged("Router(config)# "));
    assert!(!Ios.is_privileged("Router>"));
    assert!(RouterOs.is_privileged("[admin@MikroTik] > "));
}

#[test]
fn questions_are_told_by_their_end() {
    for (dialect, line, question) in [
        (Ios, "Proceed with reload? [confirm]", Some(Question::Sure)),
        (Ios, "System configuration has been modified. Save? [yes/no]: ", Some(Question::Other)),
        (Ios, "Destination filename [startup-config]? ", Some(Question::Other)),
        (Ios, "% Do you really want to replace them? [yes/no]:", Some(Question::Other)),
        (Ios, "Password: ", Some(Question::Password)),
        (Ios, " --More-- ", Some(Question::More)),
        (Ios, "Router#", None),
        (Ios, "Translating \"foo\"...", None),
        (RouterOs, "Reboot, yes? [y/N]: ", Some(Question::Sure)),
        (RouterOs, "Shutdown, yes? [y/N]:", Some(Question::Sure)),
        (
            RouterOs,
            "Do you want to see the software license? [Y/n]: ",
            Some(Question::Greeting("n")),
        ),
        (RouterOs, "Please press \"Enter\" to continue!", Some(Question::Greeting(""))),
        (RouterOs, "new password> ", Some(Question::Other)),
        (RouterOs, "-- [Q quit|D dump|down]", Some(Question::Other)),
        (RouterOs, "[admin@MikroTik] > ", None),
    ] {
        assert_eq!(dialect.question(line), question, "{dialect:?} {line:?}");
    }
}

#[test]
fn refusals_are_told_from_answers() {
    for (dialect, line, status) in [
        (Ios, "% Invalid input detected at '^' marker.", Some(127)),
        (Ios, "% Incomplete command.", Some(127)),
        (Ios, "% Ambiguous command:  \"sh\"", Some(127)),
        (Ios, "% Unknown command or computer name, or unable to find computer address", Some(127)),
        (Ios, "% Bad IP address or host name", Some(127)),
        (Ios, "% Authorization failed.", Some(126)),
        (Ios, "Command authorization failed.", Some(126)),
        (Ios, "% Bad secrets", Some(1)),
        (Ios, "% Interface Loopback9 does not exist.", Some(1)),
        (Ios, "%Error opening tftp://192.0.2.1/x (Timed out)", Some(1)),
        (Ios, "Success rate is 0 percent (0/3)", Some(1)),
        (Ios, "Success rate is 100 percent (3/3), round-trip min/avg/max = 1/1/2 ms", None),
        (Ios, "% Generating 2048 bit RSA keys, keys will be non-exportable...", None),
        (Ios, "% Access VLAN does not exist. Creating vlan 10", None),
        (Ios, "%SYS-5-CONFIG_I: Configured from console by admin on vty0", None),
        (Ios, "CPU utilization for five seconds: 9%/7%; one minute: 8%", None),
        (RouterOs, "bad command name foo (line 1 column 1)", Some(127)),
        (RouterOs, "syntax error (line 1 column 9)", Some(127)),
        (RouterOs, "expected end of command (line 1 column 8)", Some(127)),
        (RouterOs, "expected command name (line 1 column 3)", Some(127)),
        (RouterOs, "not enough permissions (9)", Some(126)),
        (RouterOs, "no such item", Some(1)),
        (RouterOs, "failure: already have interface with such name", Some(1)),
        (RouterOs, "input does not match any value of interface", Some(1)),
        (RouterOs, "    sent=3 received=0 packet-loss=100%", Some(1)),
        (RouterOs, "    sent=3 received=3 packet-loss=0% min-rtt=1ms", None),
        (RouterOs, "                   uptime: 2w3d14h22m11s", None),
        (RouterOs, "", None),
    ] {
        assert_eq!(dialect.refusal(line), status, "{dialect:?} {line:?}");
    }
}

#[test]
fn a_routeros_login_sets_its_console() {
    assert_eq!(RouterOs.login("admin"), "admin+cet1024w");
    assert_eq!(RouterOs.login("admin+ct"), "admin+ct");
    assert_eq!(Ios.login("admin"), "admin");
}

proptest::proptest! {
    #[test]
    fn whatever_is_printed_is_read(line in ".{0,80}") {
        for dialect in [RouterOs, Ios] {
            let (_, _, _) = (dialect.prompt(&line), dialect.question(&line), dialect.refusal(&line));
        }
    }
}
