//! What an entry is found by.

use std::{ffi::OsStr, fmt};

use sha2::{Digest as _, Sha256};

/// A SHA-256 over everything that a result depends on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of a list of parts. Each goes in behind its length, so that no two lists have the same key. A list in a
    /// list is to be a part of its own: `Key::of([kind, Key::of(files).as_bytes()])`.
    pub fn of<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            let part = part.as_ref();
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads what `Display` writes, and nothing else.
    pub(super) fn from_name(name: &OsStr) -> Option<Self> {
        let name = name.to_str().filter(|name| name.len() == 64 && name.is_ascii())?;
        let mut key = Self([0; 32]);
        for (at, byte) in key.0.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&name[2 * at..2 * at + 2], 16).ok()?;
        }
        (key.to_string() == name).then_some(key)
    }
}

/// 64 lower-case hexadecimal digits.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn no_two_lists_share_a_key() {
        let lists: [&[&[u8]]; 8] =
            [&[], &[b""], &[b"", b""], &[b"ab"], &[b"a", b"b"], &[b"ab", b""], &[b"", b"ab"], &[b"b", b"a"]];
        for (at, list) in lists.iter().enumerate() {
            assert_eq!(Key::of(*list), Key::of(list.to_vec()));
            for other in &lists[at + 1..] {
                assert_ne!(Key::of(*list), Key::of(*other), "{list:?} and {other:?}");
            }
        }
    }

    #[test]
    fn a_name_is_read_back_and_no_other_spelling_is() {
        let key = Key::of([b"one"]);
        let name = key.to_string();
        assert_eq!(Key::from_name(name.as_ref()), Some(key));
        for other in [name.to_uppercase(), format!("{name}0"), name[1..].to_owned(), format!("+{}", &name[1..])] {
            assert_eq!(Key::from_name(other.as_ref()), None, "{other}");
        }
    }
}
