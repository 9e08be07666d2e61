//! All of several, or nothing.

/// All of them, or nothing; but each is read, so that each is heard.
pub(in crate::config) fn every<T, All: FromIterator<T>>(read: impl Iterator<Item = Option<T>>) -> Option<All> {
    let read: Vec<Option<T>> = read.collect();
    read.into_iter().collect()
}
