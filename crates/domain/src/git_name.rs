//! Well-formed commit ids and ref names, for projects that have no repository to ask.

/// Whether the text is a complete object id: 40 hexadecimal digits (SHA-1) or 64 (SHA-256), of either case.
#[must_use]
pub fn is_object_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && is_hex(text)
}

/// Whether the text can be an object id or the beginning of one: 4 to 64 hexadecimal digits. Git resolves no shorter.
#[must_use]
pub fn is_abbreviated_id(text: &str) -> bool {
    (4..=64).contains(&text.len()) && is_hex(text)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether the text can be the name of a branch or tag, short (`main`) or full (`refs/heads/main`), or is `HEAD`: the
/// rules of `git check-ref-format --branch`.
#[must_use]
pub fn is_well_formed_ref(text: &str) -> bool {
    let has_forbidden_character = text
        .chars()
        .any(|c| c.is_ascii_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\'));
    let component_is_fine = |component: &str| {
        !component.is_empty() && !component.starts_with('.') && component.strip_suffix(".lock").is_none()
    };
    !has_forbidden_character
        && !text.starts_with('-')
        && !text.ends_with('.')
        && text != "@"
        && !text.contains("..")
        && !text.contains("@{")
        && text.split('/').all(component_is_fine)
}

/// Whether a repository may be asked what the text means (reference 6.3.2). Texts that fail this are never resolved, so
/// they can neither pass for an option of git nor reach into a tree.
#[must_use]
pub fn is_resolvable_text(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('-') && !text.contains(|c: char| c == ':' || c == '\0' || c.is_whitespace())
}
