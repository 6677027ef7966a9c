//! What is told of a broker of either generation: first what each recording is about, then what
//! no recording shows.

mod dialects;
mod play;
mod recordings;
mod registration;
