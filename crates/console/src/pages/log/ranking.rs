//! What most was spent on: by model at once, by key at once or behind the page.

use domain::time::UnixMillis;

use super::chart::{Slice, Usage};
use super::filter::Filter;
use crate::api::Api;
use crate::trouble::Trouble;

/// After no more calls than this, ranking all keys takes no time that is worth a second request.
const FEW_CALLS: i64 = 50_000;

/// What stands instead of a chart over time.
pub(super) enum Ranking {
    /// A chart over time does.
    None,
    /// The dearest first.
    Of(Vec<Slice>),
    /// It takes long, and is asked for by the page once that is there.
    Later,
}

impl Ranking {
    /// What is ranked, as far as it is there.
    pub(super) fn slices(&self) -> &[Slice] {
        match self {
            Self::Of(slices) => slices,
            Self::None | Self::Later => &[],
        }
    }
}

/// What was used in the filter's time, and the ranking of it.
pub(super) async fn read(
    api: &Api,
    filter: &Filter,
    now: UnixMillis,
) -> Result<(Usage, Ranking), Trouble> {
    match filter.by() {
        "model" => {
            let usage = usage(api, &filter.usage(now, "model")).await?;
            let ranked = Usage { data: usage.by_model.clone(), ..Usage::default() }.ranked();
            Ok((usage, Ranking::Of(ranked)))
        }
        "key" => {
            let whole = usage(api, &filter.usage(now, "")).await?;
            let is_quick = whole.requests.total <= FEW_CALLS || !filter.key_id.is_empty();
            if !is_quick && filter.wait.is_empty() {
                return Ok((whole, Ranking::Later));
            }
            let keys = usage(api, &filter.usage(now, "key")).await?;
            Ok((whole, Ranking::Of(keys.ranked())))
        }
        by => Ok((usage(api, &filter.usage(now, by)).await?, Ranking::None)),
    }
}

/// Of what is not there, nothing was used.
async fn usage(api: &Api, path: &str) -> Result<Usage, Trouble> {
    match api.get(path).await {
        Err(Trouble::Refused(refusal)) if matches!(refusal.status, 404 | 422) => {
            Ok(Usage::default())
        }
        answer => answer,
    }
}
