## System.
system-nav = System
system-lead = What needs a decision, and whether the records are what was written.
system-version = Version
system-version-note = of this node
system-channels = Channels at work
system-channels-note = of { $count }
system-doubts = Calls in doubt
system-doubts-note = waiting for a decision
system-address = Address
system-address-note = where clients reach it
system-doubts-text = These calls went upstream, and nobody knows what came of them. Their bound is held until you decide; after a time they are decided by themselves.
system-no-doubts = There is none.
system-call = Call
system-who = User and token
system-since = Since
system-settle = Charge
system-settle-title = Charge this call?
system-settle-warning = It is charged by its last checkpoint, or else in full. Never more than what is held. This is final.
system-release = Release
system-release-title = Release this call?
system-release-warning = The user gets back what is held, and you bear what the provider charges. This is final.
system-notice-settled = The call is charged.
system-notice-released = The call is released.
system-books = The books
system-books-text = Recomputes every charge, counter, balance and row of the audit log from the first entry on. It reads all of them and changes nothing.
system-books-verify = Verify the books
system-books-sound = Sound: everything is what it was when it was written.
system-books-broken = { $count ->
    [one] { $count } difference was found.
   *[other] { $count } differences were found.
}
system-books-calls = Calls
system-books-counters = Counters
system-books-accounts = Accounts
system-books-rows = Rows of the audit log
system-nodes = Nodes
system-nodes-text = The machines that serve calls on this database
system-node = Node
system-node-active = Running
system-node-ended = Shut down
system-starts = Starts
system-shipped = Records booked
