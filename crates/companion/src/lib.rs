//! The companion: a person's accounts and tokens at relay sites, and the tools that use them.
