//! The server from outside: real HTTP, a real database, the emulator as Codika. One binary, because
//! linking the server is slow.

mod accounts;
mod assets;
mod canary;
mod cli;
mod drawn;
mod environments;
mod forms;
mod hostile;
mod incident;
mod markup;
mod matrix;
mod memory;
mod openapi;
mod pages;
mod patience;
mod people;
mod postgres;
mod replicas;
mod rest;
mod rest_actions;
mod rest_lists;
mod restore;
mod restricted;
mod rpc;
mod security;
mod slow_clients;
mod streams;
mod support;
mod three;
