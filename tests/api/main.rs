//! The HTTP surface from outside, over loopback sockets. Behind the door stands a gateway made for
//! the test, so that every answer is the transport's own doing.

#[cfg(test)]
mod auth;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod client;
#[cfg(test)]
mod framed;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod frames_ends;
#[cfg(test)]
mod frames_pace;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod half_closed;
#[cfg(test)]
mod http2;
#[cfg(test)]
mod http2_limits;
#[cfg(test)]
mod http3;
#[cfg(test)]
mod http3_broken;
#[cfg(test)]
mod http3_drain;
#[cfg(test)]
mod http3_greetings;
#[cfg(test)]
mod http3_limits;
#[cfg(test)]
mod http3_raw;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod protocols;
#[cfg(test)]
mod stand_in;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod stream_client;
#[cfg(test)]
mod stream_ends;
#[cfg(test)]
mod tls;
