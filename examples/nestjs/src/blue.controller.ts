import { createReceiver } from '@blue-webhooks/core';
import { blueWebhook, type NodeRequest } from '@blue-webhooks/express';
import { Controller, Inject, Next, Post, Req, Res } from '@nestjs/common';
import type { NextFunction, Response } from 'express';
import { Records } from './records';

@Controller('webhooks/blue')
export class BlueController {
  readonly #receive;

  constructor(@Inject(Records) records: Records) {
    const receiver = createReceiver({ secret: process.env.BLUE_WEBHOOK_SECRET }).on(
      'TODO_CREATED',
      ({ currentValue }) => records.add(currentValue.id, currentValue.title),
    );
    this.#receive = blueWebhook(receiver);
  }

  @Post()
  receive(@Req() req: NodeRequest, @Res() res: Response, @Next() next: NextFunction): Promise<void> {
    return this.#receive(req, res, next);
  }
}
