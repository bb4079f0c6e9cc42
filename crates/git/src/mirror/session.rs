//! A conversation with a remote: what refs it has, and the objects that are missing here.

use std::{
    fs::{self, File},
    io::{self, ErrorKind},
};

use gix::{ObjectId, error::ResultExt as _, progress::Discard, protocol::transport::Protocol, refspec};
use gix_negotiate::{Algorithm, Graph, Negotiator};
use gix_protocol::{
    Handshake,
    fetch::{
        self, Arguments, Negotiate, RefMap, Response, Shallow, Tags, negotiate,
        refmap::{Mapping, Source, SpecIndex, init},
    },
};
use gix_transport::{
    Service,
    client::blocking_io::http::{Transport, connect_http},
};

use super::{
    error::FetchError,
    http::{AGENT, SmartHttp},
    remote::RemoteUrl,
    wire::SharedWire,
};

/// What is copied. `HEAD` says which branch is the default one.
const WANTED: [&str; 3] = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*", "HEAD"];
/// Bytes that a remote may take to list its refs, which are held in memory: some 500,000 of them.
const LONGEST_LIST: u64 = 64 << 20;
/// The largest single allocation while a pack is read: a larger object, or a pack of more than some millions of objects, is
/// refused, and not believed.
pub(super) const LARGEST_OBJECT: usize = 512 << 20;

/// What a copy may still grow, in bytes, and what its limit is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) left: u64,
    pub(super) most: u64,
}

/// A remote that has told its refs.
pub(super) struct Session {
    transport: Transport<SmartHttp>,
    handshake: Handshake,
    pub(super) refs: RefMap,
    wire: SharedWire,
}

impl Session {
    /// Connects and asks for the refs.
    pub(super) fn begin(wire: &SharedWire, remote: &RemoteUrl) -> Result<Session, FetchError> {
        wire.borrow_mut().allow(LONGEST_LIST, FetchError::TooManyRefs);
        Session::try_to_begin(wire, remote).map_err(|error| failure(wire, &error))
    }

    fn try_to_begin(wire: &SharedWire, remote: &RemoteUrl) -> gix::Result<Session> {
        let url = gix::url::parse(remote.as_str())?;
        let mut transport = connect_http(SmartHttp::new(wire.clone()), url, Protocol::V2, false);
        let mut handshake = gix_protocol::handshake(
            &mut transport,
            Service::UploadPack,
            // Credentials are the wire's business.
            |_| Ok(None),
            Vec::new(),
            &mut Discard,
        )?;
        let fetch_refspecs = WANTED
            .iter()
            .map(|spec| Ok(refspec::parse((*spec).into(), refspec::parse::Operation::Fetch)?.to_owned()))
            .collect::<gix::Result<_>>()?;
        let context = init::Context {
            fetch_refspecs,
            extra_refspecs: Vec::new(),
        };
        let refs = handshake
            .prepare_lsrefs_or_extract_refmap(agent(), true, context)?
            .fetch_blocking(Discard, &mut transport, false)?;
        Ok(Session {
            transport,
            handshake,
            refs,
            wire: wire.clone(),
        })
    }

    /// Brings the objects of all refs that are missing, as far as there is room.
    pub(super) fn fetch_refs(&mut self, repo: &gix::Repository, room: Room) -> Result<(), FetchError> {
        let refs = self.refs.clone();
        self.fetch(repo, &refs, room)
    }

    /// Brings a commit that no branch or tag leads to, with its history. Most servers give it to whoever knows its id.
    pub(super) fn fetch_commit(&mut self, repo: &gix::Repository, id: ObjectId, room: Room) -> Result<(), FetchError> {
        let wanted = RefMap {
            mappings: vec![Mapping {
                remote: Source::ObjectId(id),
                local: None,
                spec_index: SpecIndex::ExplicitInRemote(0),
            }],
            object_hash: self.refs.object_hash,
            ..RefMap::default()
        };
        self.fetch(repo, &wanted, room)
    }

    fn fetch(&mut self, repo: &gix::Repository, refs: &RefMap, room: Room) -> Result<(), FetchError> {
        self.wire.borrow_mut().allow(room.left, FetchError::TooLarge(room.most));
        let wire = self.wire.clone();
        self.try_to_fetch(repo, refs).map_err(|error| failure(&wire, &error))
    }

