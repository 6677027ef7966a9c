//! What is told of a connection to `SaveToWebSocket`, one cause after the other: each test plays
//! the frames that show it and looks for the sentence a person gets.

mod endings;
mod play;
mod registration;
mod traffic;
