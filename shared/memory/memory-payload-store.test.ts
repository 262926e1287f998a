import { describePayloadStore } from '../contracts/payload-store-contract.ts';
import { systemClock } from '../ports/clock.ts';
import { createMemoryPayloadStore } from './memory-payload-store.ts';

describePayloadStore('memory', async () => createMemoryPayloadStore(systemClock));
