//! A program in a terminal of its own, and what is on its screen.

use std::{
    fs::File,
    io::{Read, Write},
    num::NonZero,
    os::{fd::OwnedFd, unix::process::CommandExt},
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use rustix::{
    fs::{Mode, OFlags},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize},
};

use super::{Process, eventually};

const PATIENCE: Duration = Duration::from_secs(30);
const ROWS: NonZero<u16> = NonZero::new(24).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(100).unwrap();

/// A pseudo-terminal with a program in it, which ends with it.
pub struct Terminal {
    process: Process,
    keys: File,
    screen: Arc<Mutex<vt100::Parser>>,
    modes: LocalModes,
}

impl Terminal {
    /// Starts a program whose own terminal this is, at which it can ask for a password.
    pub fn own(program: &Command) -> Self {
        let mut command = Command::new("/usr/bin/setsid");
        command.args(["--ctty", "--wait"]).arg(program.get_program()).args(program.get_args());
        command.current_dir(program.get_current_dir().unwrap()).env_clear();
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        Self::start(&mut command)
    }

    /// Starts a program.
    pub fn start(command: &mut Command) -> Self {
        let keys = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&keys).unwrap();
        unlockpt(&keys).unwrap();
        let size =
            Winsize { ws_row: ROWS.get(), ws_col: COLUMNS.get(), ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&keys, size).unwrap();
        let modes = tcgetattr(&keys).unwrap().local_modes;
        let name = ptsname(&keys, Vec::new()).unwrap();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let far: OwnedFd = rustix::fs::open(name, flags, Mode::empty()).unwrap();
        let end = || Stdio::from(far.try_clone().unwrap());
        command.stdin(end()).stdout(end()).stderr(end()).process_group(0);
        command.env("TERM", "xterm-256color");
        let process = Process::adopt(command.spawn().unwrap());
        let screen = Arc::new(Mutex::new(vt100::Parser::new(ROWS, COLUMNS, 0)));
        let keys = File::from(keys);
        let (mut out, parser) = (keys.try_clone().unwrap(), Arc::clone(&screen));
        // It ends when nobody has the far end open any more.
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = out.read(&mut bytes) {
                parser.lock().unwrap().process(&bytes[..count]);
            }
        });
        Self { process, keys, screen, modes }
    }

    /// Types.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// What is on the screen.
    pub fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until this is on the screen.
    pub async fn shows(&self, what: &str) -> String {
        let found = async || Some(self.text()).filter(|text| text.contains(what));
        let waiting = tokio::time::timeout(PATIENCE, eventually(what, PATIENCE * 2, found)).await;
        waiting.unwrap_or_else(|_| panic!("{what:?} is not on the screen:\n{}", self.text()))
    }

    /// Waits until this is not on the screen any more.
    pub async fn hides(&self, what: &str) {
        let gone = async || (!self.text().contains(what)).then_some(());
        let waiting = tokio::time::timeout(PATIENCE, eventually(what, PATIENCE * 2, gone)).await;
        waiting.unwrap_or_else(|_| panic!("{what:?} stays on the screen:\n{}", self.text()));
    }

    /// Whether it has the terminal for itself: each key at once, and a screen of its own.
    pub fn is_taken(&self) -> bool {
        let modes = tcgetattr(&self.keys).unwrap().local_modes;
        modes != self.modes || self.screen.lock().unwrap().screen().alternate_screen()
    }

    /// The program.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Waits for its end, and says how it ended.
    pub async fn ended(&mut self) -> Option<i32> {
        eventually("the end", PATIENCE, async || (!self.process.runs()).then_some(())).await;
        self.process.wait().unwrap().code()
    }
}
