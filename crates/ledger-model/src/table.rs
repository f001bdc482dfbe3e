//! Tables of a fixed, small size with a name for every place in them.
//!
//! The model has two limits, two nodes and four calls, never more. An enum names each one and a
//! struct holds one value for each, so that a look-up cannot miss and a state has a fixed shape.

/// What a place of one of the tables is filled with.
macro_rules! table {
    (
        $(#[$id_doc:meta])* $id:ident,
        $(#[$table_doc:meta])* $table:ident
        { $($(#[$place_doc:meta])* $place:ident => $field:ident),+ $(,)? }
    ) => {
        $(#[$id_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $id { $($(#[$place_doc])* $place),+ }

        impl $id {
            /// Every place, in order.
            pub const ALL: &'static [Self] = &[$(Self::$place),+];
        }

        $(#[$table_doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $table<T> { $($(#[$place_doc])* pub $field: T),+ }

        impl<T> $table<T> {
            /// The value at `id`.
            pub fn get(&self, id: $id) -> &T {
                match id { $($id::$place => &self.$field),+ }
            }

            /// The value at `id`, to change.
            pub fn get_mut(&mut self, id: $id) -> &mut T {
                match id { $($id::$place => &mut self.$field),+ }
            }
        }
    };
}

table! {
    /// A limit; a call is subject to one or to both.
    LimitId,
    /// One value for each limit.
    PerLimit {
        /// The limit of a key.
        Key => key,
        /// The balance of the user who owns the key.
        User => user,
    }
}

table! {
    /// A node: one process at a time, one data directory, one journal.
    NodeId,
    /// One value for each node.
    PerNode {
        /// The first node.
        One => one,
        /// The second node.
        Two => two,
    }
}

table! {
    /// A call.
    CallId,
    /// One value for each call.
    PerCall {
        /// The first call.
        A => a,
        /// The second call.
        B => b,
        /// The third call.
        C => c,
        /// The fourth call.
        D => d,
    }
}
