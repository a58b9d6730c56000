// Asks a gateway through ImageKit's own SDK: node ask.js BASE_URL KEY CALL ARGUMENT, the argument in JSON.
// Prints what the SDK returns, or what it throws, as one JSON object.
import { createReadStream } from 'node:fs'
import ImageKit from '@imagekit/nodejs'

const [baseURL, privateKey, call, argument] = process.argv.slice(2)
const client = new ImageKit({ baseURL, privateKey, maxRetries: 0 })
const calls = {
  metadata: (id) => client.files.metadata.get(id),
  metadataOfUrl: (url) => client.files.metadata.getFromURL({ url }),
  details: (id) => client.files.get(id),
  list: (query) => client.assets.list(query),
  // What the file is: at a path of this machine, or whatever text the SDK passes on.
  upload: ({ path, file, ...fields }) => client.files.upload({ file: path ? createReadStream(path) : file, ...fields }),
}

try {
  const { data, response } = await calls[call](JSON.parse(argument)).withResponse()
  console.log(JSON.stringify({ data, requestId: response.headers.get('x-ik-requestId') }))
} catch (error) {
  console.log(JSON.stringify({ error: error.constructor.name, status: error.status, body: error.error }))
}
