//! Nodes behind a load balancer are restarted one after the other, and no client notices.

use std::{
    sync::{Arc, Mutex},
    thread,
};

use landfall_store::testing::Engine;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

use super::{api::Api, load::Load, nodes};
use crate::program::Instance;

/// How long a node that is to stop still takes requests. The balancer notices at the next connection.
const DELAY: [&str; 2] = ["--shutdown-delay", "3s"];

/// Leads each connection to a node that is ready, in turn, as a load balancer of connections does.
#[derive(Clone)]
struct Balancer(Arc<Mutex<Nodes>>);

struct Nodes {
    urls: Vec<String>,
    next: usize,
}

impl Balancer {
    /// Starts it; answers its address.
    async fn listen(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let balancer = self.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(balancer.clone().lead(client));
            }
        });
        url
    }

    /// Each connection looks for itself, so that nobody is led to a node that has said no.
    async fn lead(self, mut client: TcpStream) {
        let api = Api::new();
        loop {
            let node = self.next();
            if !api.is_ready(&node).await {
                continue;
            }
            let Ok(mut node) = TcpStream::connect(node.trim_start_matches("http://")).await else {
                continue;
            };
            // Either side may end it; whether that lost anything, the client finds out.
            let _ = copy_bidirectional(&mut client, &mut node).await;
            return;
        }
    }

    fn next(&self) -> String {
        let mut nodes = self.0.lock().unwrap();
        nodes.next += 1;
        nodes.urls[nodes.next % nodes.urls.len()].clone()
    }

    fn replace(&self, place: usize, url: &str) {
        url.clone_into(&mut self.0.lock().unwrap().urls[place]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_fails_no_request() {
    let instance = Instance::new(Engine::Postgres);
    let mut nodes = nodes(&instance, 2, &DELAY);
    let balancer = Balancer(Arc::new(Mutex::new(Nodes {
        urls: nodes.iter().map(|node| node.url.clone()).collect(),
        next: 0,
    })));
    let mut load = Load::on(vec![balancer.listen().await]);
    load.has_gone_on_since(load.counts()).await;
    for place in 0..2 {
        let old = nodes.remove(0);
        let url = old.url.clone();
        let stopping = thread::spawn(move || old.stop());
        while Api::new().is_ready(&url).await {}
        load.has_gone_on_since(load.counts()).await;
        stopping.join().unwrap();
        load.has_gone_on_since(load.counts()).await;
        let new = instance.serve_with(&DELAY);
        balancer.replace(place, &new.url);
        nodes.push(new);
        load.has_gone_on_since(load.counts()).await;
    }
    assert_eq!(load.counts().unavailable, 0);
    load.end_and_check(&nodes[0].url).await;
}
