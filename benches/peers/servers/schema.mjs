// The gateway's own schema and, from memory, its own answer: what every server here serves.
import { readFileSync } from 'node:fs'

const [schemaFile, answerFile, port] = process.argv.slice(2)
const image = JSON.parse(readFileSync(answerFile, 'utf8'))

export const typeDefs = readFileSync(schemaFile, 'utf8')
export const resolvers = { Query: { file: (_, { id }) => (id === image.id ? image : null) } }
export const listen = { port: Number(port), host: '127.0.0.1' }