    fn try_to_fetch(&mut self, repo: &gix::Repository, refs: &RefMap) -> gix::Result<()> {
        // Objects that are not there are no reason to look through the directory again.
        let mut objects = repo.clone();
        objects.objects.refresh_never();
        let mut graph = objects.revision_graph(None);
        let mut talk = Talk {
            repo: &objects,
            graph: &mut graph,
            refs,
            negotiator: Algorithm::Consecutive.into_negotiator(),
        };
        let interrupt = self.wire.borrow().interrupt.clone();
        let context = fetch::Context {
            handshake: &mut self.handshake,
            transport: &mut self.transport,
            user_agent: agent(),
            trace_packetlines: false,
        };
        let options = fetch::Options {
            shallow_file: repo.shallow_file()?,
            shallow: &Shallow::NoChange,
            tags: Tags::None,
            reject_shallow_remote: false,
        };
        let directory = repo.objects.store_ref().path().join("pack");
        let mut written = None;
        gix_protocol::fetch(
            &mut talk,
            |pack, progress, interrupt| {
                let bases = repo.objects.clone();
                let pack_options = gix_pack::bundle::write::Options {
                    thread_limit: Some(1),
                    alloc_limit_bytes: Some(LARGEST_OBJECT),
                    ..gix_pack::bundle::write::Options::default()
                };
                written = Some(gix_pack::Bundle::write_to_directory(
                    pack,
                    Some(&directory),
                    progress,
                    interrupt,
                    Some(bases),
                    repo.object_hash(),
                    pack_options,
                )?);
                Ok(true)
            },
            Discard,
            interrupt.flag(),
            context,
            options,
        )?;
        if let Some(written) = written {
            // Refs may only name what is on disk.
            for path in [&written.data_path, &written.index_path].into_iter().flatten() {
                File::open(path).and_then(|file| file.sync_all()).or_error()?;
            }
            // It protects from a collection of garbage, which there is not.
            if let Some(keep) = &written.keep_path {
                fs::remove_file(keep).or_error()?;
            }
        }
        Ok(())
    }
}

fn agent() -> (&'static str, Option<String>) {
    ("agent", Some(AGENT.to_owned()))
}

/// What the wire knows, else what gix says.
fn failure(wire: &SharedWire, error: &gix::Error) -> FetchError {
    let mut wire = wire.borrow_mut();
    if let Some(failure) = wire.failure.take() {
        return failure;
    }
    if wire.interrupt.is_triggered() {
        return FetchError::Interrupted;
    }
    let causes: Vec<String> = error.iter_errors().map(ToString::to_string).collect();
    let text = one_line(&causes.join(": "));
    let of_disk = |error: &io::Error| {
        matches!(
            error.kind(),
            ErrorKind::StorageFull
                | ErrorKind::QuotaExceeded
                | ErrorKind::PermissionDenied
                | ErrorKind::ReadOnlyFilesystem
                | ErrorKind::NotFound
        )
    };
    if error.downcast_any_ref::<io::Error>().is_some_and(of_disk) {
        FetchError::Disk(text)
    } else {
        FetchError::Protocol(text)
    }
}

/// Remotes choose what is in it: one line, and short.
pub(super) fn one_line(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(500).collect()
}

/// gix's way of finding out what both sides have.
struct Talk<'a, 'b, 'c> {
    repo: &'a gix::Repository,
    graph: &'a mut Graph<'b, 'c>,
    refs: &'a RefMap,
    negotiator: Box<dyn Negotiator>,
}

impl Negotiate for Talk<'_, '_, '_> {
    fn mark_complete_and_common_ref(&mut self) -> gix::Result<negotiate::Action> {
        let alternates = || Ok(std::iter::empty::<(gix::refs::file::Store, gix::OdbHandle)>());
        negotiate::mark_complete_and_common_ref(
            &self.repo.objects,
            &self.repo.refs,
            alternates,
            &mut *self.negotiator,
            self.graph,
            self.refs,
            &Shallow::NoChange,
            |_| false,
        )
    }

    fn add_wants(&mut self, arguments: &mut Arguments, is_known: &[bool]) -> bool {
        let shallow = Shallow::NoChange;
        negotiate::add_wants(&self.repo.objects, arguments, self.refs, is_known, &shallow, |_| false)
    }

    fn one_round(
        &mut self,
        state: &mut negotiate::one_round::State,
        arguments: &mut Arguments,
        previous: Option<&Response>,
    ) -> gix::Result<(negotiate::Round, bool)> {
        negotiate::one_round(&mut *self.negotiator, self.graph, state, arguments, previous)
    }
}
