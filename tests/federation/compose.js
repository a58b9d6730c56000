// imagraph and a shop as subgraphs, composed by Apollo's gateway: asks it what standard input lists, a query a line, and prints
// each answer as a line.
//
//   node compose.js http://127.0.0.1:8080/graphql < queries

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { ApolloGateway, IntrospectAndCompose } from '@apollo/gateway';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';

const schema = buildSubgraphSchema({
  typeDefs: parse(`
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key", "@shareable"])
    type Query { products(photos: [ID!]!): [Product!]! }
    type Product { name: String! photo: Image related: PageInfo }
    type Image @key(fields: "id") { id: ID! alt: String! }
    type PageInfo @shareable {
      hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String
    }
  `),
  resolvers: {
    Query: {
      products: (_, { photos }) =>
        photos.map((id, place) => ({ name: `product ${place}`, photo: { __typename: 'Image', id } })),
    },
    Image: { __resolveReference: (image) => image, alt: ({ id }) => `what ${id} shows` },
  },
});

const shop = createServer(async (request, response) => {
  const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
  const answer = await graphql({ schema, source: body.query, variableValues: body.variables });
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
});
await new Promise((listening) => shop.listen(0, '127.0.0.1', listening));

const quiet = { debug() {}, info() {}, warn: console.error, error: console.error };
const gateway = new ApolloGateway({
  logger: quiet,
  supergraphSdl: new IntrospectAndCompose({
    subgraphs: [
      { name: 'images', url: process.argv[2] },
      { name: 'shop', url: `http://127.0.0.1:${shop.address().port}` },
    ],
  }),
});
const { executor, schema: composed } = await gateway.load();

for await (const line of createInterface({ input: process.stdin })) {
  const { query, variables } = JSON.parse(line);
  const answer = await executor({
    document: parse(query),
    request: { query, variables, http: { headers: new Map() } },
    queryHash: query,
    context: {},
    schema: composed,
    cache: new Map(),
    metrics: {},
    logger: quiet,
    overallCachePolicy: { restrict() {}, policyIfCacheable: () => null },
  });
  console.log(JSON.stringify(answer));
}
await gateway.stop();
shop.close();
shop.closeAllConnections();
