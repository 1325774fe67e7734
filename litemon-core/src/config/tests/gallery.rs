//! How mistakes look.

use super::*;

macro_rules! gallery {
    ($($name:ident: $text:expr;)*) => {$(
        #[test]
        fn $name() {
            let text = mistakes($text);
            assert!(!text.contains("hunter2"), "{text}");
            insta::assert_snapshot!(text);
        }
    )*};
}

gallery! {
    not_toml: "[web\nlisten = 3";
    two_values: "language = \"en\"\nlanguage = \"id\"\n";
    unknown_keys: "langage = \"en\"\n[web]\nlisen = \"x\"\n[servers.a]\nadress = \"h\"\n[servers.a.resources.cpu]\ntreshold = 5\nzzz = 1\n";
    wrong_types: "[defaults]\ninterval = 10\nattempts = \"two\"\nnotify = 3\n[web]\npublic = \"maybe\"\nlisten = []\n";
    wrong_words: "language = \"de\"\n[ssh]\nhost_key_policy = \"strickt\"\n[notifiers.sms.a]\nevents = [\"problems\"]\nurl = \"http://h\"\nrecipients = \"+628123456789\"\n[notifiers.smss.b]\n";
    durations: "[defaults]\ninterval = \"10\"\ntimeout = \"0s\"\nretry_interval = \"4 seconds\"\n";
    names: "[servers.\"web 1\"]\naddress = \"h\"\n[servers.stats]\naddress = \"h\"\n[servers.a]\naddress = \"h:0\"\n[servers.b]\n[servers.a.services.ssh]\ncommand = \"true\"\n[servers.a.services.x]\ncommand = \"true\"\n[servers.a.resources.x]\ncommand = \"echo 1\"\n";
    references: "[groups.web]\nprofiles = [\"linuxx\"]\n[servers.a]\naddress = \"h\"\ngroups = [\"wep\"]\nnotify = [\"oncal\"]\nssh.jump = \"nowhere at all\"\n[notifiers.exec.oncall]\ncommand = [\"true\"]\n";
    jump_circle: "[servers.a]\naddress = \"a\"\nssh.jump = \"b\"\n[servers.b]\naddress = \"b\"\nssh.jump = \"a\"\n[servers.c]\naddress = \"local\"\n[servers.d]\naddress = \"d\"\nssh.jump = \"c\"\n";
    limits: "[servers.a]\naddress = \"local\"\n[servers.a.resources.cpu]\nthreshold = 150\nwarn = 200\n[servers.a.resources.mem]\nthreshold = 50\nclear = 60\n[servers.a.resources.hdd]\nfor = \"5m\"\n[servers.a.services.x]\ncommand = \"true\"\nthreshold = 3\n";
    kinds: "[checks.a]\n[checks.b]\nkind = \"servis\"\n[checks.c]\nkind = \"service\"\n[servers.s]\naddress = \"local\"\n[servers.s.resources.gpu]\nkind = \"resource\"\n[servers.s.resources.cpu]\nexclude = [\"/mnt\"]\n[servers.s.services.x]\ncommand = \"true\"\nexpect = \"(\"\n";
    too_slow: "[defaults]\nnotify = [\"oncall\"]\n[servers.a]\naddress = \"h\"\ninterval = \"30s\"\n[servers.a.resources.cpu]\ninterval = \"10s\"\nthreshold = 50\nfor = \"5m\"\n[notifiers.sms.oncall]\nurl = \"http://h/\"\nrecipients = [\"+628123456789\"]\n";
    notifiers: "[notifiers.sms.a]\nrecipients = []\nurl = \"ftp://user:hunter2@host/x?key=hunter2\"\n[notifiers.exec.a]\n[notifiers.exec.b]\ncommand = []\n[notifiers.exec.c]\non = \"servr\"\ncommand = \"ls\"\n[notifiers.exec.d]\ncommand = [\"ls\"]\non = \"server\"\n[checks.x]\nkind = \"service\"\ncommand = \"true\"\nnotify = [\"d\"]\n";
    ways: "[notifiers.http.a]\nurl = \"http://{{ server }}/hunter2\"\ncontent_type = \"x/y\"\nmethod = \"pos\"\n[notifiers.http.b]\nurl = \"https://h/x\"\nbody = '{\"a\": \"{{ txt }}\"}'\ncontent_type = \"application/json\"\nmethod = \"get\"\nform = { a = \"{{\" }\njson = { a = { env = \"X\" } }\n[notifiers.webhook.c]\nsecret = \"hunter2\"\n[notifiers.webhook.d]\nurl = \"hunter2\"\n[notifiers.email.e]\nserver = \"h:x\"\nusername = \"u\"\nsecurity = \"ssl\"\n[notifiers.email.f]\nserver = \"h\"\nfrom = \"hunter2\"\nrecipients = \"a@b.example\"\npassword = \"hunter2\"\nsecurity = \"none\"\n[notifiers.sms.g]\nurl = \"http://h/\"\nrecipients = \"+628123456789\"\nhedge = \"9s\"\n[[notifiers.sms.g.gateways]]\nquery = { password = { env = \"NOT_SET\" } }\n";
    signs: "[heartbeat]\nurl = \"ftp://h/hunter2\"\ninterval = \"5s\"\ntimeout = \"9s\"\nmethod = \"put\"\nmax_lag = 5\n[templates]\nproblem = \"{{ txt }}\"\nrecovery = \"{% if\"\nwarn = \"x\"\n[notifiers.exec.a]\ncommand = [\"true\"]\n[notifiers.exec.a.templates]\nproblem = \" \"\nover = \"{{ to }}\"\n";
    later_ways: "[notifiers.sms.g]\nurl = \"http://h/\"\nrecipients = \"+628123456789\"\nhedge = \"9s\"\n[[notifiers.sms.g.gateways]]\nurl = \"http://i/\"\nquery = { text = \"{{ txt }}\" }\n[notifiers.http.b]\nurl = \"https://h/{{ x }}\"\nbody = '{\"a\": {{ detail }}}'\ncontent_type = \"application/json\"\nmethod = \"get\"\nrecipients = [\"a\", \"a\"]\n";
    secrets: "[store]\nurl = \"mysql://u:hunter2@h/db?x=1\"\npassword = { env = \"NOT_SET\" }\n[ssh]\npassword = { envv = \"X\" }\nsudo_password = { env = \"A\", file = \"B\" }\npassphrase = [\"hunter2\"]\n[servers.a]\naddress = \"h\"\n";
    hooks: "[hooks.sms]\nsecret = \"hunter2-hunter2\"\nsecrets = 3\n";
    hooks_sms: "[hooks.sms]\nsecret = \"hunter2 is not for urls\"\npeople = { ann = \"0812345678\", bob = \"+62 8123456789\", tom = \"+628123456789\" }\n";
    hooks_both: "[hooks.sms]\nsecret = \"hunter2hunter2hunter2x\"\nsecret_sha256 = \"hunter2\"\n[notifiers.sms.oncall]\nurl = \"http://h/\"\nrecipients = [\"+628123456789\"]\n";
    unreported: "[notifiers.sms.a]\nurl = \"http://h/\"\nrecipients = \"+628123456789\"\ndelivered_within = \"2m\"\n[notifiers.sms.b]\nurl = \"http://h/\"\nrecipients = \"+628123456789\"\nquery = { dlr-url = \"{{ dlr_url }}?status=%d\" }\n";
    store: "[store]\nurl = \"postgres://u:hunter2@h/db\"\n";
    sqlite_with_password: "[store]\nurl = \"sqlite:x.db\"\npassword = \"hunter2\"\ntls = \"of\"\n";
    web: "[web]\nlisten = \"0.0.0.0:8080\"\nexternal_url = \"litemon.example\"\ntls = { cert = \"c.pem\" }\n[manage]\nenabled = false\n";
    web_login: "[web]\nlisten = \"0.0.0.0:8080\"\n";
    proxies: "[web]\nlisten = \"0.0.0.0:8080\"\ntrusted_proxies = [\"10.0.0.0/24\", \"10.0.0.x\"]\n";
    messaging: "[messaging.a]\n[messaging.b]\nurl = \"stomp://u:hunter2@h/x\"\nlogin = 5\npasscode = { env = \"NOT_SET\" }\nvhost = \"a\\nb\"\ndestination = \"\"\nexpired = \"1ms\"\nthreshold = -1.5\n[messaging.c]\nkind = \"stomp_round_trip\"\nurl = \"stomp://h\"\ndestination = \"/queue/a\\nb\"\ntls_roots = \"ca.pem\"\n";
    later_kinds: "[messaging.m]\nkind = \"service\"\nurl = \"http://h\"\nexpired = 3\nexpird = \"3s\"\n[stats.s]\ntotal_since = \"yesterday\"\n[actions.a]\ncommand = []\n[actions.b]\n";
    idle: "[defaults]\ninterval = \"1ms\"\n[groups.g]\n[groups.g.resources.cpu]\nthreshold = 101\n[profiles.p.services.java]\ncomand = \"x\"\nexpect = \"[\"\n[profiles.p.services.php]\n";
    addresses: "[servers.a]\naddress = \"ssh://root:hunter2@h\"\n[servers.b]\naddress = \"root:hunter2@h\"\n[servers.c]\naddress = \"c\"\nssh.jump = \"root:hunter2@/x\"\n";
    outside: "[servers.a]\naddress = \"h\"\n[servers.a.checks.x]\nkind = \"tcp\"\nhost = \"h:80\"\n[servers.a.checks.y]\nkind = \"tcp\"\nport = 70000\nexpect = \"[\"\n[checks.z]\nkind = \"tcp\"\nport = 0\n[checks.p]\nkind = \"plugin\"\ncommand = []\non = \"server\"\nthreshold = 5\n[checks.q]\nkind = \"plugin\"\n[checks.push]\nkind = \"push\"\n[checks.push2]\nkind = \"push\"\nwithin = \"5m\"\ntoken = \"hunter2\"\n[checks.push3]\nkind = \"push\"\nwithin = 5\ntoken_sha256 = \"hunter2\"\n[checks.push4]\nkind = \"push\"\nwithin = \"1d\"\ntoken = { env = \"NOT_SET\" }\n[checks.t]\nkind = \"tls\"\nhost = \"h\"\nwarn_days = 3\nthreshold = 3\n[checks.t2]\nkind = \"tls\"\nport = 0\n[checks.d]\nkind = \"dns\"\nname = \"a..b\"\nrecord = \"SRV\"\n[checks.d2]\nkind = \"dns\"\nresolver = \"h\"\nexpect = 5\n[checks.i]\nkind = \"ping\"\ncount = 50\nloss = 100\n";
    policy: "[servers.a]\naddress = \"h\"\ndepends_on = [\"b\", \"nobody\", \"x y\"]\n[servers.b]\naddress = \"h\"\n[servers.b.services.x]\ncommand = \"true\"\ndepends_on = \"a/cpu\"\nreminders = [\"5s\"]\nflapping = { high = 10, low = 20 }\nescalate = [{ after = \"5m\" }, { notify = [\"bos\"] }]\n[servers.a.resources.cpu]\n[servers.a.services.y]\ncommand = \"true\"\nflapping = \"often\"\n[maintenance.m]\ncron = \"30 25 * * *\"\nlasts = \"2h\"\ntargets = [\"a\", \"@web\", \"c\", \"a/b/c\"]\n[maintenance.n]\nlasts = \"30d\"\ntimezone = \"Asia/Jakarte\"\n";
    flow: "[notifiers.sms.a]\nurl = \"http://h/\"\nrecipients = \"+628123456789\"\ngather = \"1h\"\nbudget = { messages = 0, per = \"2d\", per_day = 20000 }\n[notifiers.sms.b]\nurl = \"http://h/\"\nrecipients = \"+628123456789\"\ngather = 5\nbudget = { mesages = 5 }\n[notifiers.exec.c]\ncommand = [\"true\"]\ngather = \"10s\"\nbudget = false\n";
    remedies: "[notifiers.exec.a]\ncommand = [\"true\"]\ntries = 0\nperiod = \"0s\"\nverify = \"2h\"\nsays = \"\"\n[notifiers.exec.b]\ncommand = [\"true\"]\ntries = 2\nevents = [\"problem\", \"recovery\"]\n[notifiers.exec.c]\ncommand = [\"true\"]\ntries = \"two\"\n";
    rotas: "[rotas.ops]\n[rotas.two]\npeople = { ann = \"+628111111111\", budi = \"0812\" }\nturns = [\"ann\", \"cici\"]\nfrom = \"monday\"\nturn = \"12h\"\ntimezone = \"Asia/Jakarte\"\nhours = [{ from = \"22\", days = [\"mo\"] }]\n[rotas.three]\npeople = { ann = \"+628111111111\", budi = \"0812\" }\nturns = \"ann\"\nfrom = \"monday\"\n[rotas.four]\npeople = { ann = \"+628111111111\", budi = \"x\" }\nturns = \"ann\"\nfrom = \"2026-11-02T09:00\"\n[notifiers.sms.a]\nurl = \"http://h/\"\nrecipients = [\"rota:nobody\", \"+628111111111\"]\n[notifiers.sms.b]\nurl = \"http://h/\"\nrecipients = [\"+628999999999\", \"rota:four\"]\n";
    quiet: "[notifiers.sms.a]\nurl = \"http://h/\"\nrecipients = \"+628123456789\"\nquiet = { from = \"22\", to = \"7:00\" }\n[notifiers.sms.b]\nurl = \"http://h/\"\nrecipients = \"+628123456789\"\nquiet = { from = \"22:00\", to = \"22:00\" }\n[notifiers.sms.c]\nurl = \"http://h/\"\nrecipients = \"+628123456789\"\nquiet = { from = \"22:00\", to = \"07:00\", days = [\"mo\"], timezone = \"Asia/Jakarte\" }\n[notifiers.sms.d]\nurl = \"http://h/\"\nrecipients = \"+628123456789\"\nquiet = \"22:00-07:00\"\n[notifiers.exec.e]\ncommand = [\"true\"]\nquiet = { from = \"22:00\", to = \"07:00\" }\n";
    circle: "[servers.a]\naddress = \"h\"\ndepends_on = \"b\"\n[servers.b]\naddress = \"h\"\ndepends_on = \"c\"\n[servers.c]\naddress = \"h\"\ndepends_on = \"a\"\n";
    too_slow_behind_a_router: "[defaults]\nnotify = \"oncall\"\n[servers.router]\naddress = \"r\"\n[servers.a]\naddress = \"h\"\ndepends_on = \"router\"\n[notifiers.sms.oncall]\nurl = \"http://h/\"\nrecipients = [\"+628123456789\"]\n";
    devices: "[ssh]\nlegacy = true\n[servers.a]\naddress = \"local\"\ndevice = \"ios\"\n[servers.b]\naddress = \"h\"\ndevice = \"ioss\"\n[servers.c]\naddress = \"h\"\ndevice = \"ios\"\n[servers.c.resources.hdd]\n[servers.d]\naddress = \"h\"\ndevice = \"routeros\"\n[servers.d.resources.hdd]\nexclude = \"/x\"\n[servers.e]\naddress = \"h\"\ndevice = \"freebsd\"\n[servers.e.checks.up]\nkind = \"uptime\"\nleast = 5\n";
    zone: "timezone = \"Asia/Jakarte\"\n";
}

