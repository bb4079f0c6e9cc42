//! The file with the administrator's token.

use std::{
    env, fs,
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use landfall_domain::token::Secret;

use crate::failure::Failure;

const VARIABLE: &str = "LANDFALL_ROOT_TOKEN";
/// A shorter token could be guessed by trying.
const SHORTEST: usize = 8;

/// Where the file is.
pub(crate) fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("root-token")
}

/// The token that the operator has chosen, if any.
pub(crate) fn chosen() -> Result<Option<Secret>, Failure> {
    let text = match env::var(VARIABLE) {
        Ok(text) => text,
        Err(env::VarError::NotPresent) => return Ok(None),
        Err(env::VarError::NotUnicode(_)) => return Err(Failure::usage(wrong())),
    };
    if is_fit(&text) {
        Ok(Some(Secret::new(text)))
    } else {
        Err(Failure::usage(wrong()))
    }
}

fn wrong() -> String {
    format!("{VARIABLE} must have {SHORTEST} or more letters, digits or signs and no blanks; set another or unset it")
}

/// A token travels in a header, where blanks and other letters than ASCII's do not.
fn is_fit(text: &str) -> bool {
    text.len() >= SHORTEST && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The token of a file that is there already. It may belong to another database that uses the same directory, whose only
/// key it is: so an empty database gets the same token instead of the file a new one.
pub(crate) fn kept(path: &Path) -> Option<Secret> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim_end())
        .filter(|text| is_fit(text))
        .map(|text| Secret::new(text.to_owned()))
}

/// Writes the file, readable by this user alone; it is there wholly or not at all.
pub(crate) fn write(path: &Path, secret: &Secret) -> io::Result<()> {
    let unfinished = path.with_extension("new");
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)?;
    writeln!(file, "{}", secret.expose())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_file_is_the_users_alone_whatever_stood_there() {
        let directory = tempfile::tempdir().unwrap();
        let file = path(directory.path());
        fs::write(&file, "older").unwrap();
        fs::write(file.with_extension("new"), "left over").unwrap();
        write(&file, &Secret::new("ldf-12345678".to_owned())).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "ldf-12345678\n");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(
            kept(&file).map(|secret| secret.expose().to_owned()),
            Some("ldf-12345678".to_owned())
        );
        fs::write(&file, "short").unwrap();
        assert!(kept(&file).is_none());
    }

    #[test]
    fn tokens_have_eight_signs_and_no_blank() {
        assert!(is_fit("12345678") && is_fit("ldf-~!@#$%^&"));
        for wrong in ["", "1234567", "1234 5678", "12345678\n", "12345678é"] {
            assert!(!is_fit(wrong), "{wrong:?}");
        }
    }
}
