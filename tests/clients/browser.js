// What browsers have of their own.
import WebSocket from 'ws'

globalThis.WebSocket = WebSocket
