## Channels: the upstreams that calls go to.
channel-nav = Channels
channel-lead = The providers that calls go to. Higher priority is tried first; the weight shares calls among equals.
channel-create = Add channel
channel-unpriced = { $count ->
    [one] { $count } model of your channels has no price: its calls are refused.
   *[other] { $count } models of your channels have no price: their calls are refused.
}
channel-unpriced-go = Set prices
channel-empty-title = Add your first channel
channel-empty-text = A channel is a provider with your secret for it. Choose a preset, paste the secret, name the models.
channel-count = { $count ->
    [one] { $count } channel
   *[other] { $count } channels
}
channel-channel = Channel
channel-health = Health
channel-models = Models
channel-groups = Groups
channel-order = Priority · weight
channel-order-hint = Higher priority is tried first; among equals, the weight is each one's share of the calls.
channel-health-good = Healthy
channel-health-down = Resting
channel-health-resting = Resting
channel-health-trying = On trial
channel-health-unknown = Not in force yet
channel-health-part = { $well } of { $all } healthy
channel-error-secret-refused = The provider refuses the secret
channel-error-quota-exhausted = The provider's credit is used up
channel-error-rate-limited = Rate limited by the provider
channel-error-timed-out = No answer in time
channel-error-request-refused = The provider refuses the request
channel-error-no-api = There is no such API at this address
channel-error-broke-off = The answer broke off, or did not end in time
channel-error-in-answer = The answer is an error with a good status
channel-error-no-connection = No connection to the provider
channel-error-failed = The call failed
channel-switch = { $name } takes calls
channel-switch-hint = Turn the channel on or off; it takes effect at once
channel-test = Test
channel-test-hint = Asks the provider for a few tokens with each secret. It costs what the provider charges, and is in nobody's books.
channel-test-ok = Works, { $time }
channel-delete = Delete
channel-delete-named = Delete { $name }
channel-delete-title = Delete { $name }?
channel-delete-warning = Its secrets are wiped at once, and no further calls go to it. The books keep its past calls.
channel-delete-none-lost = Every model of this channel is served by another one too.
channel-delete-lost = { $count ->
    [one] { $count } model is served by no other channel in one of its groups. Calls to it will fail:
   *[other] { $count } models are served by no other channel in one of their groups. Calls to them will fail:
}
channel-secrets = Secrets
channel-secret-count = { $count ->
    [one] { $count } secret
   *[other] { $count } secrets, taking turns
}
channel-secrets-unknown = Their health is known while the channel is switched on.
channel-until = resumes
channel-settings = Settings
channel-provider = Provider
channel-provider-hint = Whose interface it speaks.
channel-dialects = Wire formats
channel-dialects-hint = What it does not take is translated to the first. None: the provider's own.
channel-priority = Priority
channel-weight = Weight
channel-proxy = Proxy
channel-proxy-hint = http or socks5. Its login is never shown again.
channel-headers = Headers
channel-headers-hint = Added to each call, one per line.
channel-model-count = { $count ->
    [one] { $count } model
   *[other] { $count } models
}
channel-upstream = Upstream name
channel-create-title = Add channel
channel-edit-title = Edit channel
channel-form-lead = Takes effect as soon as it is saved.
channel-presets-lead = Choose the provider. Its address and wire formats are filled in.
channel-own-address = your own address
channel-preset-other = Another service
channel-preset-other-text = anything OpenAI-compatible
channel-other-preset = Choose another
channel-name = Name
channel-name-hint = For you; callers do not see it.
channel-base-url = Base URL
channel-base-url-hint = With or without the version segment.
channel-secret-label = Secret
channel-secret-hint = One per line; several take turns. Sealed for this address and never shown again.
channel-secret-kept = { $count ->
    [one] Empty: the stored secret stays
   *[other] Empty: the { $count } stored secrets stay
}
channel-secret-optional = This service may need none.
channel-models-hint = As callers name them, one per line.
channel-model-map = Upstream names
channel-model-map-hint = Where the provider calls a model otherwise: name = upstream name.
channel-enabled = Takes calls
channel-advanced = More settings
channel-advanced-text = provider, wire formats, headers, proxy, time-outs
channel-timeout-connect = Connect within (ms)
channel-timeout-first = First byte within (ms)
channel-timeout-idle = Between bytes (ms)
channel-timeout-total = Whole call (ms)
channel-ask-usage = Ask for usage in streams
channel-notice-created = { $name } is added and in force. Test it.
channel-notice-saved = { $name } is saved and in force.
channel-notice-enabled = { $name } takes calls.
channel-notice-disabled = { $name } takes no more calls.
channel-notice-deleted = { $name } is deleted.
