use std::fmt::Write;

use proptest::prelude::*;

use super::*;
use crate::manage::inventory::{Change, ServerDraft};

fn told(read: Result<Vec<ServerDraft>, ImportError>) -> String {
    let servers = match read {
        Ok(servers) => servers,
        Err(error) => return format!("hosts:{error}"),
    };
    let mut text = String::new();
    for server in servers {
        let groups: Vec<&str> = server.groups.iter().map(Name::as_str).collect();
        let dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        let secret = |change: &Change| matches!(change, Change::Set(_));
        let (user, key, jump) = (dash(&server.user), dash(&server.identity), dash(&server.jump));
        let groups = groups.join("+");
        let secrets = (secret(&server.password), secret(&server.sudo_password));
        let labels: Vec<String> = server.labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let labels = labels.join("+");
        let (name, address) = (&server.name, &server.address);
        let line = format!("{name} {address} [{groups}] {user} {key} {jump} {labels} {secrets:?}");
        writeln!(text, "{line}").unwrap();
    }
    text
}

const SSH: &str = "\
# defaults
User everyone
Host web-1 web-2
    HostName %h.example.com
    Port=2222
Host bastion
    HostName 203.0.113.7
    User jump
Host db-* !db-9
    ProxyJump bastion
    IdentityFile ~/.ssh/db
Host db-1
    HostName 10.0.0.21
Host db-9
    ProxyJump none
Host *
    Port 22
    IdentityFile \"%d/.ssh/id_all\"
";

#[test]
fn openssh() {
    insta::assert_snapshot!(told(ssh_config(SSH)));
    insta::assert_snapshot!(
        [
            told(ssh_config("Host a\nMatch user x\n")),
            told(ssh_config("\nInclude more\n")),
            told(ssh_config("Host a\n  ProxyJump b,c\n")),
            told(ssh_config("Host a_ä\n")),
        ]
        .join("\n"),
        @r#"
    hosts:2: Match is not understood; take the block out
    hosts:2: Include is not followed; import that file by itself
    hosts:1: a goes through more than one host; add the first as a server that goes through the second
    hosts:1: "a_ä" is not a name: up to 63 letters, digits, '.', '_' and '-', the first a letter or digit
    "#
    );
}

const INI: &str = "\
lone ansible_host=10.0.0.1 ; not a comment sign
";

const INVENTORY: &str = "\
lone ansible_host=10.0.0.1
[web]
web-[01:03] ansible_user=deploy   # three of them
edge:2200 ansible_host='10.0.0.9'
[db]
db-[a:b].example.com ansible_ssh_private_key_file=~/.ssh/db ansible_become_password='canary one'
[prod:children]
web
db
[prod:vars]
ansible_user=ops
ansible_port = 2022
";

#[test]
fn ansible_in_ini() {
    insta::assert_snapshot!(told(ansible_ini(INVENTORY)));
    insta::assert_snapshot!(
        [
            told(ansible_ini(INI)),
            told(ansible_ini("[web:hosts]\n")),
            told(ansible_ini("web[1-3]\n")),
            told(ansible_ini("a b='c\n")),
            told(ansible_ini("a ansible_host='{{ x }}'\n")),
            told(ansible_ini("localhost ansible_connection=local\n")),
        ]
        .join("\n"),
        @r#"
    hosts:1: expected KEY=VALUE behind lone
    hosts:1: […:hosts] is not understood; expected vars or children
    hosts:1: "web[1-3]" has a range that is not understood; expected [01:50] or [a:f]
    hosts:1: a quote is not closed
    hosts:1: a: ansible_host is a template or a vault; expected plain text
    hosts:1: localhost is local; that can stand in the configuration file only
    "#
    );
}

const YAML: &str = "\
all:
  hosts:
    lone:
      ansible_host: 10.0.0.1
  vars:
    ansible_user: everyone
  children:
    prod:
      vars: { ansible_port: 2022 }
      children:
        web:
          hosts:
            web-[1:2]:
              ansible_user: deploy
              unrelated: [1, 2]
        db:
          hosts:
            db-1: { ansible_password: canary }
";

#[test]
fn ansible_in_yaml() {
    insta::assert_snapshot!(told(ansible_yaml(YAML)));
    assert!(told(ansible_yaml("all: [")).starts_with("hosts: "));
    assert_eq!(told(ansible_yaml("all: 5")), "hosts: all: expected a table");
    let key = "hosts: web: no key \"host\"; expected hosts, vars or children";
    assert_eq!(told(ansible_yaml("web: { host: {} }")), key);
}

const CSV: &str = "\
name,address,port,user,groups,labels,jump,password
web-1,10.0.0.11,,deploy,web;prod,city=Bogor;rack=3,,canary
web-2,2001:db8::1,2222,,,,bastion,
";

#[test]
fn comma_separated_values() {
    insta::assert_snapshot!(told(csv(CSV)));
    insta::assert_snapshot!(
        [
            told(csv("name,address,colour\na,b,red\n")),
            told(csv("name,address\na,b\nc\n")),
            told(csv("name,address\n,b\n")),
        ]
        .join("\n"),
        @r#"
    hosts:2: no column "colour"; expected name, address, port, groups, labels, profiles, device, user, identity, jump, password, sudo_password
    hosts:3: not as many cells as the header has, or not UTF-8
    hosts:2: name is missing
    "#
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(Host|\\[|\\]|:|=|a|b|1|,|\\*|'|\"|\n| |\\{|#){0,60}") {
        let _ = (ssh_config(&text), ansible_ini(&text), ansible_yaml(&text), csv(&text));
    }
}

#[test]
fn ranges_have_an_end() {
    assert_eq!(range::expand("a[1:3]b[x:y]", 100).unwrap().len(), 6);
    assert_eq!(range::expand("n[0:10:5]", 100).unwrap(), ["n0", "n5", "n10"]);
    assert!(range::expand("a[0:4000000000]", 100).unwrap().len() <= 101);
    assert!(ansible_ini("a[0:4000000000]\n").is_err());
}
