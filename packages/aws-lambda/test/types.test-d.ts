import { createReceiver } from '@blue-webhooks/core';
import type {
  ALBHandler,
  APIGatewayProxyHandler,
  APIGatewayProxyHandlerV2,
  APIGatewayProxyHandlerV2WithJWTAuthorizer,
  LambdaFunctionURLHandler,
  SQSHandler,
} from 'aws-lambda';
import { blueWebhook } from '../src/index';

const handler = blueWebhook(createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }));

export const v1: APIGatewayProxyHandler = handler;
export const v2: APIGatewayProxyHandlerV2 = handler;
export const authorized: APIGatewayProxyHandlerV2WithJWTAuthorizer = handler;
export const url: LambdaFunctionURLHandler = handler;
export const alb: ALBHandler = handler;

// @ts-expect-error a queue's events are not HTTP requests
export const queue: SQSHandler = handler;
// @ts-expect-error an adapter takes a handler, not options
blueWebhook({ secret: 'a secret' });
