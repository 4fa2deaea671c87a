import { Injectable, Logger } from '@nestjs/common';

/** Stands for your own service that works with Blue's records. */
@Injectable()
export class Records {
  readonly #logger = new Logger(Records.name);
  readonly titles = new Map<string, string>();

  add(id: string, title: string): void {
    this.titles.set(id, title);
    this.#logger.log(`New record: ${title}`);
  }
}
