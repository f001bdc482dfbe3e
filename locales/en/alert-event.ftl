## What happened, in a sentence.
alert-said-soft-limit = The token “{ $name }” has used { $used } { $window ->
    [day] today
    [month] this month
   *[total] in all
}; you wanted to know at { $limit }.
alert-said-usage = The token “{ $name }” has used { $used } of its { $window ->
    [day] daily limit
    [month] monthly limit
   *[total] total limit
} of { $limit } ({ $percent } %).
alert-said-balance = The balance of “{ $name }” is { $available }, below { $threshold }.
alert-said-expiring = The token “{ $name }” expires at { $end }.
alert-said-anomaly-spend = The token “{ $name }” spent { $now } in the hour from { $hour }; its highest hour of the past 30 days was { $past }.
alert-said-anomaly-requests = The token “{ $name }” made { $now } calls in the hour from { $hour }; its highest hour of the past 30 days had { $past }.
alert-said-channel = The channel “{ $name }” is down, none of its secrets works: { $trouble }.
alert-said-suspect = On the channel “{ $name }” { $count ->
    [one] a call
   *[other] { $count } calls
} came with missing or absurd usage figures and cost an estimate; { $call } is one. Further ones of the day are not told.
