//! What happens in shops beside bad weather, told as stories, with the cryptography of real tills.

mod blocks;
mod cards;
mod carts;
mod checkpoints;
mod config;
mod conflicts;
mod console;
mod corner;
mod disk;
mod epochs;
mod forge;
mod forks;
mod hostile;
mod keys;
mod listing;
mod meeting;
mod newer;
mod passing;
mod pin;
mod products;
mod put_out;
mod recovery;
mod staff;
mod starting;
mod successors;
mod tap;
