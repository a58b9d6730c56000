// mercurius on fastify, with its compiler of queries (MERCURIUS_JIT=1) or without.
import Fastify from 'fastify'
import mercurius from 'mercurius'
import { listen, resolvers, typeDefs } from './schema.mjs'

const jit = Number(process.env.MERCURIUS_JIT ?? 0)
const app = Fastify()
app.register(mercurius, { schema: typeDefs, resolvers, jit })
await app.listen(listen)
