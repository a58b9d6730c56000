// Subscribes with the clients that web pages use: node ask.js ws|sse URL KEY REQUEST, the request in JSON.
// Prints each result as a line of JSON, and `"complete"` after the last.
import { createClient as overSse } from 'graphql-sse'
import { createClient as overWebSocket } from 'graphql-ws'
import WebSocket from 'ws'

const [kind, url, key, request] = process.argv.slice(2)
const authorization = `Bearer ${key}`
const clients = {
  ws: () =>
    overWebSocket({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization },
      retryAttempts: 0,
    }),
  sse: () => overSse({ url: `${url}/graphql`, headers: { authorization }, retryAttempts: 0 }),
}

const client = clients[kind]()
client.subscribe(JSON.parse(request), {
  next: (result) => console.log(JSON.stringify(result)),
  error: (error) => console.log(JSON.stringify({ failed: error.reason ?? error, code: error.code })),
  complete: () => {
    console.log('"complete"')
    client.dispose()
  },
})
