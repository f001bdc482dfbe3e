//! What providers keep: it lies in an account that many keys share, so each object is bound to the
//! user that made it and to the channel's secret whose account holds it.
//!
//! The newest bindings are in memory. The database gets them a moment later; one that a crash takes
//! with it makes its object unreachable, never somebody else's.

use bytes::Bytes;
use domain::id::{ChannelId, UserId};
use domain::permission::Permission;
use domain::refusal::{Refusal, RefusalCode};
use hashbrown::HashMap;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Response};
use protocol::peek::{Peek, StoredKind};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use store::stored_object::StoredObject;

use crate::authenticate::authenticate;
use crate::forward::fetch;
use crate::gateway::{Gateway, Worker};
use crate::pipeline::Answer;
use crate::receive::Received;
use crate::relay::RelayBody;

/// Where a stored object lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Whose it is.
    pub user: UserId,
    /// The channel that it was made through.
    pub channel: ChannelId,
    /// A hash of the secret whose account holds it.
    pub secret: Arc<str>,
}

/// So many of the newest bindings are kept in memory.
const RECENT: usize = 10_000;
/// A longer id is no provider's.
const LONGEST_ID: usize = 256;

/// The newest bindings.
#[derive(Default)]
pub(crate) struct StoredObjects {
    recent: Mutex<Recent>,
}

#[derive(Default)]
struct Recent {
    bindings: HashMap<Arc<str>, Binding>,
    order: VecDeque<Arc<str>>,
}

impl Gateway {
    /// Notes whose a stored object is.
    pub(crate) fn bind(self: &Arc<Self>, id: &str, binding: Binding) {
        if id.is_empty() || id.len() > LONGEST_ID {
            return;
        }
        let name: Arc<str> = id.into();
        {
            let mut recent = self.stored.recent.lock().unwrap_or_else(PoisonError::into_inner);
            if recent.bindings.contains_key(&name) {
                return;
            }
            recent.bindings.insert(Arc::clone(&name), binding.clone());
            recent.order.push_back(name);
            if recent.order.len() > RECENT
                && let Some(oldest) = recent.order.pop_front()
            {
                recent.bindings.remove(&oldest);
            }
        }
        let object = StoredObject {
            id: id.to_owned(),
            user: binding.user,
            channel: binding.channel,
            secret: binding.secret.to_string(),
            created_at: self.ledger.now(),
        };
        let gateway = Arc::clone(self);
        tokio::spawn(async move {
            let stored = async {
                let mut transaction = gateway.database.begin().await?;
                transaction.add_stored_object(&object).await?;
                transaction.commit().await
            };
            if let Err(error) = stored.await {
                tracing::warn!(%error, "a stored response could not be noted; it can be used until the next restart");
            }
        });
    }

    /// Where a user's stored object lies.
    ///
    /// # Errors
    /// It is not theirs, or there is none.
    pub(crate) async fn bound(&self, id: &str, user: UserId) -> Result<Binding, Refusal> {
        let known = {
            let recent = self.stored.recent.lock().unwrap_or_else(PoisonError::into_inner);
            recent.bindings.get(id).cloned()
        };
        let binding = match known {
            Some(binding) => Some(binding),
            None if id.len() > LONGEST_ID => None,
            None => {
                let object = self.database.stored_object(id).await.map_err(|error| {
                    tracing::error!(%error, "stored objects cannot be looked up");
                    let message = "The gateway's database is away. Try again in a moment.";
                    Refusal::new(RefusalCode::BooksUnavailable, message).retry_after(5)
                })?;
                object.map(|object| Binding {
                    user: object.user,
                    channel: object.channel,
                    secret: object.secret.into(),
                })
            }
        };
        binding.filter(|binding| binding.user == user).ok_or_else(|| nothing_there(id))
    }

    /// Where everything that a request refers to lies; none if it refers to nothing.
    ///
    /// # Errors
    /// Something is not the user's, or it lies in more than one place.
    pub(crate) async fn bound_by(
        &self,
        peek: &Peek<'_>,
        user: UserId,
    ) -> Result<Option<Binding>, Refusal> {
        let mut all: Option<Binding> = None;
        for reference in &peek.stored {
            // A sound is referred to in chat, where it expires within the hour.
            if reference.kind == StoredKind::Audio {
                continue;
            }
            // Only responses are made through here, and the thoughts in them.
            if !matches!(reference.kind, StoredKind::Response | StoredKind::Item) {
                return Err(nothing_there(&reference.id));
            }
            let binding = self.bound(&reference.id, user).await?;
            if all.as_ref().is_some_and(|other| *other != binding) {
                return Err(nothing_there(&reference.id));
            }
            all = Some(binding);
        }
        Ok(all)
    }
}

fn nothing_there(id: &str) -> Refusal {
    let id: String = id.chars().take(80).collect();
    let message = format!(
        "Nothing is stored under {id:?} for this key's owner. Send the whole conversation instead."
    );
    Refusal::new(RefusalCode::StoredObjectNotFound, message)
}

/// What is wanted of a stored response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRequest {
    /// Its id.
    pub id: String,
    /// What follows the id in the path: nothing, `/input_items` or `/cancel`.
    pub rest: String,
}

/// Reads, cancels or deletes a stored response. It costs nothing.
pub(crate) async fn serve(
    worker: &Worker,
    received: Received,
    method: Method,
    request: StoredRequest,
    query: Option<&str>,
) -> Answer {
    let gateway = &worker.gateway;
    let call = authenticate(gateway, received, Permission::Responses).await?;
    let binding = gateway.bound(&request.id, call.key.owner.id).await?;
    let catalog = gateway.catalog.load();
    let channel = catalog.channel(binding.channel);
    let found = channel.and_then(|channel| Some((channel, channel.secret(&binding.secret)?)));
    let (channel, secret) = found.ok_or_else(|| nothing_there(&request.id))?;
    let mut path = format!("/responses/{}{}", request.id, request.rest);
    if let Some(query) = query.filter(|query| !query.contains("key=")) {
        path.push('?');
        path.push_str(query);
    }
    let (status, body): (_, Bytes) = fetch(worker, channel, secret, method, &path).await?;
    let mut response = Response::new(RelayBody::full(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
