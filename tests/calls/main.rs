//! Calls over REST and gRPC: from the command to the reply, against real and misbehaving servers.

mod alone;
mod grpc;
mod harness;
mod health;
mod rest;
mod retries;
mod scripted;
