//! What goes wrong, against the whole program: each scene ends as it should, and the process then
//! holds no more than before. docs/FAULTS.md describes them.

mod database;
mod disk;
mod front;
mod gateway;
mod kills;
mod kills_in_storms;
mod reload;
mod servers;
mod switches;
