import { describePayloadStore } from '../contracts/payload-store-contract.ts';
import { createMemoryPayloadStore } from './memory-payload-store.ts';

describePayloadStore('memory', async () => createMemoryPayloadStore());
