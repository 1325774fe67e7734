use super::*;

/// Printed by real machines.
const DEBIAN: &str = "kernel\tLinux 6.1.0-18-amd64\nmachine\tx86_64\nhost\tweb-1\n\
os\tDebian GNU/Linux 12 (bookworm)\nuptime\t86461\nboot\t3f0cbb2e-93f1-44a8-94b9-df3c0c0d5f0a\n\
address\t10.0.0.11/24\naddress\t2001:db8::11/64\ncpus\t2\nmemory\t4102266880\npending\t14\n\
security\t3\nreboot\tyes\n";
const FREEBSD: &str = "kernel\tFreeBSD 14.1-RELEASE\nmachine\tamd64\nhost\tbsd\n\
os\tFreeBSD 14.1-RELEASE-p5\nuptime\t120\nboot\t1763712000\naddress\t10.0.0.12\ncpus\t4\n\
memory\t8589934592\n";

#[test]
fn what_machines_print_is_read() {
    let debian = Facts::parse(DEBIAN);
    assert_eq!(debian.os.as_deref(), Some("Debian GNU/Linux 12 (bookworm)"));
    assert_eq!(debian.addresses, ["10.0.0.11/24", "2001:db8::11/64"]);
    assert_eq!(debian.pending, Some(Pending { all: 14, security: Some(3) }));
    assert_eq!((debian.uptime, debian.reboot_required), (Some(86461), Some(true)));
    let freebsd = Facts::parse(FREEBSD);
    assert_eq!(freebsd.kernel.as_deref(), Some("FreeBSD 14.1-RELEASE"));
    assert_eq!((freebsd.pending, freebsd.reboot_required), (None, None));
    assert_eq!((freebsd.cpus, freebsd.memory), (Some(4), Some(8_589_934_592)));
}

#[test]
fn what_makes_no_sense_is_passed_over_and_nothing_escapes() {
    let facts =
        Facts::parse("os\t\u{1b}[31mred\ncpus\tmany\nmemory\t-1\nnonsense\nlong\t\nhost\t\n");
    assert!(!facts.os.unwrap_or_default().contains('\u{1b}'));
    assert_eq!((facts.cpus, facts.memory, facts.host), (None, None, None));
    let many: String = (0..1000).map(|i| format!("address\t10.0.0.{i}\n")).collect();
    assert_eq!(Facts::parse(&many).addresses.len(), MOST_ADDRESSES);
}

#[tokio::test]
async fn this_machine_tells_of_itself() {
    let place = exec::connect(&exec::Address::Local, &exec::SshSettings::new(""));
    let facts = Facts::ask(&*place).await.unwrap();
    assert!(facts.kernel.unwrap().starts_with("Linux"));
    assert!(facts.uptime.is_some() && facts.boot.is_some() && facts.cpus.is_some());
}
