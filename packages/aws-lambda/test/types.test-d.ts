import { createReceiver } from '@blue-webhooks/core';
import type {
  ALBEvent,
  ALBResult,
  APIGatewayProxyEvent,
  APIGatewayProxyEventV2,
  APIGatewayProxyResult,
  APIGatewayProxyStructuredResultV2,
  LambdaFunctionURLEvent,
} from 'aws-lambda';
import { blueWebhook } from '../src/index';

const handler = blueWebhook(createReceiver({ secret: 'a secret' }));

export const v1: (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult> = handler;
export const v2: (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2> = handler;
export const url: (event: LambdaFunctionURLEvent) => Promise<APIGatewayProxyStructuredResultV2> = handler;
export const alb: (event: ALBEvent) => Promise<ALBResult> = handler;