#[test]
fn the_environment_is_named() {
    let env = [
        ("LITEMON__WEB__LISTEN", "everywhere"),
        ("LITEMON__WEB__LISEN", "x"),
        ("LITEMON__", "x"),
        ("LITEMON__SERVERS__WEB_1__ADDRESS", "::::"),
        ("LITEMON_LOG", "debug"),
    ];
    let text = "[servers.Web-1]\naddress = \"h\"\n";
    let wrong = planned_with(text, &env, &Kinds::builtin()).map(|_| ()).unwrap_err();
    insta::assert_snapshot!(wrong);
}

/// Whatever else is wrong, and wherever it stands, a secret is not repeated.
#[test]
fn no_secret_is_repeated() {
    let text = r#"
        zzz = "hunter2"
        [store]
        url = "mysql://u:hunter2@h/d"
        [ssh]
        password = "hunter2"
        sudo_password = ["hunter2"]
        passphrase = { file = "hunter2-is-no-secret-here", x = "hunter2" }
        [messaging.m]
        url = "stomp://u:hunter2@h"
        passcode = "hunter2"
        destination = "/queue/x"
        [stats.s]
        url = "http://h/x?token=hunter2"
        [notifiers.sms.a]
        url = "http://h/hunter2"
        query = { password = "hunter2", apikey = "hunter2", to = "{{ to }}" }
        headers = { Authorization = "Bearer hunter2" }
        json = { a = ["hunter2"], password = 5 }
        recipients = "+628123456789"
    "#;
    let all = mistakes(text);
    assert!(!all.contains("hunter2"), "{all}");
    let good: String = text
        .lines()
        .filter(|line| !["zzz", "passphrase", "sudo_"].iter().any(|word| line.contains(word)))
        .map(|line| format!("{line}\n"))
        .collect();
    let loaded = loaded(&good, &[]).unwrap();
    let shown = loaded.show().unwrap();
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(!format!("{loaded:?}").contains("hunter2\""));
}
