// The audits of graphql-http against a gateway: node audits.js URL. Prints each as one line of JSON: its id, what it
// wants, and whether that is so.
import { auditServer } from 'graphql-http'

for (const { id, name, status, reason } of await auditServer({ url: process.argv[2] })) {
  console.log(JSON.stringify({ id, name, status, reason }))
}
