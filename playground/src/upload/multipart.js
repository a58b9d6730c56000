// The GraphQL multipart request specification, for one file.

/** The name of the variable that is a file, of an operation that has one. */
export const fileOf = (operation) =>
  operation?.variableDefinitions?.find(({ type }) => (type.type ?? type).name?.value === 'Upload')?.variable.name.value;

/** The body of a request whose variable `name` is `file`. */
export function multipart({ variables, ...params }, { name, file }) {
  const body = new FormData();
  body.append('operations', JSON.stringify({ ...params, variables: { ...variables, [name]: null } }));
  body.append('map', JSON.stringify({ 0: [`variables.${name}`] }));
  body.append('0', file);
  return body;
}
