import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { ApiContext } from './context';
import type { ApiSwitches } from './options';
import { blueSchema } from './schema';

/** A GraphQL request. */
export interface GraphQLRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The answer to a request: its HTTP status and its body. */
export interface GraphQLAnswer {
  readonly status: number;
  readonly body: object;
}

/** A document that fits the schema. */
export interface Prepared {
  readonly document: DocumentNode;
  readonly schema: GraphQLSchema;
  readonly kind: 'query' | 'mutation';
}

const MAX_DEPTH = 10;

type GraphQL = typeof import('graphql');
const schemas = new Map<string, GraphQLSchema>();

/** Loads graphql-js when the first request arrives, so that it is needed only for the API. */
async function load(): Promise<GraphQL> {
  try {
    return await import('graphql');
  } catch (cause) {
    throw new Error('The simulated API needs the package graphql: npm install --save-dev graphql@16', { cause });
  }
}

const failure = (status: number, code: string, message: string): GraphQLAnswer => ({
  status,
  body: { errors: [{ message, extensions: { code } }] },
});

const MAX_DOCUMENTS = 200;
/** Caches parsed documents, since clients send the same ones repeatedly. */
const documents = new Map<string, Prepared | GraphQLAnswer>();

/** Parses and validates a document. Returns the executable document, or the response that refuses it. */
export async function prepare(request: GraphQLRequest, switches: ApiSwitches): Promise<Prepared | GraphQLAnswer> {
  const { generation, history, introspection, validationErrors } = switches;
  const key = `${generation} ${history} ${introspection} ${validationErrors} ${request.query}`;
  const known = documents.get(key);
  if (known) return known;
  const prepared = await examine(request, switches);
  if (documents.size >= MAX_DOCUMENTS) documents.clear();
  documents.set(key, prepared);
  return prepared;
}

function schemaOf(graphql: GraphQL, { generation, history }: ApiSwitches): GraphQLSchema {
  const name = `${generation} ${history}`;
  const text = blueSchema(generation);
  const schema = schemas.get(name) ?? graphql.buildSchema(history ? text : text.replace(/^ {2}todoActivity\(.*$/m, ''));
  schemas.set(name, schema);
  return schema;
}

async function examine({ query }: GraphQLRequest, switches: ApiSwitches): Promise<Prepared | GraphQLAnswer> {
  const graphql = await load();
  const { introspection, validationErrors } = switches;
  const schema = schemaOf(graphql, switches);
  let document: DocumentNode;
  try {
    document = graphql.parse(query);
  } catch {
    return failure(400, 'GRAPHQL_PARSE_FAILED', 'Syntax error.');
  }
  const rules = [...graphql.specifiedRules, ...(introspection ? [] : [graphql.NoSchemaIntrospectionCustomRule])];
  const [error] = graphql.validate(schema, document, rules);
  const problem = error?.message ?? (depthOf(graphql, document) > MAX_DEPTH ? 'The query is too deep.' : undefined);
  if (problem !== undefined) {
    return validationErrors === 'coded'
      ? failure(400, 'GRAPHQL_VALIDATION_FAILED', problem)
      : failure(200, 'INTERNAL_SERVER_ERROR', 'Internal server error');
  }
  const operation = document.definitions.find((each) => each.kind === 'OperationDefinition');
  const kind = operation?.kind === 'OperationDefinition' && operation.operation === 'mutation' ? 'mutation' : 'query';
  return { document, schema, kind };
}

/** Runs a document. */
export async function run(
  { document, schema }: Prepared,
  { variables }: GraphQLRequest,
  rootValue: object,
  contextValue: ApiContext,
): Promise<GraphQLAnswer> {
  const graphql = await load();
  const result = await graphql.execute({ schema, document, rootValue, contextValue, variableValues: variables });
  const errors = result.errors?.map(({ message, path, originalError, extensions }) => {
    if (extensions.code !== undefined) return { message, path, extensions };
    const coded = originalError ? 'INTERNAL_SERVER_ERROR' : path ? 'INTERNAL_SERVER_ERROR' : 'BAD_USER_INPUT';
    return {
      message: coded === 'BAD_USER_INPUT' ? message : 'Internal server error',
      path,
      extensions: { code: coded },
    };
  });
  return { status: 200, body: { ...(errors ? { errors } : {}), data: result.data ?? null } };
}

/** Returns the root fields of a document, in order. */
export function rootFieldsOf({ document }: Prepared): readonly string[] {
  return document.definitions.flatMap((each) =>
    each.kind === 'OperationDefinition'
      ? each.selectionSet.selections.map((field) => (field.kind === 'Field' ? field.name.value : '...'))
      : [],
  );
}

function depthOf(graphql: GraphQL, document: DocumentNode): number {
  let depth = 0;
  let deepest = 0;
  graphql.visit(document, {
    Field: {
      enter: () => {
        depth += 1;
        deepest = Math.max(deepest, depth);
      },
      leave: () => {
        depth -= 1;
      },
    },
  });
  return deepest;
}
