import type { ContractRequest } from '@blue-webhooks/testing/adapter-contract';
import type { ALBEvent, APIGatewayProxyEvent, APIGatewayProxyEventV2, LambdaFunctionURLEvent } from 'aws-lambda';

type Headers = ContractRequest['headers'];

const valuesOf = (headers: Headers) => Object.entries(headers).map(([name, value]) => [name, [value].flat()] as const);

/** As API Gateway v1 has them: every value, under the name as it was sent. */
const lists = (headers: Headers): Record<string, string[]> => Object.fromEntries(valuesOf(headers));
/** As v1's other field and an ALB have them: the last value wins. */
const last = (headers: Headers): Record<string, string> =>
  Object.fromEntries(valuesOf(headers).map(([name, values]) => [name, values.at(-1) ?? '']));
/** As v2 and Function URLs have them: joined by commas. */
const joined = (headers: Headers): Record<string, string> =>
  Object.fromEntries(valuesOf(headers).map(([name, values]) => [name, values.join(',')]));
/** As all but v1 have them. */
const lowercase = <T>(headers: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

type Encoded = { body: string; isBase64Encoded: boolean };
const base64 = (body: Uint8Array): Encoded => ({ body: Buffer.from(body).toString('base64'), isBase64Encoded: true });

/** As text where it is text, in base64 where it is not. */
function asText(body: Uint8Array): Encoded {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    return { body: text, isBase64Encoded: false };
  } catch {
    return base64(body);
  }
}

/** The proxy's own headers, as they come with every request. */
const forwarded: Headers = {
  Host: 'hooks.example.com',
  'X-Amzn-Trace-Id': 'Root=1-5bdb40ca-556d8b0c50dc66f0511bf520',
  'X-Forwarded-For': '203.0.113.7',
  'X-Forwarded-Port': '443',
  'X-Forwarded-Proto': 'https',
};

const identity = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  sourceIp: '203.0.113.7',
  user: null,
  userAgent: 'axios/1.7.2',
  userArn: null,
};

function v1({ method, headers, body }: ContractRequest, encode: (body: Uint8Array) => Encoded): APIGatewayProxyEvent {
  return {
    resource: '/webhooks/blue',
    path: '/webhooks/blue',
    httpMethod: method,
    headers: last({ ...forwarded, ...headers }),
    multiValueHeaders: lists({ ...forwarded, ...headers }),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: null,
    stageVariables: null,
    requestContext: {
      accountId: '123456789012',
      apiId: 'qzt4bs2i3j',
      authorizer: null,
      domainName: 'qzt4bs2i3j.execute-api.eu-central-1.amazonaws.com',
      domainPrefix: 'qzt4bs2i3j',
      extendedRequestId: 'JKJaXmPLvHcESHA=',
      httpMethod: method,
      identity,
      path: '/prod/webhooks/blue',
      protocol: 'HTTP/1.1',
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      requestTime: '24/Nov/2026:10:06:11 +0000',
      requestTimeEpoch: 1_795_514_771_000,
      resourceId: 'us4z18',
      resourcePath: '/webhooks/blue',
      stage: 'prod',
    },
    ...(body.length === 0 ? { body: null, isBase64Encoded: false } : encode(body)),
  };
}

function v2(
  { method, headers, body }: ContractRequest,
  domainName: string,
  encode: (body: Uint8Array) => Encoded,
): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/webhooks/blue',
    rawQueryString: '',
    headers: lowercase(joined({ ...forwarded, ...headers })),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'r3pmxmplak',
      domainName,
      domainPrefix: 'r3pmxmplak',
      http: {
        method,
        path: '/webhooks/blue',
        protocol: 'HTTP/1.1',
        sourceIp: '203.0.113.7',
        userAgent: 'axios/1.7.2',
      },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '24/Nov/2026:10:06:11 +0000',
      timeEpoch: 1_795_514_771_000,
    },
    ...(body.length === 0 ? { isBase64Encoded: false } : encode(body)),
  };
}

function alb({ method, body }: ContractRequest, headers: Pick<ALBEvent, 'headers' | 'multiValueHeaders'>): ALBEvent {
  const targetGroupArn = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/hooks/49e9d65c45c6791a';
  return {
    requestContext: { elb: { targetGroupArn } },
    httpMethod: method,
    path: '/webhooks/blue',
    queryStringParameters: {},
    ...headers,
    ...asText(body),
  };
}

/** The same request as each of AWS's front doors hands it to a function. */
export const doors = {
  'API Gateway v1': (request: ContractRequest): APIGatewayProxyEvent => v1(request, asText),
  'API Gateway v1 with binary media types': (request: ContractRequest): APIGatewayProxyEvent => v1(request, base64),
  'API Gateway v2': (request: ContractRequest): APIGatewayProxyEventV2 =>
    v2(request, 'r3pmxmplak.execute-api.eu-central-1.amazonaws.com', asText),
  'a Function URL': (request: ContractRequest): LambdaFunctionURLEvent =>
    v2(request, 'r3pmxmplak.lambda-url.eu-central-1.on.aws', base64),
  'an ALB': (request: ContractRequest): ALBEvent =>
    alb(request, { headers: lowercase(last({ ...forwarded, ...request.headers })) }),
  'an ALB with multi-value headers': (request: ContractRequest): ALBEvent =>
    alb(request, { multiValueHeaders: lowercase(lists({ ...forwarded, ...request.headers })) }),
};
