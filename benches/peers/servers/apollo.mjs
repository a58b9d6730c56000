// Apollo Server as its own documentation starts it.
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { listen, resolvers, typeDefs } from './schema.mjs'

await startStandaloneServer(new ApolloServer({ typeDefs, resolvers }), { listen })
