//! Several nodes on one database behave as one: what they show, what they do in the background, how they are restarted, and
//! what becomes of them when the database goes.

mod api;
mod background;
mod failover;
mod load;
mod outages;
mod rolling;
mod sight;

use crate::program::{Instance, Server};

/// The project that everything is recorded in; its id is 1.
const PROJECT: &str = "team/app";

/// So many nodes, and the project.
fn nodes(instance: &Instance, number: usize, arguments: &[&str]) -> Vec<Server> {
    let nodes = (0..number).map(|_| instance.serve_with(arguments)).collect();
    instance.run(&["project", "create", PROJECT]);
    nodes
}
