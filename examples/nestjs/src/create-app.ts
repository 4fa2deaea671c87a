import 'reflect-metadata';
import type { NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module';

/** Creates the app. `rawBody` keeps the bytes that Blue signed; Nest's parser rejects bodies over 100 kB by default. */
export async function createApp(options: NestApplicationOptions = {}): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, { ...options, rawBody: true });
  return app.useBodyParser('json', { limit: '5mb' });
}
