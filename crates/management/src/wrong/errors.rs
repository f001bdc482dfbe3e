//! What other crates refuse, as what is wrong with a field.

use ::alerts::send::webhook::InvalidAddress;
use domain::id::InvalidId;
use domain::money::InvalidAmount;
use domain::network::InvalidRange;
use domain::permission::UnknownPermission;
use domain::price::{IncoherentPrice, InvalidPrice};
use gateway::upstream::{InvalidBaseUrl, InvalidProxy};
use protocol::json::JsonError;
use std::net::AddrParseError;
use std::str::ParseBoolError;
use store::AmountRefusal;

use super::Wrong;

impl From<JsonError> for Wrong {
    fn from(error: JsonError) -> Self {
        Self::Json { reason: error.to_string() }
    }
}

impl From<InvalidId> for Wrong {
    fn from(error: InvalidId) -> Self {
        Self::Id { prefix: error.prefix }
    }
}

impl From<ParseBoolError> for Wrong {
    fn from(_: ParseBoolError) -> Self {
        Self::TrueOrFalse
    }
}

impl From<InvalidAmount> for Wrong {
    fn from(error: InvalidAmount) -> Self {
        match error {
            InvalidAmount::NotANumber => Self::Amount,
            InvalidAmount::TooFine => Self::AmountTooFine,
            InvalidAmount::TooLarge => Self::AmountTooLarge,
        }
    }
}

impl From<InvalidPrice> for Wrong {
    fn from(error: InvalidPrice) -> Self {
        match error {
            InvalidPrice::NotAnAmount(InvalidAmount::NotANumber) => Self::Rate,
            InvalidPrice::NotAnAmount(InvalidAmount::TooFine) => Self::AmountTooFine,
            InvalidPrice::NotAnAmount(InvalidAmount::TooLarge) | InvalidPrice::OutOfRange => {
                Self::RateOutOfRange
            }
        }
    }
}

impl From<IncoherentPrice> for Wrong {
    fn from(error: IncoherentPrice) -> Self {
        match error {
            IncoherentPrice::Half { .. } => Self::PriceHalf,
            IncoherentPrice::None => Self::PriceNone,
            IncoherentPrice::Tiers => Self::TierOrder,
            IncoherentPrice::Windows => Self::WindowZero,
        }
    }
}

impl From<InvalidRange> for Wrong {
    fn from(_: InvalidRange) -> Self {
        Self::AddressRange
    }
}

impl From<AddrParseError> for Wrong {
    fn from(_: AddrParseError) -> Self {
        Self::Address
    }
}

impl From<UnknownPermission> for Wrong {
    fn from(UnknownPermission(name): UnknownPermission) -> Self {
        Self::Permission { name }
    }
}

impl From<InvalidBaseUrl> for Wrong {
    fn from(error: InvalidBaseUrl) -> Self {
        match error {
            InvalidBaseUrl::NotAUrl => Self::BaseUrl,
            InvalidBaseUrl::Extras => Self::BaseUrlExtras,
        }
    }
}

impl From<InvalidProxy> for Wrong {
    fn from(error: InvalidProxy) -> Self {
        match error {
            InvalidProxy::NotAProxy => Self::Proxy,
            InvalidProxy::Login => Self::ProxyLogin,
        }
    }
}

impl From<InvalidAddress> for Wrong {
    fn from(_: InvalidAddress) -> Self {
        Self::WebhookUrl
    }
}

impl From<AmountRefusal> for Wrong {
    fn from(why: AmountRefusal) -> Self {
        match why {
            AmountRefusal::NotPositive => Self::TopUpNotPositive,
            AmountRefusal::BooksFull => Self::BooksFull,
        }
    }
}
