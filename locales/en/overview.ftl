## The overview, and usage wherever it is shown.
overview-lead = Spending, where it goes, and whether all is well.
overview-today = Spent today
overview-month = Spent this month
overview-requests = Requests
overview-this-month = this month
overview-shared = shared by all tokens
overview-unlimited = calls are only counted
overview-top-tokens = Top tokens this month
overview-nothing-charged = Nothing was charged this month yet.
overview-more-tokens = There may be more; not all tokens were looked at yet.
overview-top-models = Top models
overview-nothing-yet = No calls yet.
overview-recent = Recent calls
usage-calls = { $count ->
    [one] { $count } call
   *[other] { $count } calls
}
usage-by-day = Spending by day
usage-30-days = Last 30 days
steps-title = First steps
steps-lead = A few steps until the first call comes through.
steps-channel = Connect a provider
steps-channel-text = A channel is one account at OpenAI, Anthropic, Google or another provider.
steps-import = Moving over from new-api or one-api? Import the whole site.
steps-token = Create a token
steps-token-text = One for each app, tool or person, with a limit of its own.
steps-call = Make the first call
steps-call-text = Point any OpenAI, Anthropic or Gemini client at this address:
call-when = When
call-model = Model
call-status = Status
call-tokens = Tokens in → out
call-time = Time
call-client = Client
call-cost = Cost
