//! Well-formed commit ids and ref names, for projects that have no repository to ask.
