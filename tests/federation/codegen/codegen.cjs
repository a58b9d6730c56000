// Every scalar of the schema has to be known: what is not is an error (strictScalars).

const scalars = {
  Color: 'string',
  JSON: 'Record<string, unknown>',
  LocalDateTime: 'string',
  PHash: 'string',
  Upload: 'File',
  Url: 'string',
  UtcOffset: 'string',
};

module.exports = {
  schema: process.env.SCHEMA,
  documents: `${__dirname}/*.graphql`,
  generates: {
    [process.env.OUT]: {
      plugins: ['typescript', 'typescript-operations'],
      config: { strictScalars: true, scalars },
    },
  },
};
