//! Live connections over WebRTC, one per [`LinkId`].
//!
//! Nothing but the two descriptions travels outside the connection, and no server is asked: a
//! connection is described whole, by host candidates only. `disconnected` is not the end; only
//! `failed` and `closed` are, or the machine's own patience.

mod peer;
mod sdp;
mod sending;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use base::effect::LinkTask;
use base::{LinkEvent, LinkId};
use wasm_bindgen_futures::spawn_local;

use crate::error::BrowserError;
use peer::Peer;

/// All live connections of a device.
pub struct Links {
    peers: RefCell<BTreeMap<LinkId, Rc<Peer>>>,
    report: Rc<dyn Fn(LinkId, LinkEvent)>,
    itself: Weak<Self>,
}

impl Links {
    /// No connections yet. `report` is given what they have to say, each in order.
    pub fn new(report: impl Fn(LinkId, LinkEvent) + 'static) -> Rc<Self> {
        Rc::new_cyclic(|itself| Self {
            peers: RefCell::default(),
            report: Rc::new(report),
            itself: Weak::clone(itself),
        })
    }

    /// Does one task. What comes of it is reported: every link that was begun ends in
    /// [`LinkEvent::Down`], except where the task was [`LinkTask::Close`].
    pub fn perform(&self, link: LinkId, task: LinkTask) {
        match task {
            LinkTask::Offer => self.begin(link, async |peer: Rc<Peer>| peer.offer().await),
            LinkTask::Answer(offer) => {
                self.begin(link, async move |peer: Rc<Peer>| peer.answer(offer).await);
            }
            LinkTask::Accept(answer) => {
                if let Some(peer) = self.peer(link) {
                    spawn_local(async move {
                        if let Err(error) = peer.accept(answer).await {
                            peer.end(&error.to_string());
                        }
                    });
                }
            }
            LinkTask::Send(channel, frame) => {
                // A link that just went down has been reported; frames for it are lost with it.
                if let Some(peer) = self.peer(link) {
                    peer.send(channel, frame);
                }
            }
            LinkTask::Close => {
                if let Some(peer) = self.peers.borrow_mut().remove(&link) {
                    peer.close();
                }
            }
        }
    }

    /// Closes everything, without a report.
    pub fn close_all(&self) {
        for peer in std::mem::take(&mut *self.peers.borrow_mut()).into_values() {
            peer.close();
        }
    }

    fn peer(&self, link: LinkId) -> Option<Rc<Peer>> {
        self.peers.borrow().get(&link).map(Rc::clone)
    }

    fn begin<F>(&self, link: LinkId, describe: impl FnOnce(Rc<Peer>) -> F + 'static)
    where
        F: Future<Output = Result<base::card::Description, BrowserError>> + 'static,
    {
        let peer = match Peer::new(self.reporter(link)) {
            Ok(peer) => peer,
            Err(error) => {
                let reason = error.to_string();
                return (self.report)(link, LinkEvent::Down { reason });
            }
        };
        self.peers.borrow_mut().insert(link, Rc::clone(&peer));
        let report = Rc::clone(&self.report);
        spawn_local(async move {
            match describe(Rc::clone(&peer)).await {
                Ok(description) if peer.is_alive() => {
                    report(link, LinkEvent::Described(description));
                }
                Ok(_) => {}
                Err(error) => peer.end(&error.to_string()),
            }
        });
    }

    /// Passes a peer's events on, and forgets the peer when it is down.
    fn reporter(&self, link: LinkId) -> impl Fn(LinkEvent) + 'static {
        let (itself, report) = (Weak::clone(&self.itself), Rc::clone(&self.report));
        move |event| {
            if let (LinkEvent::Down { .. }, Some(links)) = (&event, itself.upgrade()) {
                links.peers.borrow_mut().remove(&link);
            }
            report(link, event);
        }
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests;
