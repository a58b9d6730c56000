//! Who is at the other end of a WebSocket, and the place that it takes.

use std::sync::Arc;

use actix_web::http::header::HeaderMap;
use actix_web::web::Data;
use serde_json::{Map, Value};

use super::{Connections, Place};
use crate::config::Right;
use crate::error::{Error, Result};
use crate::http::auth::{Caller, Callers};

pub struct Admission {
    callers: Data<Callers>,
    connections: Data<Connections>,
    /// Of the request that opened it.
    headers: HeaderMap,
    /// As far as that is known.
    pub caller: Option<Arc<Caller>>,
    place: Place,
}

impl Admission {
    /// Whom the headers name is a caller at once. Others may still say it, and meanwhile are in nobody's way.
    pub fn open(callers: Data<Callers>, connections: Data<Connections>, headers: &HeaderMap) -> Result<Self> {
        let (caller, place) = match callers.admit(headers, Right::Read) {
            Ok(caller) => (Some(Arc::clone(caller)), connections.enter(caller)?),
            Err(Error::Unauthenticated { .. }) => (None, connections.enter_as_stranger()?),
            Err(refused) => return Err(refused),
        };
        Ok(Self { callers, connections, headers: headers.clone(), caller, place })
    }

    /// By the payload of the first message, which wins. Who is another by it is counted, and has a place, as that one.
    pub fn initialise(&mut self, payload: &Map<String, Value>) -> Result<()> {
        let caller = self.callers.connecting(&self.headers, payload, Right::Read)?;
        if self.caller.as_ref().is_some_and(|known| Arc::ptr_eq(known, caller)) {
            return Ok(());
        }
        caller.admit()?;
        self.place = self.connections.enter(caller)?;
        self.caller = Some(Arc::clone(caller));
        Ok(())
    }
}
