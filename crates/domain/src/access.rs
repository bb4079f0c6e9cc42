//! Who may do what (reference section 13).
