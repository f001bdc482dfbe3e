//! Why something of a site is not made, or not quite as it was: a sentence for people, and a code
//! with its values for whoever says it in another language.

use serde::Serialize;
use thiserror::Error;

/// The reasons. As they are serialized, so programs have them.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize)]
#[serde(tag = "code", content = "values", rename_all = "snake_case")]
pub(super) enum Why {
    #[error(
        "The database was in use when it was copied: its newest changes may be missing. Stop the site and copy it again, or let `tollkeeper import` read it where it is."
    )]
    MayLackChanges,
    #[error("The option cannot be read.")]
    OptionUnreadable,
    #[error("The option cannot be read: it opens no group.")]
    OpensNoGroup,
    #[error("The option cannot be read: only groups that are here already are used.")]
    RatiosUnreadable,
    #[error(
        "Groups that are open to users of one group alone are not taken over: to new users only their own group is open. Open others by hand."
    )]
    SpecialGroups,
    #[error(
        "Factors of its own for users of one group in another group are not taken over: there are none here."
    )]
    FactorsBetweenGroups,
    #[error(
        "The database holds no ratios: the site uses those that are built into it. Import prices from its /api/pricing or from the starter list."
    )]
    NoRatios,
    #[error(
        "The site counts {units} units to a dollar, so a ratio of 1 is not 2 USD per million tokens: set prices by hand."
    )]
    OtherUnits { units: String },
    #[error("{reason}")]
    PricesUnreadable {
        #[serde(skip)]
        reason: String,
    },

    #[error(
        "Its name cannot be one here: at most 64 characters, without commas, quotes and slashes."
    )]
    GroupName,
    #[error("Its factor cannot be read.")]
    FactorUnreadable,
    #[error("Its factor is cut to six digits.")]
    FactorCut,
    #[error("Its factor is not one from 0 to 1000. Make the group by hand, and import again.")]
    FactorOutOfRange,
    #[error("The site has no factor for it: it is 1.")]
    NoFactor,
    #[error("It has another factor here, which stays. Import with overwrite to have the site's.")]
    OtherFactor,

    #[error("They are deleted there.")]
    UserDeleted,
    #[error(
        "{name} has this address here already: the keys become theirs, the balance there is not added."
    )]
    Joined { name: String },
    #[error("Somebody else has their e-mail address: they are made without one.")]
    EmailTaken,
    #[error("Their e-mail address is none: they have none here.")]
    EmailInvalid,
    #[error("Their group {group:?} is not made: they are in {instead:?}.")]
    UserGroupMissing { group: String, instead: &'static str },
    #[error("Their balance is {amount} USD there: it begins at 0 here.")]
    BalanceNegative { amount: String },
    #[error("Their balance is more than the books can hold: it begins at 0.")]
    BalanceTooLarge,

    #[error("It is deleted there.")]
    KeyDeleted,
    #[error("Its value is not 48 letters and digits. Make a new key for whoever uses it.")]
    KeyValue,
    #[error("Its owner is deleted there, or left out.")]
    OwnerMissing,
    #[error("Another key has the same value.")]
    ValueTwice,
    #[error("Its quota is more than the books can hold: it is a billion USD.")]
    QuotaTooLarge,
    #[error("Its end there cannot be read. It is switched off here.")]
    EndUnreadable,
    #[error("It counts as expired there, though its end has not come. It is switched off here.")]
    ExpiredEarly,
    #[error(
        "It counts as used up there, though something of its quota is left. It is switched off here."
    )]
    UsedUpEarly,
    #[error("Its status there is {status:?}, which has no meaning here. It is switched off here.")]
    KeyStatus { status: String },
    #[error("Whether it is limited to models there cannot be read. It is switched off here.")]
    LimitUnreadable,
    #[error("It is limited to models there, and no model is named. It is switched off here.")]
    LimitedToNone,
    #[error(
        "A model that it is limited to has a * in its name: here that is any text. It is switched off here."
    )]
    ModelWithStar,
    #[error("No address of its IP list can be read. It is switched off here.")]
    AddressesUnreadable,
    #[error("Addresses of its IP list that cannot be read are left off.")]
    AddressesLeftOff,
    #[error(
        "Its group \"auto\" stands for no group that its owner may use. It is switched off here."
    )]
    AutoOfNothing,
    #[error("It goes through its owner's group, which is not made. It is switched off here.")]
    OwnersGroupMissing,
    #[error("Its group {group:?} is not made. It is switched off here.")]
    KeyGroupMissing { group: String },
    #[error("Its group {group:?} is not open to {owner} here: open it if you want it to work.")]
    GroupNotOpenHere { group: String, owner: String },
    #[error("Its group {group:?} was not open to its owner there. It is switched off here.")]
    GroupNotOpenThere { group: String },

    #[error("Its type there is {number}: a service that is not spoken to from here.")]
    ChannelType { number: String },
    #[error("It has no base URL.")]
    NoAddress,
    #[error("Its base URL {url:?} is none that can be called.")]
    AddressUnusable { url: String },
    #[error("{reason}")]
    AddressRefused {
        url: String,
        #[serde(skip)]
        reason: String,
    },
    #[error("It has no secret that can be sent.")]
    NoSecret,
    #[error("{taken} of its {count} secrets are taken over.")]
    SomeSecrets { taken: String, count: String },
    #[error("It serves no model.")]
    NoModel,
    #[error("{taken} of its {count} models are taken over.")]
    SomeModels { taken: String, count: String },
    #[error("Its model mapping cannot be read: models keep their names.")]
    MappingUnreadable,
    #[error("None of its groups is made.")]
    ChannelGroupsMissing,
    #[error("Its proxy is not taken over: it is switched off until you have set it.")]
    Proxy,
    #[error("The site had switched it off by itself: it is switched off here too.")]
    SwitchedOffThere,
    #[error("Models are the names of deployments here: compare them.")]
    Deployments,
    #[error("Not taken over: overridden parameters.")]
    ParametersLost,
    #[error("Not taken over: overridden headers.")]
    HeadersLost,
    #[error("Not taken over: mapped status codes.")]
    StatusCodesLost,
    #[error("Not taken over: a system prompt.")]
    SystemPromptLost,
}
