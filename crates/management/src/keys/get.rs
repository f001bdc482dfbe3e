//! `GET /v1/api-keys/{id}`

use domain::id::KeyId;

use super::view::KeyView;
use crate::access::{Access, KeysRead};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Id;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/v1/api-keys/{id}", handle)
        .about("API keys", "Read a key", "Status and figures are those of this moment.")
        .answers::<KeyView>(200, "The key.")
}

async fn handle(access: Access<KeysRead>, Id(id): Id<KeyId>) -> Result<Answer<KeyView>, Problem> {
    let key = access.database().api_key(id, access.owner()).await?;
    let version = key.version;
    Ok(Answer::ok(KeyView::of(&access.app, key).await?).version(version))
}
