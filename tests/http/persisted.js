// Asks a gateway twice through clients that send hashes instead of documents: node persisted.js CLIENT METHOD URL QUERY.
// Prints what each of the two was told, and all that was sent, as one JSON object.
import { createHash } from 'node:crypto'
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { Client, fetchExchange } from '@urql/core'
import { persistedExchange } from '@urql/exchange-persisted'

const [client, method, uri, query] = process.argv.slice(2)
const sent = []

async function recorded(url, options) {
  const body = options.body ? JSON.parse(options.body) : Object.fromEntries(new URL(url).searchParams)
  const response = await fetch(url, options)
  sent.push({ method: options.method, withDocument: 'query' in body, status: response.status })
  return response
}

const sha256 = (text) => createHash('sha256').update(text).digest('hex')

async function apollo() {
  const hashes = new PersistedQueryLink({ sha256, useGETForHashedQueries: method === 'GET' })
  const link = ApolloLink.from([hashes, new HttpLink({ uri, fetch: recorded })])
  const client = new ApolloClient({ link, cache: new InMemoryCache() })
  return (await client.query({ query: gql(query), fetchPolicy: 'no-cache' })).data
}

async function urql() {
  const hashes = persistedExchange({ preferGetForPersistedQueries: method === 'GET', generateHash: async (text) => sha256(text) })
  const client = new Client({ url: uri, fetch: recorded, exchanges: [hashes, fetchExchange], preferGetMethod: false })
  const { data, error } = await client.query(query, {})
  return data ?? String(error)
}

const ask = { apollo, urql }[client]
console.log(JSON.stringify({ told: [await ask(), await ask()], sent }))
