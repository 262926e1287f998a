import { describeLimitStore } from '../contracts/limit-store-contract.ts';
import { createMemoryLimitStore } from './memory-limit-store.ts';

describeLimitStore('memory', async () => createMemoryLimitStore());
