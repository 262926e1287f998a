import { describeWorkerHeartbeats } from '../contracts/worker-heartbeats-contract.ts';
import { createMemoryHeartbeats } from './memory-heartbeats.ts';

describeWorkerHeartbeats('memory', async () => createMemoryHeartbeats());
