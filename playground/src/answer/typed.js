import {
  getArgumentValues,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  typeFromAST,
} from 'graphql';

/**
 * The data of an answer as the document and the schema know it: an object is `{ type, fields }`, and each of its
 * fields `{ name, key, args, value }`, so that nobody has to care for aliases and fragments.
 */
export function typed({ schema, document, operationName, variables }, data) {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!root || !data) return null;
  const fragments = new Map();
  for (const part of document.definitions) if (part.kind === 'FragmentDefinition') fragments.set(part.name.value, part);
  return object(root, [operation.selectionSet], data, { schema, fragments, variables });
}

function object(declared, sets, data, context) {
  // `Node` is the only abstract type, and an image the only node.
  const type = isAbstractType(declared) ? context.schema.getPossibleTypes(declared)[0] : declared;
  const nodes = new Map();
  for (const set of sets) collect(type, set, nodes, context);
  const fields = [];
  for (const [key, [node, ...others]] of nodes) {
    const definition = type.getFields()[node.name.value];
    if (!definition || !(key in data)) continue;
    const inside = [node, ...others].map((each) => each.selectionSet).filter(Boolean);
    const value = converted(getNamedType(definition.type), inside, data[key], context);
    fields.push({ name: node.name.value, key, args: () => args(definition, node, context), value });
  }
  return { type: type.name, fields };
}

function collect(type, set, nodes, context) {
  for (const part of set.selections) {
    if (part.kind === 'Field') {
      const key = (part.alias ?? part.name).value;
      nodes.set(key, [...(nodes.get(key) ?? []), part]);
      continue;
    }
    const fragment = part.kind === 'FragmentSpread' ? context.fragments.get(part.name.value) : part;
    if (fragment && applies(fragment.typeCondition, type, context.schema)) {
      collect(type, fragment.selectionSet, nodes, context);
    }
  }
}

function applies(condition, type, schema) {
  const wanted = condition && typeFromAST(schema, condition);
  return !wanted || wanted === type || (isAbstractType(wanted) && schema.isSubType(wanted, type));
}

function converted(type, sets, value, context) {
  if (Array.isArray(value)) return value.map((each) => converted(type, sets, each, context));
  if (value === null || typeof value !== 'object' || !isCompositeType(type)) return value;
  return object(type, sets, value, context);
}

function args(definition, node, { variables }) {
  try {
    return getArgumentValues(definition, node, variables);
  } catch {
    return {};
  }
}

/** The value of a field, by its name. */
export const valueOf = (object, name) => object?.fields.find((field) => field.name === name)?.value;
