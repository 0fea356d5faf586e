//! The program as its users run it: started, asked over HTTP, stopped, damaged, starved.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod atomic;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod battery;
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod client;
#[cfg(test)]
mod client_floor;
#[cfg(test)]
mod client_metrics;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod dialers;
#[cfg(test)]
mod dispositions;
#[cfg(test)]
mod dnc;
#[cfg(test)]
mod events;
#[cfg(test)]
mod fact;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod floor;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod furnished;
#[cfg(test)]
mod house;
#[cfg(test)]
mod http;
#[cfg(test)]
mod http3_foreign;
#[cfg(test)]
mod hydrate;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod key_file;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod life;
#[cfg(test)]
mod monitoring;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod outcomes;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod proxy_faults;
#[cfg(test)]
mod reads;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod relaxed;
#[cfg(test)]
mod reload;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod server;
#[cfg(test)]
mod slices;
#[cfg(test)]
mod sor_addresses;
#[cfg(test)]
mod sor_again;
#[cfg(test)]
mod sor_guard;
#[cfg(test)]
mod sor_ingest;
#[cfg(test)]
mod sor_kit;
#[cfg(test)]
mod sor_login;
#[cfg(test)]
mod sor_permits;
#[cfg(test)]
mod sor_source;
#[cfg(test)]
mod sor_tap;
#[cfg(test)]
mod sor_tls;
#[cfg(test)]
mod sor_unknown;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod words;
