import { Module } from '@nestjs/common';
import { BlueController } from './blue.controller';
import { Records } from './records';

@Module({ controllers: [BlueController], providers: [Records] })
export class AppModule {}
