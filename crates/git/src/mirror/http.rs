//! Git's smart HTTP over the guarded client, in the shape that gix asks for.

use std::{
    any::Any,
    cell::RefCell,
    io::{self, BufRead, Cursor, Read, Write},
    mem,
    rc::Rc,
};

use gix::error::ResultExt as _;
use gix_transport::client::blocking_io::http::{GetResponse, Http, PostBodyDataKind, PostResponse};
use landfall_net::{
    Bytes, Method, Stream, Url,
    header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT},
};

use super::wire::{Outgoing, SharedWire};

/// Who we say we are. Forges look for `git/` at the beginning.
pub(super) const AGENT: &str = concat!("git/landfall-", env!("CARGO_PKG_VERSION"));

/// gix's HTTP implementation.
pub(super) struct SmartHttp {
    wire: SharedWire,
    /// The repository's address after redirects.
    redirected: Option<String>,
}

impl SmartHttp {
    pub(super) fn new(wire: SharedWire) -> SmartHttp {
        SmartHttp { wire, redirected: None }
    }
}

impl Http for SmartHttp {
    type Headers = Headers;
    type ResponseBody = Body;
    type PostBody = Post;

    fn get(
        &mut self,
        url: &str,
        base_url: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> gix::Result<GetResponse<Headers, Body>> {
        let tail = url.strip_prefix(base_url).unwrap_or_default();
        let outgoing = outgoing(Method::GET, url, headers).or_error()?;
        let sent = self.wire.borrow_mut().send(outgoing, Some(tail));
        let (at, stream) = sent.or_error()?;
        self.redirected = at.as_str().strip_suffix(tail).map(str::to_owned);
        let exchange = Exchange::new(&self.wire, State::Reading(stream));
        Ok(GetResponse {
            headers: Headers::of(&exchange),
            body: Body::of(&exchange),
        })
    }

    /// The request goes out when its answer is first looked at: then its body is complete.
    fn post(
        &mut self,
        url: &str,
        _: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
        _: PostBodyDataKind,
    ) -> gix::Result<PostResponse<Headers, Body, Post>> {
        let outgoing = outgoing(Method::POST, url, headers).or_error()?;
        let exchange = Exchange::new(&self.wire, State::Writing(outgoing));
        Ok(PostResponse {
            post_body: Post(Rc::clone(&exchange)),
            headers: Headers::of(&exchange),
            body: Body::of(&exchange),
        })
    }

    fn configure(&mut self, _: &dyn Any) -> gix::Result {
        Ok(())
    }

    fn redirected_base_url(&self) -> Option<String> {
        self.redirected.clone()
    }
}

fn outgoing(method: Method, url: &str, headers: impl IntoIterator<Item = impl AsRef<str>>) -> io::Result<Outgoing> {
    let mut map = HeaderMap::new();
    for line in headers {
        let line = line.as_ref();
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let name = HeaderName::try_from(name).map_err(io::Error::other)?;
        let value = HeaderValue::try_from(value.trim()).map_err(io::Error::other)?;
        map.insert(name, value);
    }
    map.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    Ok(Outgoing {
        method,
        url: Url::parse(url).map_err(io::Error::other)?,
        headers: map,
        body: Vec::new(),
    })
}

/// A request and its answer.
struct Exchange {
    wire: SharedWire,
    state: State,
}

enum State {
    Writing(Outgoing),
    Reading(Stream),
    Over,
}

type SharedExchange = Rc<RefCell<Exchange>>;

impl Exchange {
    fn new(wire: &SharedWire, state: State) -> SharedExchange {
        let wire = Rc::clone(wire);
        Rc::new(RefCell::new(Exchange { wire, state }))
    }

    /// The answer, once the request is out; `None` after its end.
    fn stream(&mut self) -> io::Result<Option<&mut Stream>> {
        if matches!(self.state, State::Writing(_))
            && let State::Writing(outgoing) = mem::replace(&mut self.state, State::Over)
        {
            let (_, stream) = self.wire.borrow_mut().send(outgoing, None)?;
            self.state = State::Reading(stream);
        }
        match &mut self.state {
            State::Reading(stream) => Ok(Some(stream)),
            State::Writing(_) | State::Over => Ok(None),
        }
    }

    /// The next piece of the body; empty at its end.
    fn chunk(&mut self) -> io::Result<Bytes> {
        let wire = Rc::clone(&self.wire);
        loop {
            let Some(stream) = self.stream()? else {
                return Ok(Bytes::new());
            };
            match wire.borrow_mut().chunk(stream)? {
                Some(chunk) if chunk.is_empty() => {}
                Some(chunk) => return Ok(chunk),
                None => {
                    self.state = State::Over;
                    return Ok(Bytes::new());
                }
            }
        }
    }

    fn header_lines(&mut self) -> io::Result<Vec<u8>> {
        let mut lines = Vec::new();
        if let Some(stream) = self.stream()? {
            for (name, value) in stream.headers() {
                lines.extend_from_slice(name.as_str().as_bytes());
                lines.extend_from_slice(b": ");
                // Bytes that are no text would be no lines either.
                lines.extend(value.as_bytes().iter().filter(|byte| byte.is_ascii()));
                lines.push(b'\n');
            }
        }
        Ok(lines)
    }
}

/// The body of a request, as it is written.
pub(super) struct Post(SharedExchange);

impl Write for Post {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0.borrow_mut().state {
            State::Writing(outgoing) => outgoing.body.extend_from_slice(bytes),
            State::Reading(_) | State::Over => return Err(io::ErrorKind::BrokenPipe.into()),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The headers of an answer, a line each.
pub(super) struct Headers {
    exchange: SharedExchange,
    lines: Option<Cursor<Vec<u8>>>,
}

impl Headers {
    fn of(exchange: &SharedExchange) -> Headers {
        Headers {
            exchange: Rc::clone(exchange),
            lines: None,
        }
    }

    fn lines(&mut self) -> io::Result<&mut Cursor<Vec<u8>>> {
        let lines = match self.lines.take() {
            Some(lines) => lines,
            None => Cursor::new(self.exchange.borrow_mut().header_lines()?),
        };
        Ok(self.lines.insert(lines))
    }
}

impl Read for Headers {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.lines()?.read(buffer)
    }
}

impl BufRead for Headers {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.lines()?.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        if let Some(lines) = &mut self.lines {
            lines.consume(amount);
        }
    }
}

/// The body of an answer.
pub(super) struct Body {
    exchange: SharedExchange,
    chunk: Bytes,
}

impl Body {
    fn of(exchange: &SharedExchange) -> Body {
        Body {
            exchange: Rc::clone(exchange),
            chunk: Bytes::new(),
        }
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let read = available.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Body {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.chunk.is_empty() {
            self.chunk = self.exchange.borrow_mut().chunk()?;
        }
        Ok(&self.chunk)
    }

    fn consume(&mut self, amount: usize) {
        let _ = self.chunk.split_to(amount.min(self.chunk.len()));
    }
}
