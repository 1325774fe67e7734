//! Talking to network devices at their prompt: what they print as text, where their answer ends, and
//! whether it is a refusal. Pure: bytes in, decisions out.

mod dialect;
mod echo;
mod order;
mod screen;

pub(super) use self::{
    dialect::{Dialect, Question},
    echo::Echo,
    order::{Order, of_command, of_line},
    screen::Screen,
};
