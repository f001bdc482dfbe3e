//! Why a price of a source is not imported: the sentence for people, and its name and values for
//! programs that say it in another language.

use domain::price::IncoherentPrice;

domain::reasons! {
    /// Why a price is not imported.
    pub(crate) enum Skip {
        Twice = "twice", "It is listed twice: the first entry counts.";
        Name = "name", "This is no model's name of 1 to 200 characters without blanks.";
        Half = "half", "Input and output are set together: a missing price is not 0.";
        NoTokenPrice = "no_token_price", "It has no price per token of input and output.";
        Zero = "zero", "Its prices are 0, which there often means unknown. Set it by hand if it is free.";
        NoPrice = "no_price", "It has no price per token or per call.";
        TierOrder = "tier_order", "Its tiers are not in rising order, each threshold once.";
        WindowZero = "window_zero", "Its context window or its longest output is 0.";
        Ratio { ratio: String } = "ratio", "Its {ratio} is no number of 0 or more.";
        TooDear = "too_dear", "It is dearer than 1000000 USD per million tokens.";
        NoRatio = "no_ratio", "It has neither a model_ratio nor a model_price.";
        NoCompletionRatio = "no_completion_ratio", "It has no completion_ratio: the one that is built into new-api is not in the file.";
        RatioZero = "ratio_zero", "Its ratio is 0. Set its price by hand if it is free.";
        NoObject = "no_object", "Its entry is not an object in braces.";
        NoRate { field: String, shown: String } = "no_rate", "{field} is no price: {shown}.";
        Mode { mode: String } = "mode", "Its mode \"{mode}\" is not billed by tokens alone.";
    }
}

impl From<IncoherentPrice> for Skip {
    fn from(error: IncoherentPrice) -> Self {
        match error {
            IncoherentPrice::Half { .. } => Self::Half,
            IncoherentPrice::None => Self::NoPrice,
            IncoherentPrice::Tiers => Self::TierOrder,
            IncoherentPrice::Windows => Self::WindowZero,
        }
    }
}
