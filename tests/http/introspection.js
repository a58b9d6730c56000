// Asks a gateway for its schema, as tools do, and builds that: node introspection.js URL.
// Prints it in GraphQL's definition language.
import { buildClientSchema, getIntrospectionQuery, printSchema } from 'graphql'

const everything = { specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true, oneOf: true }

async function introspect(options) {
  const body = JSON.stringify({ query: getIntrospectionQuery(options) })
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(process.argv[2], { method: 'POST', headers, body })
  const { data, errors } = await response.json()
  if (errors) throw new Error(JSON.stringify(errors))
  return buildClientSchema(data)
}

// What GraphiQL asks, and all that can be asked.
await introspect({})
console.log(printSchema(await introspect(everything)))
