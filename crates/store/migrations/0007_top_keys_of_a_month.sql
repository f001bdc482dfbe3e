-- The keys that something was charged to in a month, by the amount. Keys alone: users are never ranked
-- by it, and their counters change most often.
CREATE INDEX counters_by_month ON counters (starts_at, settled, subject) WHERE period = 'month' AND settled > 0 AND SUBSTR(subject, 1, 4) = 'key_';
